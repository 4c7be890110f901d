/**
 * What holds of formatting, whatever the program: it settles at once, changes neither meaning nor comments, and
 * leaves alone what does not parse.
 */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { format } from "../../compiler/format/format.ts";
import { sourceFile, textOf } from "../../compiler/source/file.ts";
import { lex } from "../../compiler/syntax/lex.ts";
import { parse } from "../../compiler/syntax/parse.ts";
import { printSyntax } from "../../compiler/syntax/print.ts";
import { damaged } from "../support/damaged.ts";
import { program, shipped } from "../support/programs.ts";

function formatted(text: string): string {
  return format(sourceFile("case.ftp", text)).text;
}

function parsed(text: string) {
  return parse(sourceFile("case.ftp", text));
}

function meaningOf(text: string): string {
  return printSyntax(parsed(text).file);
}

function commentsOf(text: string): string[] {
  return parsed(text)
    .file.comments.map((comment) => comment.text)
    .sort();
}

function expectSame(text: string): void {
  const once = formatted(text);
  expect(meaningOf(once)).toBe(meaningOf(text));
  expect(commentsOf(once)).toEqual(commentsOf(text));
  expect(formatted(once)).toBe(once);
}

test.each(shipped)("$path is formatted", ({ text }) => {
  expect(formatted(text)).toBe(text);
});

describe.each(shipped)("from another layout of $path", ({ path, text }) => {
  test("with Windows line ends comes the same, with Windows line ends", () => {
    expect(formatted(text.replaceAll("\n", "\r\n"))).toBe(text.replaceAll("\n", "\r\n"));
  });

  test("with tabs, wide blanks and no last line end comes the same", () => {
    const loose = text.replaceAll("\n  ", "\n\t ").replaceAll("\n\n", "\n \n\t\n\n").trimEnd();
    expect(formatted(loose)).toBe(text);
  });

  test("with a comment between any two words comes the same program", () => {
    const { tokens } = lex(sourceFile(path, text));
    // A few at a time, as each costs a parse.
    for (let at = 1; at < tokens.length; at += Math.ceil(tokens.length / 12)) {
      const { startOffset: start, image } = tokens[at];
      const touches = /[\w)\]]/.test(text[start - 1]) && /^[([]/.test(image);
      if (touches) continue;
      expectSame(`${text.slice(0, start)} // remark\n  ${text.slice(start)}`);
    }
  });
});

test("programs in any layout, with comments anywhere, keep their meaning", () => {
  const property = fc.property(program, (text) => {
    expect(parsed(text).diagnostics).toEqual([]);
    expectSame(text);
  });
  fc.assert(property, { numRuns: 200 });
});

test("an item that does not parse keeps every letter", () => {
  const property = fc.property(damaged, (text) => {
    const once = formatted(text);
    const broken = parsed(text).stretches.filter(({ sound }) => sound === undefined);
    for (const { span } of broken) expect(once).toContain(textOf(span));
    expect(formatted(once)).toBe(once);
  });
  fc.assert(property, { numRuns: 60 });
});
