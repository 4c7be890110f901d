/** Golden cases of the formatter. */

import { describe, expect } from "vitest";
import { format } from "../../compiler/format/format.ts";
import { sourceFile } from "../../compiler/source/file.ts";
import { goldenCases } from "../support/golden.ts";

describe("format", () => {
  goldenCases(new URL("./format/", import.meta.url), {
    formatted(source) {
      const { text } = format(sourceFile("case.ftp", source));
      expect(format(sourceFile("case.ftp", text)).text).toBe(text);
      return text;
    },
  });
});
