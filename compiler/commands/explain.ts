/** `ftc explain CODE|SLUG`: the page of a diagnostic; all codes where none is named. */

import { createColors } from "picocolors";
import { bug } from "../bug.ts";
import { codeOf, codes, type Slug } from "../diagnostics/codes.ts";
import { nearestCode, pageOf, slugOf } from "../diagnostics/explain.ts";
import { command, exit, flag, type Output, optional, UsageError, writeJson } from "./command.ts";

export const explain = command({
  name: "explain",
  summary: "say what a diagnostic means and show a program that causes it, mended",
  parameters: {
    code: optional("CODE", "FT501 or no-such-layer; all of them when left out"),
    json: flag("--json", "print JSON"),
  },
  async run(io, { code: named, json }) {
    if (named === undefined) {
      // `codes` is written as a constant, so its keys are the slugs and nothing else.
      const all = (Object.keys(codes) as Slug[]).map((slug) => ({ code: codeOf(slug), slug }));
      if (json) writeJson(io.stdout, all);
      else for (const { code, slug } of all) io.stdout.write(`${code} ${slug}\n`);
      return exit.done;
    }
    const slug = slugOf(named);
    if (slug === undefined) throw new UsageError(noSuchCode(named));
    const page = pageOf(slug) ?? bug(`${codeOf(slug)} has no page`);
    if (json) writeJson(io.stdout, page);
    else writePage(io.stdout, page.text);
    return exit.done;
  },
});

function noSuchCode(named: string): string {
  const near = nearestCode(named);
  return `there is no code ${named}${near === undefined ? "; `ftc explain` lists them" : `; did you mean ${near}?`}`;
}

/** Markdown reads well as it is; a terminal gets its headings in bold. */
function writePage(output: Output, text: string): void {
  const { bold } = createColors(output.colours);
  output.write(text.replace(/^#+ .*$/gm, (heading) => bold(heading)));
}
