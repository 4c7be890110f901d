/** `map(columns)`: a transform written in the language: new columns, computed from each row alone. */

import { evaluated, RowFault } from "../expression.ts";
import type { ColumnType, RowExpression, RowMapping, RowSchema } from "../plan.ts";
import type { Row, Value } from "../row.ts";
import { rowsOf, type Stage, taggedArgument } from "../stage.ts";

export const map: Stage = async (input, args, context) => {
  const flow = rowsOf(input, "map");
  const mapping = taggedArgument(args, "columns", "mapping");
  const rows: Row[] = [];
  for (const row of flow.rows) {
    try {
      const values: Record<string, Value> = mapping.rest ? { ...row.values } : {};
      for (const [name, expression] of Object.entries(mapping.columns)) {
        values[name] = evaluated(expression, { columns: row.values, variables: {} });
      }
      rows.push({ ...row, values });
    } catch (thrown) {
      if (!(thrown instanceof RowFault)) throw thrown;
      context.log.add("row-does-not-fit", "error", thrown.message, row.origin);
    }
  }
  return { ...flow, rows, schema: flow.schema && mappedSchema(flow.schema, mapping) };
};

function mappedSchema(schema: RowSchema, mapping: RowMapping): RowSchema {
  const columns: Record<string, ColumnType> = mapping.rest ? { ...schema.columns } : {};
  for (const [name, expression] of Object.entries(mapping.columns)) {
    const type = typeOf(expression, schema.columns);
    if (type === undefined) delete columns[name];
    else columns[name] = type;
  }
  return { ...schema, columns };
}

/** Undefined where the row decides. */
function typeOf(
  expression: RowExpression,
  columns: Readonly<Record<string, ColumnType>>,
): ColumnType | undefined {
  switch (expression.kind) {
    case "column": {
      let type: ColumnType | undefined = { kind: "record", name: "row", columns };
      for (const name of expression.path)
        type = type?.kind === "record" ? type.columns[name] : undefined;
      return type;
    }
    case "join":
      return { kind: "string" };
    case "compare":
    case "and":
    case "or":
    case "not":
      return { kind: "bool" };
    case "select":
      return typeOf(expression.value, columns);
    case "literal":
      return literalType(expression.value);
    case "arithmetic":
      return typeOf(expression.left, columns);
    case "variable":
      return undefined;
    default:
      return expression satisfies never;
  }
}

function literalType(value: string | number | boolean | null): ColumnType | undefined {
  if (typeof value === "string") return { kind: "string" };
  if (typeof value === "boolean") return { kind: "bool" };
  if (value === null) return undefined;
  return { kind: Number.isInteger(value) ? "int" : "float" };
}
