/** Schemas of ours are used without being checked themselves: here they are. */

import { Ajv } from "ajv";
import { expect, test } from "vitest";
import lock from "../../runtime/lock.schema.json" with { type: "json" };
import plan from "../../runtime/plan.schema.json" with { type: "json" };
import { recordSchema } from "../../runtime/record.ts";
import { checkOf, dialect } from "../../runtime/schema.ts";

test.each<[string, object]>([
  ["locks", lock],
  ["plans", plan],
  ["records", recordSchema],
])("the schema of %s is one", (_, schema) => {
  expect(() => new Ajv(dialect).compile(schema)).not.toThrow();
});

test("a check says what is wrong, time after time", () => {
  const check = checkOf<{ readonly kind: string }>({
    type: "object",
    properties: { kind: { const: "lock" } },
  });
  expect(check()({ kind: "lock" })).toBe(true);
  expect(check()({ kind: "key" })).toBe(false);
  expect(check().errors).toEqual([expect.objectContaining({ keyword: "const" })]);
  expect(check()).toBe(check());
});
