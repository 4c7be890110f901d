/** Golden cases of pipelines: what `ftc check` and `ftc plan` say where steps, rows and models come together. */

import { describe } from "vitest";
import { goldenCases } from "../support/golden.ts";
import { shown } from "../support/pages.ts";

describe("pipelines", () => {
  goldenCases(new URL("../golden/pipelines/", import.meta.url), {
    diagnostics: async (source) => {
      const { stderr } = await shown(`\`\`\`ftp\n${source}\`\`\`\n`, "fails");
      return stderr.replace(/^wrote .*\n/m, "");
    },
  });
});
