/** Diagnostics on the error output, as the reader's terminal and the command line ask for them. */

import { counted, showCount } from "../../runtime/count.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { toJson } from "../diagnostics/json.ts";
import { renderAll } from "../diagnostics/render.ts";
import type { Io } from "./command.ts";

/** Nobody reads more at once, and what comes after is mostly of the same kind. */
const mostShown = 100;

export function showDiagnostics(io: Io, diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length === 0) return;
  if (io.style === "json") {
    for (const one of diagnostics) io.stderr.write(`${JSON.stringify(toJson(one))}\n`);
    return;
  }
  const short = io.style === "short";
  const text = renderAll(short ? diagnostics : firstOf(diagnostics), {
    colour: io.stderr.colours,
    style: short ? "short" : "full",
    columns: io.stderr.columns,
  });
  io.stderr.write(`${text}\n${short ? "" : "\n"}`);
  const errors = diagnostics.filter((one) => one.severity === "error").length;
  const warnings = diagnostics.length - errors;
  const parts = [
    errors > 0 ? counted(errors, "error") : "",
    warnings > 0 ? counted(warnings, "warning") : "",
  ];
  if (short) return;
  io.stderr.write(`${parts.filter((part) => part !== "").join(", ")}\n`);
  const more = diagnostics.length - mostShown;
  if (more > 0) {
    const others = more === 1 ? "other" : `${showCount(more)} others`;
    io.stderr.write(
      `${mostShown} are shown; --style=short says the ${others} too, each in a line\n`,
    );
  }
}

/** As many as are shown, in their order; where there are more, errors go before warnings. */
function firstOf(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  if (diagnostics.length <= mostShown) return diagnostics;
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const warnings = diagnostics.filter(({ severity }) => severity === "warning");
  const kept = new Set([...errors, ...warnings].slice(0, mostShown));
  return diagnostics.filter((one) => kept.has(one));
}
