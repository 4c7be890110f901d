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
  if (!context.log.hasErrors) checkMarks(rows, tokenizer, addsMarks, context.log);
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

/** A mark that the tokenizer does not know becomes several tokens, and the model never stops at it. No row decides that. */
function checkLiterals(flow: RowFlow, tokenizer: Tokenizer, log: FaultLog): void {
  const marks = new Set(flow.literals.flatMap((text) => text.match(markShape) ?? []));
  for (const mark of marks) {
    if (tokenizer.idOf(mark) !== undefined) continue;
    const end = endsText.test(mark) ? tokenizer.specials.end?.text : undefined;
    const own = end === undefined ? "" : `; its end mark is ${end}`;
    log.put({
      slug: "template-does-not-fit",
      severity: "warning",
      message: `the template writes ${mark}, which is no token of this tokenizer and would be learned in pieces${own}`,
      ...{ file: "", line: 0, count: flow.rows.length, examples: [] },
      written: mark,
      ...(end === undefined ? {} : { meant: end }),
    });
  }
}

/** `<|im_end|>`, `<|eot_id|>`, `<|endoftext|>`, `</s>`, `<eos>`. */
const endsText = /end(?!_header)|eot|eos|\/s/;

function checkMarks(
  rows: readonly TokenRow[],
  { specials }: Tokenizer,
  addsMarks: boolean,
  log: FaultLog,
): void {
  const { begin } = specials;
  if (begin === undefined) return;
  const why = addsMarks
    ? "the template writes one and `marks = true` adds another; a template writes every mark that its model expects"
    : "the template writes both; a model expects one";
  for (const { tokens, origin } of rows) {
    if (tokens[0] !== begin.id || tokens[1] !== begin.id) continue;
    const message = `the text begins with ${begin.text} twice: ${why}`;
    log.add("begin-mark-twice", "error", message, origin);
  }
}

function firstOrigin(flow: RowFlow): Origin {
  return flow.rows.length === 0 ? { file: "", line: 0 } : flow.rows[0].origin;
}
