/**
 * What a library's author is told: modules that nobody uses, each with one mistake, which is said once and where it
 * is; and modules that are right though it takes some thought to see it, of which nothing is said.
 */

import { describe, expect, test } from "vitest";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { renderAll } from "../../compiler/diagnostics/render.ts";
import { textOf } from "../../compiler/source/file.ts";
import { checkDefinitions } from "../../compiler/types/check.ts";
import { applied } from "../support/applied.ts";
import { loaded } from "../support/library.ts";
import { adapters } from "./adapters.ts";
import { blocks } from "./blocks.ts";
import { functions } from "./functions.ts";
import type { Mistake } from "./mistake.ts";
import { right } from "./right.ts";
import { rows } from "./rows.ts";
import { tensors } from "./tensors.ts";
import { training } from "./training.ts";
import { undecided } from "./undecided.ts";

/** What the modules of the tables import. */
const imports = `import std/nn.{Linear, Embedding, RmsNorm, silu, dropout}
import std/chat.{Chat, Message, Role}
`;

const tables: Readonly<Record<string, readonly Mistake[]>> = {
  functions,
  tensors,
  blocks,
  adapters,
  rows,
  training,
};

describe.each(Object.entries(tables))("mistakes in %s", (_, table) => {
  test.each(table)("%s", (_says, slug, marked) => {
    const found = faultsOf(marked.replace(/[‹›]/g, ""));
    expect(found.map(({ slug, primary }) => [slug, textOf(primary.span)])).toEqual([
      [slug, /‹([^›]*)›/.exec(marked)?.[1]],
    ]);
    expect(found[0]?.primary.span.start).toBe(imports.length + marked.indexOf("‹"));
  });
});

describe("what is right", () => {
  test.each(right)("%s", (_says, source) => {
    expect(renderAll(faultsOf(source))).toBe("");
  });
});

describe("what cannot be decided", () => {
  test.each(undecided)("%s", (_says, source) => {
    const [first, ...others] = faultsOf(source);
    expect([first?.slug, ...others]).toEqual(["size-unproved"]);
    const edits = first?.fixes[0]?.edits ?? [];
    expect(renderAll(faultsOf(applied(`${imports}${source}`, edits).slice(imports.length)))).toBe(
      "",
    );
  });
});

function faultsOf(source: string): readonly Diagnostic[] {
  const program = loaded(`${imports}${source}`);
  return [...program.diagnostics, ...checkDefinitions(program.entry, program.diagnostics)];
}
