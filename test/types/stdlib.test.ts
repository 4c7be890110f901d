/** The standard library checks clean for all sizes, whatever of it a program uses. */

import { expect, test } from "vitest";
import { renderAll } from "../../compiler/diagnostics/render.ts";
import { checkDefinitions } from "../../compiler/types/check.ts";
import { libraryNames, loaded } from "../support/library.ts";

test.each(libraryNames)("std/%s has no faults", (name) => {
  const program = loaded(`import std/${name}\n`);
  const found = program.modules.flatMap((module) => checkDefinitions(module));
  expect(renderAll([...program.diagnostics, ...found])).toBe("");
});
