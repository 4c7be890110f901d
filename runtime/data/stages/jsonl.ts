/** `jsonl(path)`: one JSON object a line. Blank lines are passed over. */

import { messageOf } from "../../errors.ts";
import { isObject } from "../../json.ts";
import { eachLine } from "../lines.ts";
import { type Stage, schemaArgument, textArgument } from "../stage.ts";
import { RowReader } from "./read.ts";

export const jsonl: Stage = async (_input, args, context) => {
  const place = context.resolve(textArgument(args, "path"));
  const reader = new RowReader(schemaArgument(args), context);
  const file = await eachLine(place, context.log, (line, number) => {
    if (line.trim() === "") return;
    const origin = { file: place.name, line: number };
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (thrown) {
      const hint =
        number === 1 && line.trim() === "["
          ? "; the file is one JSON list, and must be one object a line"
          : "";
      const message = `this line is not JSON: ${messageOf(thrown)}${hint}`;
      context.log.add("broken-file", "error", message, origin, "not JSON");
      return;
    }
    if (isObject(value)) reader.take(value, origin);
    else {
      const what = Array.isArray(value) ? "a list" : value === null ? "null" : `a ${typeof value}`;
      context.log.add(
        "row-does-not-fit",
        "error",
        `a line must be a JSON object, and this one is ${what}`,
        origin,
      );
    }
  });
  if (file === undefined) return undefined;
  const flow = reader.finish();
  context.fileWasRead({ ...file, rows: flow.rows.length });
  return flow;
};
