/** Diagnostics on the error output, as the reader's terminal and the command line ask for them. */

import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { toJson } from "../diagnostics/json.ts";
import { renderAll } from "../diagnostics/render.ts";
import type { Io } from "./command.ts";

export function showDiagnostics(io: Io, diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length === 0) return;
  if (io.style === "json") {
    for (const one of diagnostics) io.stderr.write(`${JSON.stringify(toJson(one))}\n`);
    return;
  }
  const short = io.style === "short";
  const text = renderAll(diagnostics, {
    colour: io.stderr.colours,
    style: short ? "short" : "full",
    columns: io.stderr.columns,
  });
  io.stderr.write(`${text}\n${short ? "" : "\n"}`);
  const errors = diagnostics.filter((one) => one.severity === "error").length;
  const warnings = diagnostics.length - errors;
  const parts = [
    errors > 0 ? `${errors} error${errors > 1 ? "s" : ""}` : "",
    warnings > 0 ? `${warnings} warning${warnings > 1 ? "s" : ""}` : "",
  ];
  if (!short) io.stderr.write(`${parts.filter((part) => part !== "").join(", ")}\n`);
}
