/** Recovery: one broken item costs one fault, and no other item. */

import { describe, expect, test } from "vitest";
import { sourceFile } from "../../compiler/source/file.ts";
import type { File, Item } from "../../compiler/syntax/ast.ts";
import { lex } from "../../compiler/syntax/lex.ts";
import { parse } from "../../compiler/syntax/parse.ts";
import { printSyntax } from "../../compiler/syntax/print.ts";
import { itemWords } from "../../compiler/syntax/tokens.ts";
import { verifySyntax } from "../../compiler/syntax/verify.ts";
import { shipped } from "../support/programs.ts";
import { type Sample, samples } from "./samples.ts";

const modules = shipped.filter(({ path }) => /^(stdlib|pipelines)\//.test(path));

test.each([...samples, ...shipped])("$path has no fault", ({ path, text }) => {
  const { file, diagnostics } = parse(sourceFile(path, text));
  expect(diagnostics).toEqual([]);
  expect(verifySyntax(file)).toEqual([]);
});

describe.each([...samples, ...modules])("every other item is kept", ({ path, text }) => {
  const sights = sightsOf({ path, text });

  test(`with any token of ${path} left out`, () => {
    for (const sight of sights) {
      for (const { startOffset: start, image } of tokensIn(sight)) {
        expectKept(sight, start, spliced(sight.text, start, start + image.length, ""));
      }
    }
  });

  test(`with any token of ${path} doubled`, () => {
    for (const sight of sights) {
      for (const { startOffset: start, image } of tokensIn(sight)) {
        const end = start + image.length;
        expectKept(sight, start, spliced(sight.text, end, end, ` ${image}`));
      }
    }
  });
});

test("a fix that a machine may apply leaves no fault in its item", () => {
  for (const { path, text } of samples) {
    for (const { startOffset: start, image } of tokensOf({ path, text })) {
      const broken = text.slice(0, start) + text.slice(start + image.length);
      const [first] = parse(sourceFile(path, broken)).diagnostics;
      const [fix] = first?.fixes ?? [];
      if (fix?.edits === undefined || first.slug === "open-brace") continue;
      const edits = [...fix.edits].sort((one, other) => other.span.start - one.span.start);
      let mended = broken;
      for (const { span, text: put } of edits) {
        mended = mended.slice(0, span.start) + put + mended.slice(span.end);
      }
      const after = parse(sourceFile(path, mended)).diagnostics;
      const stillThere = after.filter(({ title }) => title === first.title);
      expect(stillThere, `${first.title}\n${mended.slice(start - 40, start + 40)}`).toEqual([]);
    }
  }
});

function tokensOf({ path, text }: Sample) {
  return lex(sourceFile(path, text)).tokens;
}

/** An item with those before and after it: a file is cut where items begin, so no harm reaches further. */
interface Sight {
  readonly text: string;
  /** Where the item stands. */
  readonly start: number;
  readonly end: number;
  /** The items around it, as they are printed. */
  readonly others: readonly string[];
}

function sightsOf({ path, text }: Sample): Sight[] {
  const { file } = parse(sourceFile(path, text));
  return file.items.map((item, at) => {
    const [before, after] = [file.items[at - 1], file.items[at + 1]];
    const from = before?.span.start ?? item.span.start;
    const { items, source, comments } = parse(
      sourceFile(path, text.slice(from, (after ?? item).span.end)),
    ).file;
    const others = items.filter((_, index) => index !== (before === undefined ? 0 : 1));
    return {
      text: source.text,
      start: item.span.start - from,
      end: item.span.end - from,
      others: others.map((other) => shown({ source, items, comments }, other)),
    };
  });
}

function tokensIn({ text, start, end }: Sight) {
  return tokensOf({ path: "sight.ftp", text }).filter(
    ({ startOffset }) => start <= startOffset && startOffset < end,
  );
}

function spliced(text: string, start: number, end: number, put: string): string {
  return text.slice(0, start) + put + text.slice(end);
}

/** The item that holds `at` may be broken; all others must be as they were, and there is one fault at most. */
function expectKept({ others }: Sight, at: number, broken: string): void {
  const { file, diagnostics } = parse(sourceFile("sight.ftp", broken));
  const context = broken.slice(Math.max(0, at - 30), at + 30);
  expect(verifySyntax(file), context).toEqual([]);
  expect(diagnostics.length, context).toBeLessThanOrEqual(1);
  const kept = file.items.map((item) => shown(file, item));
  expect(others.filter((other) => !kept.includes(other), context)).toEqual([]);
}

function shown(file: File, item: Item): string {
  return printSyntax({ ...file, items: [item] });
}

test("an item whose word is left out costs no other item its place", () => {
  for (const word of itemWords) {
    const text = `let one = 1\n\n${word.slice(0, -1)} x = 3\n\nlet two = 2\n`;
    const { file, diagnostics } = parse(sourceFile("word.ftp", text));
    const names = file.items.map((item) => ("name" in item ? item.name.text : ""));
    expect(names).toContain("one");
    expect(names).toContain("two");
    expect(diagnostics.length).toBe(1);
  }
});
