/** What can be wrong with windows that are well formed, and between two datasets. */

import { counted, showCount } from "../count.ts";
import { type Dataset, learnedCount } from "./dataset.ts";
import { type DataFault, examplesKept } from "./fault.ts";
import { markShape } from "./marked.ts";
import { identityOf, type TokenRow, type WindowFlow } from "./row.ts";

/** Rows in which nothing is learned, and windows that are none. */
export function windowFaults({ rows }: WindowFlow): readonly DataFault[] {
  const idle = rows.filter((row) => learnedCount(row) === 0);
  if (rows.length === 0)
    return [
      fault("nothing-to-learn", "error", "there are no rows, so there is nothing to learn", []),
    ];
  if (idle.length === 0) return [];
  const cut = idle.filter(({ text, learn }) => text.learn.length > 0 && !learn.includes(1));
  const unmarked = idle.filter(({ text }) => text.learn.length === 0);
  const none = idle.length === rows.length;
  const all = counted(rows.length, "row");
  const where = none
    ? `nothing is learned in any of ${all}`
    : `nothing is learned in ${showCount(idle.length)} of ${all}`;
  const found = (reason: string) =>
    fault("nothing-to-learn", none ? "error" : "warning", `${where}: ${reason}`, idle);
  if (cut.length > 0) {
    const of =
      cut.length === idle.length
        ? "what is to be learned"
        : `in ${showCount(cut.length)} of them what is to be learned`;
    return [found(`${of} was cut off with their ends`)];
  }
  const isMarked = unmarked.length < idle.length;
  const reason = isMarked
    ? "what is marked is their first token, and nothing stands before it from which it could be foretold"
    : none
      ? "the template marks nothing; what the model is to say goes into `learn { … }`"
      : "what is to be learned there is empty";
  return [{ ...found(reason), stage: "render" }];
}

/** Below this many rows practice finds prompting as good; the warning says so. */
const enoughExamples = 100;

/** For a dataset that is trained on. */
export function trainingFaults(dataset: Dataset): readonly DataFault[] {
  const { rows } = dataset.statistics;
  if (rows >= enoughExamples) return [];
  const message = `${counted(rows, "row")} to train on: a model takes over their form but little else from fewer than ${enoughExamples}; try prompting first`;
  // Of all rows, so none is an example of it.
  return [{ ...fault("few-examples", "warning", message, []), count: rows }];
}

/** For a dataset from which a model learns to write: it has to learn to stop as well. */
export function endMarkFaults({ rows, tokenizer, faults }: Dataset): readonly DataFault[] {
  // A mark that is no token cannot be the end mark that it was meant to be, which was said of it.
  if (faults.some(({ written }) => written !== undefined)) return [];
  // Nor has any row an end where all of them were cut off, which was said as well.
  if (faults.some(({ slug, count }) => slug === "rows-cut" && count >= rows.length)) return [];
  const isEnd = (id: number): boolean =>
    tokenizer.specials.stops.includes(id) || tokenizer.isSpecial(id);
  const learns = rows.some(({ tokens, learn }) =>
    tokens.some((id, at) => learn[at] === 1 && isEnd(id)),
  );
  if (learns) return [];
  const { end } = tokenizer.specials;
  const written = rows.filter(({ tokens }) => tokens.some(isEnd));
  const what = end?.text ?? "an end mark";
  const ways =
    written.length > 0
      ? `${what} stands outside of what is learned; put it into \`learn { … }\``
      : end === undefined
        ? "its tokenizer names no end mark"
        : `no row has ${what}; tokenize with \`end = true\`, or write it at the end of \`learn { … }\``;
  const found = fault(
    "end-mark-never-learned",
    "warning",
    `the model does not learn to stop in any of ${counted(rows.length, "row")}: ${ways}`,
    [],
  );
  const isMissing = written.length === 0 && end !== undefined;
  const said = { ...found, stage: "tokenize", count: rows.length };
  return [isMissing ? { ...said, meant: end.text } : said];
}

/** Answers shorter than this are said in many prompts by chance: a number, a yes, a name. */
const tellingAnswer = 24;

/** From this share of the rows on, an answer that stands in its own prompt is a habit of the data. */
const leakedShare = 0.5;

/** For a dataset that is trained on: rows whose whole answer stands in what comes before it. */
export function answerFaults(dataset: Dataset): readonly DataFault[] {
  const told = dataset.rows.filter(({ text: { text, learn } }) => {
    const [first] = learn;
    if (first === undefined) return false;
    const answer = text
      .slice(...first)
      .replace(markShape, "")
      .trim();
    return answer.length >= tellingAnswer && text.slice(0, first[0]).includes(answer);
  });
  if (told.length === 0 || told.length < leakedShare * dataset.rows.length) return [];
  const message = `in ${counted(told.length, "row")} of ${showCount(dataset.rows.length)} the whole answer stands in what comes before it, so copying is all that there is to learn`;
  return [fault("label-leak", "warning", message, told)];
}

/** For a dataset that a model with so many tokens reads: rows with a token that it has no place for. */
export function vocabularyFaults(dataset: Dataset, vocabulary: number): readonly DataFault[] {
  const beyond = dataset.rows.filter((row) => row.tokens.some((token) => token >= vocabulary));
  if (beyond.length === 0) return [];
  const token = beyond[0].tokens.find((id) => id >= vocabulary) ?? vocabulary;
  const name = dataset.tokenizer.tokenOf(token) ?? "";
  const message = `in ${counted(beyond.length, "row")} the tokenizer writes tokens that the model does not have, the first is ${token} (\`${name}\`) of ${vocabulary}; use the tokenizer that the model was trained with`;
  return [fault("token-beyond-vocabulary", "error", message, beyond)];
}

/** For a dataset that is trained on and one that is held out: rows that say the same in both. */
export function leakFaults(training: Dataset, heldOut: Dataset): readonly DataFault[] {
  const known = new Map(training.rows.map((row) => [identityOf(row), row]));
  const leaked = heldOut.rows.filter((row) => known.has(identityOf(row)));
  if (leaked.length === 0) return [];
  const first = known.get(identityOf(leaked[0]))?.origin;
  const where = first === undefined ? "" : `, the first at ${first.file}:${first.line}`;
  const message = `${counted(leaked.length, "row")} of ${heldOut.rows.length} held out ${leaked.length === 1 ? "is" : "are"} trained on too${where}, so the evaluation measures memory`;
  return [fault("leak", "error", message, leaked)];
}

function fault(
  slug: DataFault["slug"],
  severity: DataFault["severity"],
  message: string,
  rows: readonly TokenRow[],
): DataFault {
  const examples = rows.slice(0, examplesKept).map((row) => row.origin);
  const { file, line } = examples.length > 0 ? examples[0] : { file: "", line: 0 };
  return { slug, severity, message, file, line, count: rows.length, examples };
}
