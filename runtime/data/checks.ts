/** What can be wrong with windows that are well formed, and between two datasets. */

import { type Dataset, learnedCount } from "./dataset.ts";
import { counted, type DataFault, examplesKept } from "./fault.ts";
import { markShape } from "./marked.ts";
import { identityOf, type TokenRow, type WindowFlow } from "./row.ts";

/** Rows in which nothing is learned, and windows that are none. */
export function windowFaults(flow: WindowFlow): readonly DataFault[] {
  const idle = flow.rows.filter((row) => learnedCount(row) === 0);
  if (idle.length === 0 && flow.rows.length > 0) return [];
  const wasCut = idle.filter((row) => row.text.learn.length > 0 && !row.learn.includes(1));
  const none = idle.length === flow.rows.length;
  const reason =
    flow.rows.length === 0
      ? "there are no rows, so there is nothing to learn"
      : wasCut.length > 0
        ? `in ${counted(idle.length, "row")} nothing is learned; of ${wasCut.length} the learned part is what was cut off`
        : `in ${counted(idle.length, "row")} nothing is learned: nothing is marked there, or nothing but a first token, which has nothing before it to be foretold from`;
  return [fault("nothing-to-learn", none ? "error" : "warning", reason, idle)];
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
  const message = `in ${counted(told.length, "row")} of ${dataset.rows.length.toLocaleString("en-US")} the whole answer stands in what comes before it, so copying is all that there is to learn`;
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
