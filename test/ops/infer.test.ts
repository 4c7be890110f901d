/** Each rule on types, broken once: a bug that names the operation and shows both sides. */

import { describe, expect, test } from "vitest";
import { Bug } from "../../compiler/bug.ts";
import { isDtype } from "../../compiler/ops/attrs.ts";
import type { Attrs, TensorType } from "../../compiler/ops/op.ts";
import { type OpName, opOf } from "../../compiler/ops/table.ts";

interface Broken {
  readonly rule: string;
  readonly op: OpName;
  readonly args: readonly string[];
  readonly attrs: Attrs;
}

function broken(rule: string, op: OpName, args: readonly string[], attrs: Attrs = {}): Broken {
  return { rule, op, args, attrs };
}

const queries = ["f32[1,4,3,8]", "f32[1,2,5,8]", "f32[1,2,5,8]"];
const masks = ["i32[1,3]", "i32[1,5]", "i32[]"];
const chosen = { causal: true, scale: 0.5 };

const rules: readonly Broken[] = [
  broken("both sizes are equal", "add", ["f32[2,3]", "f32[3,2]"]),
  broken("both dtypes are equal", "add", ["f32[2]", "f16[2]"]),
  broken("bools do not add", "add", ["bool[2]", "bool[2]"]),
  broken("there are two", "add", ["f32[2]"]),
  broken("there are no attributes but its own", "add", ["f32[2]", "f32[2]"], { axis: 0 }),
  broken("unsigned numbers have no opposite", "negate", ["u32[2]"]),
  broken("only floats have an exponential", "exp", ["i32[2]"]),
  broken("only bools are negated", "not", ["i32[2]"]),
  broken("only bools are joined", "and", ["f32[2]", "f32[2]"]),
  broken("only floats have powers", "power", ["i32[2]", "i32[2]"]),
  broken("bools have no order", "less", ["bool[2]", "bool[2]"]),
  broken("a condition is bool", "select", ["f32[2]", "f32[2]", "f32[2]"]),
  broken("a condition has the shape of the choices", "select", ["bool[]", "f32[2]", "f32[2]"]),
  broken("both choices are alike", "select", ["bool[2]", "f32[2]", "i32[2]"]),
  broken("a cast is to a dtype", "cast", ["f32[2]"], { to: "bf16" }),
  broken("a constant is one of its dtype", "constant", [], { value: 0.5, dtype: "i32", shape: [] }),
  broken("a constant is finite", "constant", [], { value: Infinity, dtype: "f32", shape: [] }),
  broken("a count is along an axis", "iota", [], { shape: [2], axis: 1, dtype: "i32" }),
  broken("a seed is one u32", "random", ["i32[]"], { shape: [2], stream: 0 }),
  broken("a stream has 32 bits", "random", ["u32[]"], { shape: [2], stream: 2 ** 32 }),
  broken("axes exist", "reduceSum", ["f32[2,3]"], { axes: [2] }),
  broken("axes are in order", "reduceSum", ["f32[2,3]"], { axes: [1, 0] }),
  broken("axes are whole numbers", "reduceSum", ["f32[2,3]"], { axes: [0.5] }),
  broken("bools have no sum", "reduceSum", ["bool[2]"], { axes: [0] }),
  broken("a label an axis", "contract", ["f32[2,3]", "f32[3]"], {
    left: [0],
    right: [1],
    out: [0],
  }),
  broken("a label has one size", "contract", ["f32[2,3]", "f32[4]"], {
    left: [0, 1],
    right: [1],
    out: [0],
  }),
  broken("no label twice in one list", "contract", ["f32[2,2]", "f32[2]"], {
    left: [0, 0],
    right: [0],
    out: [],
  }),
  broken("a result's label is an operand's", "contract", ["f32[2]", "f32[2]"], {
    left: [0],
    right: [0],
    out: [1],
  }),
  broken("only floats are contracted", "contract", ["i32[2]", "i32[2]"], {
    left: [0],
    right: [0],
    out: [],
  }),
  broken("elements stay as many", "reshape", ["f32[2,3]"], { shape: [5] }),
  broken("an order names each axis", "transpose", ["f32[2,3]"], { order: [0, 0] }),
  broken("axes keep their sizes", "broadcast", ["f32[2]"], { shape: [3, 4], axes: [0] }),
  broken("size 1 does not stretch", "broadcast", ["f32[1]"], { shape: [3], axes: [0] }),
  broken("broadcast does not transpose", "broadcast", ["f32[2,3]"], {
    shape: [3, 2],
    axes: [1, 0],
  }),
  broken("a slice lies inside", "slice", ["f32[4]"], { starts: [2], sizes: [3] }),
  broken("a slice has a start an axis", "slice", ["f32[4,4]"], { starts: [2], sizes: [1] }),
  broken("zeros are before and after each axis", "pad", ["f32[4,4]"], { before: [1], after: [1] }),
  broken("there is something to join", "concat", [], { axis: 0 }),
  broken("parts are alike but along the axis", "concat", ["f32[2,3]", "f32[2,4]"], { axis: 0 }),
  broken("parts have one dtype", "concat", ["f32[2]", "f16[2]"], { axis: 0 }),
  broken("an index is i32", "gather", ["f32[4,2]", "u32[3]"]),
  broken("a scalar has no rows", "gather", ["f32[]", "i32[3]"]),
  broken("there is an update an index", "scatterAdd", ["i32[3]", "f32[2,4]"], { rows: 5 }),
  broken("a piece is of the target's dtype", "write", ["f32[4]", "f16[2]", "i32[]"], { axis: 0 }),
  broken("a piece is no longer than the target", "write", ["f32[4]", "f32[5]", "i32[]"], {
    axis: 0,
  }),
  broken("a position is one i32", "write", ["f32[4]", "f32[2]", "i32[1]"], { axis: 0 }),
  broken(
    "keys have the channels of queries",
    "attention",
    [queries[0], "f32[1,2,5,4]", queries[2], ...masks],
    chosen,
  ),
  broken(
    "a key head serves whole query heads",
    "attention",
    ["f32[1,3,3,8]", ...queries.slice(1), ...masks],
    chosen,
  ),
  broken(
    "each key has a segment",
    "attention",
    [...queries, masks[0], "i32[1,3]", masks[2]],
    chosen,
  ),
  broken("a scale is a number", "attention", [...queries, ...masks], {
    causal: true,
    scale: "one",
  }),
  broken(
    "out's gradient is as q",
    "attentionGradientQuery",
    [...queries, queries[0], "f32[1,4,3]", "f32[1,4,3]", ...masks],
    chosen,
  ),
  broken("logits are a matrix", "crossEntropy", ["f32[2,3,4]", "i32[2]", "bool[2]"]),
  broken("each row has a target", "crossEntropy", ["f32[4,7]", "i32[3]", "bool[4]"]),
  broken("where is bool", "crossEntropy", ["f32[4,7]", "i32[4]", "i32[4]"]),
];

describe("a broken rule is a bug", () => {
  test.each(rules)("$op: $rule", ({ op, args, attrs }) => {
    const infer = () => opOf(op).infer(args.map(typeOf), attrs);
    expect(infer).toThrow(Bug);
    expect(infer).toThrow(new RegExp(`^${op}\\b.*\\S`));
  });
});

test("a broken rule shows the types of all arguments", () => {
  const infer = () => opOf("add").infer([typeOf("f32[2,3]"), typeOf("f16[2,3]")], {});
  expect(infer).toThrow("its arguments are f32[2, 3], f16[2, 3]");
});

describe("what a rule gives", () => {
  const given: readonly [OpName, readonly string[], Attrs, readonly string[]][] = [
    ["less", ["f32[2,3]", "f32[2,3]"], {}, ["bool[2,3]"]],
    ["select", ["bool[2]", "f16[2]", "f16[2]"], {}, ["f16[2]"]],
    ["reduceSum", ["f32[2,3,4]"], { axes: [0, 2] }, ["f32[3]"]],
    ["gather", ["f16[9,4]", "i32[2,3]"], {}, ["f16[2,3,4]"]],
    ["scatterAdd", ["i32[2,3]", "f32[2,3,4]"], { rows: 9 }, ["f32[9,4]"]],
    ["attention", [...queries, ...masks], chosen, ["f32[1,4,3,8]", "f32[1,4,3]"]],
    ["crossEntropy", ["f16[4,7]", "i32[4]", "bool[4]"], {}, ["f32[4]", "f32[4]"]],
  ];
  test.each(given)("%s %j %j", (op, args, attrs, results) => {
    expect(opOf(op).infer(args.map(typeOf), attrs)).toEqual(results.map(typeOf));
  });

  const matrices = { left: [0, 1], right: [1, 2], out: [0, 2] };
  test("a contraction is as wide as its wider operand", () => {
    const inferred = opOf("contract").infer([typeOf("f16[2,3]"), typeOf("f32[3,4]")], matrices);
    expect(inferred).toEqual([typeOf("f32[2,4]")]);
  });

  test("a contraction is of the dtype that is asked for", () => {
    const types = [typeOf("f16[2,3]"), typeOf("f16[3,4]")];
    const inferred = opOf("contract").infer(types, { ...matrices, to: "f32" });
    expect(inferred).toEqual([typeOf("f32[2,4]")]);
  });
});

/** `f32[2,3]` */
function typeOf(text: string): TensorType {
  const [, dtype, sizes] = /^(\w+)\[(.*)\]$/.exec(text) ?? [];
  if (!isDtype(dtype)) throw new Error(`${text} is no type`);
  return { dtype, shape: sizes === "" ? [] : sizes.split(",").map(Number) };
}
