/** Recovery: one broken item costs one fault, and no other item. */

import { expect, test } from "vitest";
import { sourceFile } from "../../compiler/source/file.ts";
import type { File, Item } from "../../compiler/syntax/ast.ts";
import { lex } from "../../compiler/syntax/lex.ts";
import { parse } from "../../compiler/syntax/parse.ts";
import { printSyntax } from "../../compiler/syntax/print.ts";
import { itemWords } from "../../compiler/syntax/tokens.ts";
import { verifySyntax } from "../../compiler/syntax/verify.ts";
import { libraryFiles, type Sample, samples } from "./samples.ts";

test.each([...samples, ...libraryFiles])("$path has no fault", ({ path, text }) => {
  const { file, diagnostics } = parse(sourceFile(path, text));
  expect(diagnostics).toEqual([]);
  expect(verifySyntax(file)).toEqual([]);
});

test.each(samples)("with any token of $path left out, every other item is kept", (sample) => {
  const expectKept = expectationOf(sample);
  for (const { startOffset: start, image } of tokensOf(sample)) {
    expectKept(start, sample.text.slice(0, start) + sample.text.slice(start + image.length));
  }
});

test.each(samples)("with any token of $path doubled, every other item is kept", (sample) => {
  const expectKept = expectationOf(sample);
  for (const { startOffset: start, image } of tokensOf(sample)) {
    const end = start + image.length;
    expectKept(start, `${sample.text.slice(0, end)} ${image}${sample.text.slice(end)}`);
  }
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

/** The item that holds `at` may be broken; all others must be as they were, and there is one fault at most. */
function expectationOf({ path, text }: Sample): (at: number, broken: string) => void {
  const whole = parse(sourceFile(path, text)).file;
  const items = whole.items.map((item) => ({ span: item.span, shown: shown(whole, item) }));
  return (at, broken) => {
    const { file, diagnostics } = parse(sourceFile(path, broken));
    const context = broken.slice(Math.max(0, at - 30), at + 30);
    expect(verifySyntax(file), context).toEqual([]);
    expect(diagnostics.length, context).toBeLessThanOrEqual(1);
    const kept = new Set(file.items.map((item) => shown(file, item)));
    const faulty = items.find(({ span }) => span.start <= at && at < span.end);
    expect(faulty, context).toBeDefined();
    const lost = items.filter((item) => item !== faulty && !kept.has(item.shown));
    expect(lost, context).toEqual([]);
  };
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
