/** Runs a compiled template over one row: text, and which of it is learned. */

import { listOf, type Scope, textOf, truthOf } from "./expression.ts";
import { type Marked, MarkedWriter } from "./marked.ts";
import type { TemplateInstruction, TemplateProgram } from "./plan.ts";
import type { Values } from "./row.ts";

/** Throws RowFault if the row lacks what the template writes. Of nested `learn`s the innermost decides. */
export function rendered(template: TemplateProgram, row: Values): Marked {
  const writer = new MarkedWriter();
  run(template.lines, { columns: row, variables: {} }, false, writer);
  return writer.finish();
}

/** The texts that the template itself writes. */
export function literalsOf(lines: readonly TemplateInstruction[]): readonly string[] {
  return lines.flatMap((line) => {
    switch (line.kind) {
      case "text":
        return [line.text];
      case "expression":
        return [];
      case "each":
      case "learn":
        return literalsOf(line.lines);
      case "when":
        return [...literalsOf(line.lines), ...literalsOf(line.otherwise)];
      default:
        return line satisfies never;
    }
  });
}

function run(
  lines: readonly TemplateInstruction[],
  scope: Scope,
  isLearned: boolean,
  writer: MarkedWriter,
): void {
  for (const line of lines) {
    switch (line.kind) {
      case "text":
        writer.write(line.text, isLearned);
        break;
      case "expression":
        writer.write(textOf(line.value, scope), isLearned);
        break;
      case "each":
        for (const item of listOf(line.list, scope)) {
          const variables = { ...scope.variables, [line.variable]: item };
          run(line.lines, { ...scope, variables }, isLearned, writer);
        }
        break;
      case "learn":
        run(
          line.lines,
          scope,
          line.condition === undefined || truthOf(line.condition, scope),
          writer,
        );
        break;
      case "when":
        run(truthOf(line.condition, scope) ? line.lines : line.otherwise, scope, isLearned, writer);
        break;
      default:
        line satisfies never;
    }
  }
}
