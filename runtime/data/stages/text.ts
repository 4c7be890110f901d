/** `text(path)`: one row `{ text }` for each paragraph; with `by = "line"` or `"file"` for each of those. */

import { planFault } from "../../errors.ts";
import { eachLine } from "../lines.ts";
import { type Stage, schemaArgument, textArgument } from "../stage.ts";
import { RowReader } from "./read.ts";

export const text: Stage = async (_input, args, context) => {
  const place = context.resolve(textArgument(args, "path"));
  const by = args.by === undefined ? "paragraph" : textArgument(args, "by");
  if (by !== "paragraph" && by !== "line" && by !== "file") planFault(`text by ${by}`);
  const reader = new RowReader(schemaArgument(args), context);
  let start = 0;
  let lines: string[] = [];
  const finishRow = (): void => {
    if (lines.some((line) => line.trim() !== "")) {
      reader.take({ text: lines.join("\n") }, { file: place.name, line: start });
    }
    lines = [];
  };
  const file = await eachLine(place, context.log, (line, number) => {
    if (by === "paragraph" && line.trim() === "") return finishRow();
    if (lines.length === 0) start = number;
    lines.push(line);
    if (by === "line") finishRow();
  });
  if (file === undefined) return undefined;
  finishRow();
  const flow = reader.finish();
  context.fileWasRead({ ...file, rows: flow.rows.length });
  return flow;
};
