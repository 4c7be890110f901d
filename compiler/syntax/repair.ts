/** A token more or less: what is missing is put in, what is too much is taken out, if the item then parses. */

import { createTokenInstance, type TokenType } from "chevrotain";
import { type Diagnostic, error, type Label, replace } from "../diagnostics/diagnostic.ts";
import { closerOf, indentOf, innermostOpen, isCloser, isOpener } from "./brackets.ts";
import { commaRules, placeOf } from "./messages.ts";
import { contextOf, endOffset, helps, kindOf, type Site, shown, spanOf } from "./site.ts";
import * as t from "./tokens.ts";

export function repaired(site: Site): Diagnostic | undefined {
  const { expected, rule, token, tokens, index, source } = site;
  const closer = expected === undefined ? undefined : forgottenCloser(site);
  if (closer !== undefined && helpsInserted(site, closer)) return inserted(site, closer);
  if (expected !== undefined && commaRules.has(rule) && helpsInserted(site, t.Comma)) {
    return inserted(site, t.Comma);
  }
  if (expected !== undefined && isSign(expected) && helpsInserted(site, expected)) {
    return inserted(site, expected);
  }
  // What a deletion leaves must parse whole: to delete up to a later line may delete what matters.
  if (index === 0 || site.attempt(tokens.toSpliced(index, 1)) !== undefined) return undefined;
  const at = spanOf(source, token);
  return error("syntax", {
    at,
    title: surplus(site),
    notes: contextOf(site),
    fixes: [replace(at, "", `remove ${shown(token)}`)],
  });
}

/** What a line lacks that opens a bracket, where the next line begins beside it and not inside. */
function forgottenCloser({ tokens, index, token, previous }: Site): TokenType | undefined {
  const opening = innermostOpen(tokens.slice(0, index));
  const beginsItsLine = previous !== undefined && previous.startLine !== token.startLine;
  if (opening === undefined || !beginsItsLine) return undefined;
  const isInside = (token.startColumn ?? 1) > indentOf(tokens, opening.index);
  return isInside ? undefined : closerOf(opening.token.tokenType);
}

function surplus({ token, previous }: Site): string {
  if (token.tokenType === previous?.tokenType && token.image === previous.image) {
    return `one ${shown(token)} is enough`;
  }
  if (isCloser(token.tokenType)) return `${shown(token)} closes nothing`;
  if (token.tokenType === t.Comma) return "no comma belongs here";
  return `${shown(token)} does not belong here`;
}

function helpsInserted(site: Site, type: TokenType): boolean {
  const { tokens, index, token } = site;
  const text = textOfSign(type);
  const place = token.startOffset;
  const made = createTokenInstance(
    type,
    text,
    place,
    place,
    token.startLine ?? 1,
    token.startLine ?? 1,
    token.startColumn ?? 1,
    token.startColumn ?? 1,
  );
  return helps(site, tokens.toSpliced(index, 0, made));
}

function inserted(site: Site, type: TokenType): Diagnostic {
  const { source, token, previous } = site;
  const text = textOfSign(type);
  const attaches = [t.Comma, t.Colon, t.RParen, t.RSquare, t.Dot].includes(type);
  const start = attaches && previous !== undefined ? endOffset(previous) : token.startOffset;
  const edit = { span: { file: source, start, end: start }, text: attaches ? text : `${text} ` };
  return error("syntax", {
    at: spanOf(source, token),
    title: `\`${text}\` is missing before ${shown(token)}`,
    secondary: openerLabel(site, type),
    notes: contextOf(site),
    fixes: [{ text: `insert ${text}`, edits: [edit] }],
  });
}

/** Where the bracket was opened that is not closed here. */
function openerLabel(site: Site, closer: TokenType): Label[] {
  if (!isCloser(closer)) return [];
  const opening = innermostOpen(site.tokens.slice(0, site.index));
  if (opening === undefined) return [];
  return [{ span: spanOf(site.source, opening.token), text: "opened here" }];
}

/** Signs alone can be inserted; a name or a value cannot be guessed. */
function isSign(type: TokenType): boolean {
  return typeof type.PATTERN === "string" || type === t.TightLParen || type === t.TightLSquare;
}

function textOfSign(type: TokenType): string {
  return (type.LABEL ?? "").replaceAll("`", "");
}

// No repair is known -----------------------------------------------------------------------------

export function unrepaired(site: Site): Diagnostic {
  const { source, token, previous, expected, rule, tokens } = site;
  const at = spanOf(source, token);
  const place = placeOf(rule);
  const notes = [...(place.holds === undefined ? [] : [place.holds]), ...contextOf(site)];
  if (site.complete) {
    return error("syntax", {
      at,
      title: `this ${kindOf(tokens[0])} is complete before ${shown(token)}`,
      notes: ["Every other item begins at the start of a line with its word."],
    });
  }
  const opensList =
    previous !== undefined && (isOpener(previous.tokenType) || previous.tokenType === t.Comma);
  const listEnds =
    expected === t.Return || (expected === t.RCurly && rule !== "body" && !commaRules.has(rule));
  if (expected === undefined || listEnds || (opensList && commaRules.has(rule))) {
    return error("syntax", {
      at,
      title: `${shown(token)} stands where ${place.noun} belongs`,
      notes,
    });
  }
  const after = previous === undefined ? "" : ` after ${shown(previous)}`;
  return error("syntax", {
    at,
    title: `${expected.LABEL ?? expected.name} belongs${after}, and here is ${shown(token)}`,
    secondary: openerLabel(site, expected),
    notes: contextOf(site),
  });
}
