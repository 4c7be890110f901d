/** One token for another: what was meant is tried, and offered if the item parses further with it. */

import type { TokenType } from "chevrotain";
import { type Diagnostic, error, replace } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/suggest.ts";
import type { Span } from "../source/file.ts";
import { placeOf } from "./messages.ts";
import { endOffset, helps, retyped, type Site, spanOf } from "./site.ts";
import * as t from "./tokens.ts";

interface Swap {
  readonly when: (site: Site) => boolean;
  readonly to: TokenType;
  readonly title: string;
  readonly text: string;
}

const swaps: readonly Swap[] = [
  {
    when: ({ token }) => token.tokenType === t.Colon,
    to: t.Equals,
    title: "`:` gives a type, and a value is given by `=`",
    text: "=",
  },
  {
    when: ({ token }) => token.tokenType === t.Equals,
    to: t.Colon,
    title: "`=` gives a value, and a type is given by `:`",
    text: ":",
  },
  {
    when: ({ token }) => token.tokenType === t.Equal,
    to: t.Equals,
    title: "`==` compares, and a value is given by `=`",
    text: "=",
  },
  {
    when: (site) => site.token.tokenType === t.Equals && asksForTruth(site),
    to: t.Equal,
    title: "`=` gives a value, and `==` compares",
    text: "==",
  },
  {
    when: ({ token }) => token.image === "and",
    to: t.And,
    title: "`and` is written `&&`",
    text: "&&",
  },
  {
    when: ({ token }) => token.image === "or",
    to: t.Or,
    title: "`or` is written `||`",
    text: "||",
  },
];

export function swapped(site: Site): Diagnostic | undefined {
  if (isLoose(site)) return loose(site);
  // A field may fail at its name, when what follows the name is the wrong sign.
  return swap(site, site.index) ?? swap(site, site.index + 1) ?? misspelt(site);
}

function swap(site: Site, index: number): Diagnostic | undefined {
  const token = site.tokens[index];
  if (token === undefined) return undefined;
  for (const { when, to, title, text } of swaps) {
    if (!when({ ...site, token, index })) continue;
    if (!helps(site, site.tokens.with(index, retyped(token, to)))) continue;
    const at = spanOf(site.source, token);
    return error("syntax", { at, title, fixes: [replace(at, text)] });
  }
  return undefined;
}

/** Whether the statement at hand is one that asks whether something is true. */
function asksForTruth({ tokens, index }: Site): boolean {
  const before = tokens.slice(0, index).reverse();
  const word = before.find(({ tokenType }) => tokenType !== t.Name && t.isWord(tokenType));
  return word?.tokenType === t.RequireWord || word?.tokenType === t.If;
}

/** `f (x)`, `h [0]` */
function isLoose({ token, previous }: Site): boolean {
  if (token.tokenType !== t.LParen && token.tokenType !== t.LSquare) return false;
  return previous !== undefined && /[\w)\]]$/.test(previous.image);
}

function loose(site: Site): Diagnostic | undefined {
  const { source, tokens, token, previous, index } = site;
  const isCall = token.tokenType === t.LParen;
  const tight = isCall ? t.TightLParen : t.TightLSquare;
  if (previous === undefined || !helps(site, tokens.with(index, retyped(token, tight))))
    return undefined;
  const gap: Span = { file: source, start: endOffset(previous), end: token.startOffset };
  return error("syntax", {
    at: spanOf(source, token),
    title: isCall
      ? "the parenthesis of a call touches what it calls"
      : "a bracket touches the value that it indexes",
    notes: ["A new line means nothing, so the space is all that parts two values."],
    fixes: [replace(gap, "", `${previous.image}${token.image}`)],
  });
}

/** `parm weight: …` */
function misspelt(site: Site): Diagnostic | undefined {
  const { source, token, index, rule } = site;
  if (token.tokenType !== t.Name) return undefined;
  const place = placeOf(rule);
  const meant = nearest(token.image, place.words ?? t.statementWords);
  const type = meant === undefined ? undefined : t.wordTokenOf(meant);
  if (meant === undefined || type === undefined) return undefined;
  if (!helps(site, site.tokens.with(index, retyped(token, type)))) return undefined;
  const at = spanOf(source, token);
  return error("syntax", {
    at,
    title:
      place.words === undefined
        ? `\`${token.image}\` is not a word of the language`
        : `\`${token.image}\` does not begin ${place.noun}`,
    notes: place.holds === undefined ? [] : [place.holds],
    fixes: [replace(at, meant)],
  });
}
