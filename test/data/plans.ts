/** Data plans in miniature, as the compiler would write them. */

import type {
  DataArg,
  DataStage,
  RowSchema,
  TemplateProgram,
  TokenizerReference,
} from "../../runtime/data/plan.ts";
import { type DataSession, dataSession } from "../../runtime/data/run.ts";
import { folderWith } from "../support/folder.ts";

export function stage(name: string, args: Readonly<Record<string, DataArg>> = {}): DataStage {
  return { stage: name, args };
}

/** `record Problem { question: string  answer: string }` */
export const problem: RowSchema = {
  kind: "row",
  name: "Problem",
  columns: { question: { kind: "string" }, answer: { kind: "string" } },
};

/** `"Q: {question}\nA: " learn { "{answer}<end>" }` */
export const asking: TemplateProgram = {
  kind: "template",
  name: "asking",
  lines: [
    { kind: "text", text: "Q: " },
    { kind: "expression", value: { kind: "column", path: ["question"] } },
    { kind: "text", text: "\nA: " },
    {
      kind: "learn",
      lines: [
        { kind: "expression", value: { kind: "column", path: ["answer"] } },
        { kind: "text", text: "<|end|>" },
      ],
    },
  ],
};

/** Bytes and two special tokens, trained on the text files `words.txt` of `session`. */
export const byteTokenizer: TokenizerReference = {
  kind: "trained-tokenizer",
  data: [stage("text", { path: "words.txt" })],
  column: "text",
  vocabulary: 258,
  special: ["<|end|>", "<|pad|>"],
  end: "<|end|>",
  padding: "<|pad|>",
};

/** A session over a folder with these files and `words.txt`. */
export function sessionWith(files: Readonly<Record<string, string | Uint8Array>>): DataSession {
  return dataSession(folderWith({ "words.txt": "words", ...files }));
}

/** Rows as JSON lines. */
export function lines(...rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}
