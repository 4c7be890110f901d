/** Completion of paths in an `adapt`: the names that the real model's tree has after what is written. */

import type { IToken } from "chevrotain";
import { type CompletionItem, CompletionItemKind } from "vscode-languageserver";
import { matches } from "../core/path.ts";
import { blocksOf } from "../core/tree.ts";
import type { PathStep } from "../syntax/ast.ts";
import {
  AdaptItem,
  Comma,
  Dot,
  DotDot,
  Freeze,
  LCurly,
  On,
  RCurly,
  Star,
  StarStar,
  TrainWord,
} from "../syntax/tokens.ts";
import { showType } from "../types/show.ts";
import type { Instance } from "../types/value.ts";
import type { Cursor } from "./cursor.ts";
import type { Analysis } from "./session.ts";
import { modelUnder, namesAfter } from "./tree-path.ts";

const openers = [On, TrainWord, Freeze];

export function pathNames(
  { program, pipeline }: Analysis,
  cursor: Cursor,
): readonly CompletionItem[] | undefined {
  if (cursor.item?.tokenType !== AdaptItem) return undefined;
  const start = cursor.before.findLastIndex((token) => openers.includes(token.tokenType));
  const path = cursor.before.slice(start + 1);
  if (start < 0 || !mayGoOn(path, cursor)) return undefined;
  const item = [...program.entry.items.values()].find(
    ({ span }) => span.start === cursor.item?.startOffset,
  );
  const root = item?.kind === "adapt" ? modelUnder(pipeline, item) : undefined;
  if (root === undefined) return [];
  const steps = stepsOf(path, cursor);
  const names = namesAfter(root, steps);
  const numbers = names.filter((name) => /^\d+$/.test(name));
  const words = names.filter((name) => !numbers.includes(name));
  return [
    ...words.map((name) => offered(root, steps, name, "")),
    ...(numbers.length === 0 ? [] : [numbered(numbers)]),
  ];
}

/** A path goes on at its start, after a dot, and in its braces. */
function mayGoOn(path: readonly IToken[], { open }: Cursor): boolean {
  const last = path.at(-1);
  if (last === undefined || last.tokenType === Dot) return true;
  const isInChoice = open?.tokenType === LCurly && path.includes(open);
  return isInChoice && (last.tokenType === LCurly || last.tokenType === Comma);
}

/** The steps that are complete; those of a choice that is open stand before its brace. */
function stepsOf(path: readonly IToken[], { open, word }: Cursor): readonly PathStep[] {
  const brace = open === undefined ? -1 : path.indexOf(open);
  const written = brace < 0 ? path : path.slice(0, brace);
  const steps: PathStep[] = [];
  const { file } = word;
  for (let at = 0; at < written.length; at++) {
    const { tokenType, image, startOffset } = written[at];
    const span = { file, start: startOffset, end: startOffset + image.length };
    if (tokenType === Dot) continue;
    if (tokenType === Star) steps.push({ kind: "any", span });
    else if (tokenType === StarStar) steps.push({ kind: "any-depth", span });
    else if (tokenType === LCurly) {
      const end = written.findIndex((token, place) => place > at && token.tokenType === RCurly);
      steps.push({ kind: "choice", choices: choicesIn(written.slice(at + 1, end), span), span });
      at = end;
    } else steps.push({ kind: "name", text: image, span });
  }
  return steps;
}

function choicesIn(tokens: readonly IToken[], span: PathStep["span"]) {
  return tokens.flatMap((token, at) => {
    if (token.tokenType === Comma || token.tokenType === DotDot) return [];
    if (tokens[at - 1]?.tokenType === DotDot) return [];
    const isRange = tokens[at + 1]?.tokenType === DotDot;
    return [{ text: token.image, last: isRange ? tokens[at + 2]?.image : undefined, span }];
  });
}

function offered(
  root: Instance,
  steps: readonly PathStep[],
  name: string,
  documentation: string,
): CompletionItem {
  const block = blocksOf(root).find(({ path }) => {
    const names = path.split(".");
    return names.at(-1) === name && matches(steps, names.slice(0, -1));
  });
  const detail = block === undefined ? undefined : showType(block);
  return { label: name, kind: CompletionItemKind.Field, detail, documentation };
}

function numbered(numbers: readonly string[]): CompletionItem {
  const last = numbers.map(Number).reduce((most, one) => Math.max(most, one), 0);
  return {
    label: "*",
    kind: CompletionItemKind.Value,
    detail: `every one of 0 to ${last}`,
    sortText: "0",
  };
}
