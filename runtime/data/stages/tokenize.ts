/**
 * `tokenize(tokenizer, end)`: text to tokens. All of a plain text is learned; of a marked one, what its
 * template marks. `end` adds the end mark to each row, learned where what it follows is.
 */

import type { Encoded, Tokenizer } from "../../tokenizer/tokenizer.ts";
import type { FaultLog, Origin } from "../fault.ts";
import { learnedTokens, learnedWhole, type Marked, markShape } from "../marked.ts";
import type { Row, RowFlow, TokenRow } from "../row.ts";
import { boolArgument, rowsOf, type Stage, taggedArgument } from "../stage.ts";

/** Rows given to the library at once: enough to keep its threads busy, few enough to keep memory low. */
const batch = 1024;

export const tokenize: Stage = async (input, args, context) => {
  const flow = rowsOf(input, "tokenize");
  const tokenizer = await context.tokenizer(
    taggedArgument(args, "tokenizer", "tokenizer", "trained-tokenizer"),
  );
  checkLiterals(flow, tokenizer, context.log);
  const addsEnd = boolArgument(args, "end", false);
  const addsMarks = boolArgument(args, "marks", false);
  const end = addsEnd ? tokenizer.specials.end?.id : undefined;
  if (addsEnd && end === undefined) {
    const message = "`end = true` asks for an end mark, and this tokenizer names none";
    context.log.add("template-does-not-fit", "error", message, firstOrigin(flow));
    return undefined;
  }
  const rows: TokenRow[] = [];
  for (let from = 0; from < flow.rows.length; from += batch) {
    const part = flow.rows
      .slice(from, from + batch)
      .map((row) => ({ row, text: textOf(row, context.log) }));
    const encoded = await tokenizer.encode(
      part.map(({ text }) => text.text),
      addsMarks,
    );
    part.forEach(({ row, text }, index) => {
      rows.push(tokenRow(row, text, encoded[index], end));
    });
  }
  if (!context.log.hasErrors) checkMarks(rows, tokenizer, context.log);
  return { kind: "tokens", rows, schema: flow.schema, tokenizer };
};

function textOf(row: Row, log: FaultLog): Marked {
  if (row.marked !== undefined) return row.marked;
  const { text } = row.values;
  if (typeof text === "string") return learnedWhole(text);
  log.add(
    "missing-column",
    "error",
    "there is no `text` to tokenize; render the rows first",
    row.origin,
  );
  return learnedWhole("");
}

function tokenRow(row: Row, text: Marked, encoded: Encoded, end: number | undefined): TokenRow {
  const learn = learnedTokens(text, encoded.starts, encoded.ends);
  const { values, origin } = row;
  if (end === undefined) return { tokens: encoded.ids, learn, text, values, origin };
  const { length } = encoded.ids;
  const tokens = new Int32Array(length + 1);
  tokens.set(encoded.ids);
  tokens[length] = end;
  const withEnd = new Uint8Array(length + 1);
  withEnd.set(learn);
  withEnd[length] = learn.at(-1) ?? 0;
  return { tokens, learn: withEnd, text, values, origin };
}

/** A mark that the tokenizer does not know becomes several tokens, and the model never stops at it. */
function checkLiterals(flow: RowFlow, tokenizer: Tokenizer, log: FaultLog): void {
  const marks = new Set(flow.literals.flatMap((text) => text.match(markShape) ?? []));
  for (const mark of marks) {
    if (tokenizer.idOf(mark) !== undefined) continue;
    const message = `the template writes ${mark}, which is no token of this tokenizer and would be learned in pieces`;
    log.add("template-does-not-fit", "warning", message, firstOrigin(flow));
  }
}

function checkMarks(rows: readonly TokenRow[], tokenizer: Tokenizer, log: FaultLog): void {
  const { begin, stops } = tokenizer.specials;
  if (begin !== undefined) {
    for (const { tokens, origin } of rows) {
      if (tokens[0] !== begin.id || tokens[1] !== begin.id) continue;
      const message = `the text begins with ${begin.text} twice; a template that writes it needs \`marks = false\``;
      log.add("begin-mark-twice", "error", message, origin);
    }
  }
  const isEnd = (id: number): boolean => stops.includes(id) || tokenizer.isSpecial(id);
  const learnsAny = rows.some(({ learn }) => learn.includes(1));
  const learnsEnd = rows.some(({ tokens, learn }) =>
    tokens.some((id, at) => learn[at] === 1 && isEnd(id)),
  );
  if (learnsAny && !learnsEnd) {
    const message =
      "no end mark is learned in any row, so the model would not learn to stop; put it into `learn`, or tokenize with `end = true`";
    log.put({
      slug: "end-mark-never-learned",
      severity: "warning",
      message,
      count: rows.length,
      ...rows[0].origin,
      examples: [rows[0].origin],
    });
  }
}

function firstOrigin(flow: RowFlow): Origin {
  return flow.rows.length === 0 ? { file: "", line: 0 } : flow.rows[0].origin;
}
