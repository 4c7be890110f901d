/**
 * A failed parse, in words. A fix that a machine may apply is one that was tried: with it, parsing gets at
 * least to a later line of the item.
 */

import type { IRecognitionException, IToken } from "chevrotain";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import type { SourceFile, Span } from "../source/file.ts";
import { itemWordFault, known } from "./habits.ts";
import { endFault } from "./open-brace.ts";
import { repaired, unrepaired } from "./repair.ts";
import { type Attempt, type Site, spanOf } from "./site.ts";
import { swapped } from "./swaps.ts";
import * as t from "./tokens.ts";

/** The fault of an item whose tokens did not parse. */
export function itemFault(
  source: SourceFile,
  tokens: readonly IToken[],
  fault: IRecognitionException,
  attempt: Attempt,
): Diagnostic {
  const index = tokens.indexOf(fault.token);
  const rule = fault.context.ruleStack.at(-1) ?? "";
  const expected = t.tokenOf(fault.message);
  if (index < 0) return endFault(source, tokens, rule, expected);
  const site: Site = {
    source,
    tokens,
    attempt,
    index,
    token: fault.token,
    previous: tokens[index - 1],
    rule,
    expected,
    complete: fault.name === "NotAllInputParsedException",
  };
  return itemWordFault(site) ?? swapped(site) ?? known(site) ?? repaired(site) ?? unrepaired(site);
}

/** The fault of the expression in a string's braces, if there is one. */
export function holeFault(
  source: SourceFile,
  hole: Span,
  tokens: readonly IToken[],
  fault: IRecognitionException | undefined,
  attempt: Attempt,
): Diagnostic | undefined {
  if (fault === undefined) return undefined;
  if (tokens.includes(fault.token)) return itemFault(source, tokens, fault, attempt);
  const inside: Span = { file: source, start: hole.start + 1, end: hole.end - 1 };
  return error("syntax", {
    at: inside,
    title: "the expression in these braces is cut short",
    fixes: [{ text: "\\{ and \\}, for braces as they are" }],
  });
}

/** An item, or an expression in a string, that nests deeper than can be read. */
export function depthFault(source: SourceFile, token: IToken): Diagnostic {
  return error("syntax", {
    at: spanOf(source, token),
    title: "this nests too deep to be read",
    notes: ["Forty brackets in each other, or four hundred operators in a row, are the most."],
    fixes: [{ text: "give a part of it a name, with let" }],
  });
}
