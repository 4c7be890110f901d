/** `// ftc: allow FT111 — why`: what it leaves out, what it does not, and how it may be written. */

import { describe, expect, test } from "vitest";
import { isAllowable } from "../../compiler/diagnostics/codes.ts";
import type { Diagnostic, Edit } from "../../compiler/diagnostics/diagnostic.ts";
import { slugOf } from "../../compiler/diagnostics/explain.ts";
import { renderAll } from "../../compiler/diagnostics/render.ts";
import { check } from "../../compiler/driver.ts";
import { format } from "../../compiler/format/format.ts";
import { sourceFile } from "../../compiler/source/file.ts";
import { parse } from "../../compiler/syntax/parse.ts";
import { goldenCases } from "../support/golden.ts";
import { loaded } from "../support/library.ts";

function found(source: string): readonly Diagnostic[] {
  return check(loaded(source), new Map()).diagnostics;
}

function slugs(source: string): string[] {
  return found(source).map(({ slug }) => slug);
}

const unread = "fn halved(x: float, scale: float) -> float {\n  return x / 2.0\n}\n";

describe("golden cases", () => {
  goldenCases(new URL("../golden/allow/", import.meta.url), {
    diagnostics: (source) => renderAll(found(source)),
  });
});

test("what is not allowed is found", () => {
  expect(slugs(unread)).toEqual(["never-read"]);
});

test.each([
  ["an em dash", "// ftc: allow FT111 — the layers give it"],
  ["an en dash", "// ftc: allow FT111 – the layers give it"],
  ["a hyphen", "// ftc: allow FT111 - the layers give it"],
  ["two hyphens", "// ftc: allow FT111 -- the layers give it"],
  ["a hyphen without a space", "// ftc: allow FT111-the layers give it"],
  ["a colon", "// ftc: allow FT111: the layers give it"],
  ["the slug", "// ftc: allow never-read — the layers give it"],
  ["a slug and a hyphen", "// ftc: allow never-read - the layers give it"],
  ["the number alone", "// ftc: allow 111 — the layers give it"],
  ["a reason of another script", "// ftc: allow FT111 — 後で使う"],
  ["no space after the slashes", "//ftc:allow FT111 — the layers give it"],
  ["a reason that names a code", "// ftc: allow FT111 — FT101 is why"],
])("a warning on the next line is left out: %s", (_, comment) => {
  expect(slugs(`${comment}\n${unread}`)).toEqual([]);
});

describe("the next line", () => {
  const comment = "// ftc: allow FT111 — the layers give it";

  test.each([
    ["is below other comments", `${comment}\n// another\n${unread}`],
    ["is below documentation", `${comment}\n/// Half.\n${unread}`],
    ["is below an empty line", `${comment}\n\n${unread}`],
    ["may be in the middle of an item", unread.replace("scale", `\n  ${comment}\n  scale`)],
    [
      "goes on where a parenthesis is open",
      `${comment}\n${unread.replace("x: float, scale: float", "\n  x: float,\n  scale: float\n")}`,
    ],
  ])("%s", (_, source) => {
    expect(slugs(source)).toEqual([]);
  });

  test("is not the line after it", () => {
    expect(slugs(`${comment}\nlet a = 1\n${unread}`)).toEqual(["never-read", "allow-unused"]);
  });

  test("is not the body of what begins there", () => {
    const block = "block One[D]() {\n  let part = Two[D]()\n}\nblock Two[D]() {\n}\n";
    expect(slugs(`${comment}\n${block}`)).toEqual(["never-read", "allow-unused"]);
  });
});

test("a comment allows all that its line has of its code", () => {
  const both = unread.replace("scale: float", "scale: float, shift: float");
  expect(slugs(both)).toEqual(["never-read", "never-read"]);
  expect(slugs(`// ftc: allow FT111 — the layers give both\n${both}`)).toEqual([]);
});

test("a comment with nothing to allow is not called so beside an error", () => {
  const source = `// ftc: allow FT111 — the layers give it\nlet a = 1\nlet a = 2\n`;
  expect(slugs(source)).toEqual(["defined-twice"]);
});

test("documentation above the comment stays that of the item", () => {
  const { items } = parse(
    sourceFile("a.ftp", `/// Half.\n// ftc: allow FT111 — the layers give it\n${unread}`),
  ).file;
  expect(items).toMatchObject([{ kind: "fn", doc: "Half." }]);
});

describe("a way out", () => {
  const comment = "// ftc: allow FT111 — the layers give it";

  function applied(source: string, edits: readonly Edit[]): string {
    return [...edits]
      .sort((one, other) => other.span.start - one.span.start)
      .reduce(
        (text, { span, text: put }) => text.slice(0, span.start) + put + text.slice(span.end),
        source,
      );
  }

  test.each([
    ["moves it above its line", unread.replace("{\n", `{ ${comment}\n`), `${comment}\n${unread}`],
    ["removes one that is unused", `let a = 1\n${comment}\nlet b = 2\n`, "let a = 1\nlet b = 2\n"],
    ["removes one at the end of the file", `let a = 1\n${comment}`, "let a = 1\n"],
    ["puts a dash in", `// ftc: allow FT111 it is given\n${unread}`, undefined],
    [
      "writes the code that is meant",
      `// ftc: allow never-raed — it is given\n${unread}`,
      undefined,
    ],
    ["writes the word that is meant", `// ftc: ignore FT111 — it is given\n${unread}`, undefined],
    ["takes a slash away", `/// ftc: allow FT111 — it is given\n${unread}`, undefined],
  ])("%s", (_, source, expected) => {
    const [fault] = found(source);
    const edits = fault.fixes[0]?.edits;
    if (edits === undefined) throw new Error(`nothing is offered for ${fault.title}`);
    const mended = applied(source, edits);
    if (expected !== undefined) expect(mended).toBe(expected);
    expect(slugs(mended)).toEqual([]);
  });

  test("gives each of two codes a line", () => {
    const source = `  // ftc: allow FT111, few-examples — both are meant\n${unread}`;
    const [fault] = found(source);
    expect(applied(source, fault.fixes[0]?.edits ?? [])).toBe(
      `  // ftc: allow FT111 — both are meant\n  // ftc: allow FT416 — both are meant\n${unread}`,
    );
  });
});

describe("the formatter keeps what is allowed", () => {
  const comment = "// ftc: allow FT111 — the layers give it";
  const long = Array.from({ length: 8 }, (_, at) => `parameter_${at}: float`).join(", ");

  test.each([
    ["above an item", `${comment}\n${unread}`],
    ["above documentation", `${comment}\n/// Half.\n${unread}`],
    ["below documentation", `/// Half.\n${comment}\n${unread}`],
    ["above a parameter", unread.replace("scale", `\n  ${comment}\n  scale`)],
    ["above a line that is broken", `${comment}\nfn f(${long}) -> float {\n  return 2.0\n}\n`],
  ])("%s", (_, source) => {
    expect(slugs(source)).toEqual([]);
    const { text, diagnostics } = format(sourceFile("a.ftp", source));
    expect(diagnostics).toEqual([]);
    expect(slugs(text)).toEqual([]);
    expect(text).toContain(comment);
  });
});

test("only what may be a warning is allowable", () => {
  expect(slugOf("FT111")).toSatisfy(isAllowable);
  expect(slugOf("FT501")).not.toSatisfy(isAllowable);
});
