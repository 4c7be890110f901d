/** Completion in what stands in a field of a step as a call of its own: `every(50steps, on = …)`, `best(eval.loss, …)`. */

import { type CompletionItem, CompletionItemKind } from "vscode-languageserver";
import { fieldCalls } from "../core/step-fields.ts";
import { Comma, Dot, Equals } from "../syntax/tokens.ts";
import type { Cursor } from "./cursor.ts";
import type { Analysis } from "./session.ts";

export interface StepCall {
  readonly word: string;
  /** The names of its arguments in order. The first is written without it. */
  readonly names: readonly string[];
  /** Signs between its parenthesis and the place. */
  readonly written: readonly string[];
}

/** The call of a step's field that is open at the place. */
export function stepCallAt({ before, open }: Cursor): StepCall | undefined {
  const at = open === undefined ? -1 : before.indexOf(open);
  const [field, equals, word] = before.slice(Math.max(0, at - 3), at);
  if (equals?.tokenType !== Equals || word === undefined) return undefined;
  const calls: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = fieldCalls;
  const names = Object.hasOwn(calls, field.image) ? calls[field.image][word.image] : undefined;
  return (
    names && { word: word.image, names, written: before.slice(at + 1).map(({ image }) => image) }
  );
}

export function stepCallNames(
  { pipeline }: Analysis,
  cursor: Cursor,
): readonly CompletionItem[] | undefined {
  const call = stepCallAt(cursor);
  const last = cursor.before.at(-1);
  if (call === undefined || last === undefined) return undefined;
  const { names, written } = call;
  if (last.tokenType === Dot) return written.at(-2) === "eval" ? [measured("loss", "")] : undefined;
  if (last.tokenType === Equals && written.at(-2) === "on") {
    return [...pipeline.datasets.keys()].map((label) => ({
      label,
      kind: CompletionItemKind.Variable,
      detail: "dataset",
    }));
  }
  if (written.length > 0 && last.tokenType !== Comma) return [];
  if (written.length === 0) return names[0] === "metric" ? [measured("eval.loss", "0")] : [];
  return names
    .filter((name, place) => place > 0 && !written.includes(name))
    .map((label) => ({
      label,
      kind: CompletionItemKind.Variable,
      insertText: `${label} = `,
    }));
}

function measured(label: string, sortText: string): CompletionItem {
  return {
    label,
    kind: CompletionItemKind.Field,
    detail: "the loss of the step's own evaluations",
    sortText: `${sortText}${label}`,
  };
}
