/** Config records from JSON and back: every type that a field may have. */

import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { fieldValues, jsonOf, schemaOf } from "../../compiler/core/config-values.ts";
import type { JsonObject } from "../../compiler/core/json.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { RecordItem } from "../../compiler/syntax/ast.ts";
import { checking } from "../../compiler/types/check.ts";
import { loaded } from "../support/library.ts";

const { entry } = loaded(`
enum Act { silu, gelu }

record Scaling {
  factor: float
  kind:   string = "linear"
}

record Config {
  width:   dim
  length:  tokens      = 512tok
  act:     Act         = gelu
  kinds:   list[Act]   = []
  table:   list[list[int]] = [[1, 2]]
  scaling: Scaling?
  theta:   float?
}
`);

const record = recordCalled("Config");
const fits = new Ajv().compile(schemaOf(entry, record));

/** The config as a fresh model would write it. */
function read(config: JsonObject): Record<string, unknown> {
  const found: Diagnostic[] = [];
  const values = fieldValues(checking(found), entry, record, new Map(Object.entries(config)));
  expect(found).toEqual([]);
  return Object.fromEntries([...values].map(([name, value]) => [name, jsonOf(value)]));
}

test("what is left out has its default, and is none where it may be absent", () => {
  expect(fits({ width: 8 })).toBe(true);
  expect(read({ width: 8 })).toEqual({
    width: 8,
    length: 512,
    act: "gelu",
    kinds: [],
    table: [[1, 2]],
    scaling: null,
    theta: null,
  });
});

test("cases, lists and records of a file are those of the config", () => {
  const config = {
    width: 8,
    length: 2048,
    act: "silu",
    kinds: ["gelu", "silu"],
    table: [[3], []],
    scaling: { factor: 2, kind: "yarn" },
    theta: 0.5,
  };
  expect(fits(config)).toBe(true);
  expect(read(config)).toEqual(config);
});

test.each([
  ["a size of 0", { width: 0 }],
  ["a case that the enum lacks", { width: 8, act: "relu" }],
  ["a case in a list that the enum lacks", { width: 8, kinds: ["relu"] }],
  ["a fraction in a list of whole numbers", { width: 8, table: [[0.5]] }],
  ["a record without a field", { width: 8, scaling: {} }],
  ["a record with one field too many", { width: 8, scaling: { factor: 2, more: 1 } }],
])("%s does not fit", (_, config) => {
  expect(fits(config)).toBe(false);
});

function recordCalled(name: string): RecordItem {
  const item = entry.items.get(name);
  if (item?.kind !== "record") throw new Error(`${name} is no record`);
  return item;
}
