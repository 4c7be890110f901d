/**
 * `pad(length, over)`: one document a window, filled up with padding. Columns that hold one number, bool or
 * case a row come along, one value a window: labels, scores.
 */

import type { ColumnType } from "../plan.ts";
import type { TokenRow, Value } from "../row.ts";
import { type Stage, tokensOf } from "../stage.ts";
import { emptyWindows, place, type WindowColumn, windowColumns } from "../windows.ts";
import { fittingRows, paddingOf } from "./fit.ts";

export const pad: Stage = async (input, args, context) => {
  const flow = tokensOf(input, "pad");
  const { rows, length } = fittingRows(flow, args, context);
  const windows = emptyWindows(rows.length, length, paddingOf(flow));
  rows.forEach((row, index) => {
    place(windows, index * length, 0, row);
  });
  const columns: Record<string, WindowColumn> = {};
  for (const [name, type] of Object.entries(flow.schema?.columns ?? {})) {
    const column = valueColumn(rows, name, type);
    if (column !== undefined) columns[name] = column;
  }
  return {
    kind: "windows",
    count: rows.length,
    length,
    columns: { ...columns, ...windowColumns(windows, length) },
    rows,
    windowOf: Int32Array.from(rows.keys()),
    tokenizer: flow.tokenizer,
  };
};

/** Undefined for a type that is not one value a row. A case is its position in its enum. */
function valueColumn(
  rows: readonly TokenRow[],
  name: string,
  type: ColumnType,
): WindowColumn | undefined {
  const shape: readonly number[] = [];
  switch (type.kind) {
    case "int":
      return {
        dtype: "i32",
        shape,
        data: Int32Array.from(rows, (row) => Number(row.values[name])),
      };
    case "float":
      return {
        dtype: "f32",
        shape,
        data: Float32Array.from(rows, (row) => Number(row.values[name])),
      };
    case "bool":
      return {
        dtype: "bool",
        shape,
        data: Uint8Array.from(rows, (row) => Number(row.values[name])),
      };
    case "enum":
      return {
        dtype: "i32",
        shape,
        data: Int32Array.from(rows, (row) => caseOf(row.values[name], type.cases)),
      };
    case "string":
    case "list":
    case "record":
    case "optional":
      return undefined;
    default:
      return type satisfies never;
  }
}

function caseOf(value: Value, cases: readonly string[]): number {
  return typeof value === "string" ? cases.indexOf(value) : -1;
}
