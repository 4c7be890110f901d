/** Rows against their record. */

import { describe, expect, test } from "vitest";
import type { ColumnType } from "../../runtime/data/plan.ts";
import { fittedRow, typeName } from "../../runtime/data/schema.ts";

const role: ColumnType = { kind: "enum", name: "Role", cases: ["user", "assistant"] };
const message: ColumnType = {
  kind: "record",
  name: "Message",
  columns: { role, content: { kind: "string" } },
};

/** The value of the only column, or why it does not fit. */
function fitted(value: unknown, type: ColumnType): unknown {
  const result = fittedRow({ c: value }, { kind: "row", name: "Row", columns: { c: type } });
  if (result.fits) return result.value.c;
  return result.misfit.kind === "unfit" ? result.misfit.message : `missing ${result.misfit.column}`;
}

describe("a value that fits", () => {
  test.each<[unknown, ColumnType, unknown]>([
    ["s", { kind: "string" }, "s"],
    [3, { kind: "int" }, 3],
    [3, { kind: "float" }, 3],
    [0.5, { kind: "float" }, 0.5],
    [true, { kind: "bool" }, true],
    ["user", role, "user"],
    [1, role, "assistant"],
    [["a"], { kind: "list", item: { kind: "string" } }, ["a"]],
    [{ role: "user", content: "", extra: 1 }, message, { role: "user", content: "" }],
    [null, { kind: "optional", item: { kind: "int" } }, null],
    [undefined, { kind: "optional", item: { kind: "int" } }, null],
    [4, { kind: "optional", item: { kind: "int" } }, 4],
  ])("%j", (value, type, expected) => {
    expect(fitted(value, type)).toEqual(expected);
  });
});

describe("a value that does not fit says what it is and what is wanted", () => {
  test.each<[unknown, ColumnType, string]>([
    [3, { kind: "string" }, "`c` is a number, not a value of type string"],
    [0.5, { kind: "int" }, "`c` is 0.5, not a value of type int"],
    [2 ** 53, { kind: "int" }, "`c` is 9007199254740992, not a value of type int"],
    ["1", { kind: "float" }, "`c` is a string, not a value of type float"],
    [null, { kind: "bool" }, "`c` is null, not a value of type bool"],
    ["usr", role, '`c` is "usr", not a value of type Role (user, assistant)'],
    [2, role, "`c` is a number, not a value of type Role (user, assistant)"],
    [{}, { kind: "list", item: role }, "`c` is an object, not a value of type list[Role]"],
    [
      [3],
      { kind: "list", item: { kind: "string" } },
      "`c[]` is a number, not a value of type string",
    ],
    [[], message, "`c` is a list, not a value of type Message"],
    [{ role: "user" }, message, "missing c.content"],
    [undefined, { kind: "int" }, "missing c"],
  ])("%j", (value, type, expected) => {
    expect(fitted(value, type)).toBe(expected);
  });
});

test("a column is not found on the prototype of objects", () => {
  const schema = { kind: "row", name: "Row", columns: { toString: { kind: "string" } } } as const;
  expect(fittedRow({}, schema)).toMatchObject({ fits: false });
});

test("types are written as in the language", () => {
  expect(typeName({ kind: "optional", item: { kind: "list", item: message } })).toBe(
    "list[Message]?",
  );
});
