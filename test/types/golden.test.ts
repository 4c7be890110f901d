/** Golden cases of checking definitions: what is said of a mistake, for all sizes. */

import { describe } from "vitest";
import { renderAll } from "../../compiler/diagnostics/render.ts";
import { checkDefinitions } from "../../compiler/types/check.ts";
import { goldenCases } from "../support/golden.ts";
import { loaded } from "../support/library.ts";

describe("definitions", () => {
  goldenCases(new URL("../golden/types/", import.meta.url), { diagnostics });
});

function diagnostics(source: string): string {
  const program = loaded(source);
  return renderAll([
    ...program.diagnostics,
    ...checkDefinitions(program.entry, program.diagnostics),
  ]);
}
