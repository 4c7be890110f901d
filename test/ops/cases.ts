/**
 * One list of small uses of every operation. The references, the gradients, the view forms and the kernels on a
 * device are all tested on it, so an operation is tested everywhere by what is added here.
 */

import { GraphBuilder } from "../../compiler/graph/builder.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { rounded } from "../../compiler/graph/interpret.ts";
import type { Attrs } from "../../compiler/ops/op.ts";
import { type OpName, opOf } from "../../compiler/ops/table.ts";
import { type NdArray, ndarray } from "../../compiler/tensor/ndarray.ts";
import { type RandomTensors, randomTensors } from "../support/random-tensors.ts";

export interface OpCase {
  /** Begins with the operation's name. */
  readonly title: string;
  readonly op: OpName;
  readonly attrs: Attrs;
  readonly args: readonly NdArray[];
  /** The results by which finite differences can be taken. */
  readonly differentiated: readonly number[];
}

/** One node between inputs `argument0`, … and outputs `result0`, … */
export function graphOf({ title, op, attrs, args }: OpCase): Graph {
  const builder = new GraphBuilder(title);
  const values = args.map((arg, at) => builder.input(`argument${at}`, "weight", arg));
  builder.apply(op, values, attrs).forEach((result, at) => {
    builder.output(`result${at}`, result);
  });
  return builder.build();
}

export function inputsOf({ args }: OpCase): Record<string, NdArray> {
  return Object.fromEntries(args.map((arg, at) => [`argument${at}`, arg]));
}

type Make = (random: RandomTensors) => readonly NdArray[];

function of(
  op: OpName,
  about: string,
  attrs: Attrs,
  make: Make,
  differentiated: readonly number[] = [0],
): OpCase {
  const title = `${op}: ${about}`;
  return { title, op, attrs, args: make(randomTensors(title)), differentiated };
}

// Elementwise -----------------------------------------------------------------------------------

const anyFloat: Make = ({ float }) => [float([3, 5])];
const positive: Make = ({ float }) => [float([3, 5], [0.2, 4])];
const twoFloats: Make = ({ float }) => [float([3, 5]), float([3, 5])];
const twoWholes: Make = ({ whole }) => [whole([24], [-9, 9]), whole([24], [-3, 3])];

const unary: OpCase[] = [
  of("negate", "floats", {}, anyFloat),
  of("negate", "integers, the least of which wraps", {}, () => [
    ndarray("i32", [4], [0, 7, -7, -(2 ** 31)]),
  ]),
  of("absolute", "floats", {}, anyFloat),
  of("absolute", "integers", {}, ({ whole }) => [whole([17], [-9, 9])]),
  of("exp", "floats", {}, anyFloat),
  of("exp", "halves", {}, ({ float }) => [float([7], [-2, 2], "f16")]),
  of("log", "positive floats", {}, positive),
  of("sqrt", "positive floats", {}, positive),
  of("rsqrt", "positive floats", {}, positive),
  of("sin", "floats", {}, anyFloat),
  of("cos", "floats", {}, anyFloat),
  of("tanh", "floats", {}, anyFloat),
  of("sigmoid", "floats", {}, anyFloat),
  of("floor", "floats on both sides of zero", {}, anyFloat),
  of("sign", "floats", {}, anyFloat),
  of("sign", "zero, where it jumps", {}, () => [ndarray("f32", [1], [0])], []),
  of("sign", "integers", {}, ({ whole }) => [whole([9], [-2, 2])]),
  of("finite", "the largest, infinities and what is not a number", {}, () => [
    ndarray("f32", [6], [0, -3.4e38, Infinity, -Infinity, Number.NaN, 1e-40]),
  ]),
  of("not", "bools", {}, ({ bool }) => [bool([9])]),
];

const binary: OpCase[] = [
  of("add", "floats", {}, twoFloats),
  of("add", "scalars", {}, ({ float }) => [float([]), float([])]),
  of("add", "halves", {}, ({ float }) => [
    float([2, 3], [-2, 2], "f16"),
    float([2, 3], [-2, 2], "f16"),
  ]),
  of("add", "integers that wrap", {}, () => [
    ndarray("i32", [3], [1, 2 ** 31 - 1, -(2 ** 31)]),
    ndarray("i32", [3], [2, 1, -1]),
  ]),
  of("add", "unsigned integers that wrap", {}, () => [
    ndarray("u32", [2], [2 ** 32 - 1, 5]),
    ndarray("u32", [2], [3, 6]),
  ]),
  of("add", "more elements than a workgroup has threads", {}, ({ float }) => [
    float([7, 331]),
    float([7, 331]),
  ]),
  of("subtract", "floats", {}, twoFloats),
  of("subtract", "unsigned integers below zero wrap", {}, () => [
    ndarray("u32", [2], [1, 5]),
    ndarray("u32", [2], [2, 3]),
  ]),
  of("multiply", "floats", {}, twoFloats),
  of("multiply", "integers whose product has more than 53 bits", {}, () => [
    ndarray("i32", [2], [2 ** 31 - 1, 123456789]),
    ndarray("i32", [2], [2 ** 31 - 1, -987654321]),
  ]),
  of("divide", "floats", {}, ({ float }) => [float([3, 5]), float([3, 5], [0.5, 2])]),
  of("divide", "integers, towards zero, by zero too", {}, twoWholes),
  of("remainder", "floats have the sign of the dividend", {}, () => [
    ndarray("f32", [4], [5.5, -5.5, 5.5, -5.5]),
    ndarray("f32", [4], [2, 2, -2, -2]),
  ]),
  of("remainder", "integers have the sign of the dividend", {}, twoWholes),
  of("power", "positive floats", {}, ({ float }) => [float([3, 5], [0.3, 3]), float([3, 5])]),
  // By exponents they have no gradient: those beside a whole one give no number.
  of(
    "power",
    "whole ones of negative floats, and of 0",
    {},
    () => [
      ndarray("f32", [8], [-2, -2, -2, -1.5, -3, 0, 0, -0.5]),
      ndarray("f32", [8], [3, 2, 0, -3, 1, 0, 2, 7]),
    ],
    [],
  ),
  of(
    "power",
    "whole ones of negative halves",
    {},
    () => [ndarray("f16", [3], [-2, -2, 0]), ndarray("f16", [3], [3, 2, 0])],
    [],
  ),
  of("minimum", "floats", {}, twoFloats),
  of("minimum", "integers", {}, twoWholes),
  of("maximum", "floats", {}, twoFloats),
  of("maximum", "integers", {}, twoWholes),
  of("and", "bools", {}, ({ bool }) => [bool([9]), bool([9])]),
  of("or", "bools", {}, ({ bool }) => [bool([9]), bool([9])]),
  of("equal", "integers", {}, twoWholes),
  of("equal", "bools", {}, ({ bool }) => [bool([9]), bool([9])]),
  of("notEqual", "integers", {}, twoWholes),
  of("less", "floats", {}, twoFloats),
  of("less", "integers", {}, twoWholes),
  of("lessEqual", "integers", {}, twoWholes),
];

const choices: OpCase[] = [
  of("select", "floats by bools", {}, ({ bool, float }) => [
    bool([3, 5]),
    float([3, 5]),
    float([3, 5]),
  ]),
  of("select", "integers by bools", {}, ({ bool, whole }) => [
    bool([9]),
    whole([9], [0, 9]),
    whole([9], [-9, 0]),
  ]),
  of("cast", "floats to halves", { to: "f16" }, anyFloat),
  of("cast", "halves to floats", { to: "f32" }, ({ float }) => [float([6], [-2, 2], "f16")]),
  of("cast", "floats to integers lose their fraction", { to: "i32" }, () => [
    ndarray("f32", [6], [-2.75, -0.5, 0, 0.5, 2.75, 9]),
  ]),
  of("cast", "integers to floats", { to: "f32" }, ({ whole }) => [whole([9], [-9, 9])]),
  of("cast", "bools to floats", { to: "f32" }, ({ bool }) => [bool([9])]),
  of("cast", "integers to bools", { to: "bool" }, ({ whole }) => [whole([9], [-1, 1])]),
  of("cast", "integers to unsigned ones keep their bits", { to: "u32" }, () => [
    ndarray("i32", [2], [-1, 5]),
  ]),
];

// Generated -------------------------------------------------------------------------------------

const none: Make = () => [];

const generated: OpCase[] = [
  of("constant", "a float everywhere", { value: 0.1, dtype: "f32", shape: [2, 3] }, none),
  of("constant", "a scalar", { value: -3, dtype: "i32", shape: [] }, none),
  of("constant", "a bool", { value: 1, dtype: "bool", shape: [4] }, none),
  of("iota", "along the first axis", { shape: [4, 3], axis: 0, dtype: "i32" }, none),
  of("iota", "along the last axis, as floats", { shape: [2, 5], axis: 1, dtype: "f32" }, none),
  of("random", "a stream", { shape: [3, 5], stream: 7 }, () => [ndarray("u32", [], [17])]),
  of("random", "the largest seed", { shape: [9], stream: 0 }, () => [
    ndarray("u32", [], [2 ** 32 - 1]),
  ]),
];

// Reduced ---------------------------------------------------------------------------------------

const cube: Make = ({ float }) => [float([3, 4, 5])];

const reduced: OpCase[] = [
  of("reduceSum", "over the last axis", { axes: [2] }, cube),
  of("reduceSum", "over the first axis", { axes: [0] }, cube),
  of("reduceSum", "over two axes with one between", { axes: [0, 2] }, cube),
  of("reduceSum", "over all axes", { axes: [0, 1, 2] }, cube),
  of("reduceSum", "over none", { axes: [] }, cube),
  of("reduceSum", "over long rows", { axes: [1] }, ({ float }) => [float([3, 1031])]),
  of("reduceSum", "over many rows", { axes: [0] }, ({ float }) => [float([517, 6])]),
  of("reduceSum", "integers", { axes: [1] }, ({ whole }) => [whole([3, 8], [-9, 9])]),
  of("reduceSum", "halves", { axes: [1] }, ({ float }) => [float([3, 8], [-2, 2], "f16")]),
  of("reduceMax", "over the last axis", { axes: [2] }, cube),
  of("reduceMax", "over negative numbers", { axes: [0, 1] }, ({ float }) => [
    float([4, 6], [-9, -5]),
  ]),
  of("reduceMax", "integers", { axes: [1] }, ({ whole }) => [whole([3, 8], [-9, -1])]),
  of("reduceMin", "over the middle axis", { axes: [1] }, cube),
  of("reduceMin", "integers", { axes: [1] }, ({ whole }) => [whole([3, 8], [1, 9])]),
];

// Contracted ------------------------------------------------------------------------------------

function contraction(
  about: string,
  left: readonly number[],
  right: readonly number[],
  out: readonly number[],
  sizes: readonly number[],
): OpCase {
  const shape = (labels: readonly number[]) => labels.map((label) => sizes[label]);
  return of("contract", about, { left, right, out }, ({ float }) => [
    float(shape(left)),
    float(shape(right)),
  ]);
}

const contracted: OpCase[] = [
  contraction("a product of matrices", [0, 1], [1, 2], [0, 2], [4, 5, 6]),
  contraction("the right one transposed", [0, 1], [2, 1], [0, 2], [4, 5, 6]),
  contraction("the left one transposed", [1, 0], [1, 2], [0, 2], [4, 5, 6]),
  contraction("the result transposed", [0, 1], [1, 2], [2, 0], [4, 5, 6]),
  contraction("a linear layer over batch and time", [0, 1, 2], [3, 2], [0, 1, 3], [2, 3, 8, 5]),
  contraction("the weight's gradient", [0, 1, 3], [0, 1, 2], [3, 2], [2, 3, 8, 5]),
  contraction("a batch in front", [0, 1, 2], [0, 2, 3], [0, 1, 3], [3, 4, 5, 6]),
  contraction("a batch in the middle", [1, 0, 2], [3, 0, 2], [1, 0, 3], [3, 4, 5, 6]),
  contraction(
    "two batches, two sums",
    [0, 1, 2, 3, 4],
    [1, 3, 0, 4, 5],
    [0, 5, 1, 2],
    [2, 3, 4, 2, 3, 5],
  ),
  contraction("an outer product", [0], [1], [0, 1], [4, 5]),
  contraction("a dot product", [0], [0], [], [9]),
  contraction("a product element by element", [0, 1], [1, 0], [0, 1], [3, 4]),
  contraction("a matrix and a vector", [0, 1], [1], [0], [5, 7]),
  contraction("a scalar and a matrix", [], [0, 1], [0, 1], [3, 4]),
  contraction("an axis that only one operand has, summed", [0, 1, 2], [1, 3], [3], [3, 4, 2, 5]),
  contraction("sizes that no tile divides", [0, 1], [2, 1], [0, 2], [37, 41, 67]),
  contraction("a low rank", [0, 1], [2, 1], [0, 2], [33, 130, 4]),
  of(
    "contract",
    "a half weight and float activations",
    { left: [0, 1], right: [2, 1], out: [0, 2] },
    ({ float }) => [float([4, 6]), float([5, 6], [-2, 2], "f16")],
  ),
  of(
    "contract",
    "halves summed into a float",
    { left: [0, 1], right: [1, 2], out: [0, 2], to: "f32" },
    ({ float }) => [float([3, 6], [-2, 2], "f16"), float([6, 4], [-2, 2], "f16")],
  ),
  of("contract", "halves", { left: [0, 1], right: [1, 2], out: [0, 2] }, ({ float }) => [
    float([3, 6], [-2, 2], "f16"),
    float([6, 4], [-2, 2], "f16"),
  ]),
];

// Moved -----------------------------------------------------------------------------------------

const moved: OpCase[] = [
  of("reshape", "an axis split in two", { shape: [2, 3, 2, 4] }, ({ float }) => [float([2, 3, 8])]),
  of("reshape", "axes joined", { shape: [6, 8] }, ({ float }) => [float([2, 3, 8])]),
  of("reshape", "axes that share no boundary", { shape: [4, 3, 4] }, ({ float }) => [
    float([6, 8]),
  ]),
  of("reshape", "axes of size 1 come and go", { shape: [3, 1, 4, 1] }, ({ float }) => [
    float([1, 3, 4]),
  ]),
  of("reshape", "one element becomes a scalar", { shape: [] }, ({ float }) => [float([1, 1])]),
  of("transpose", "a matrix", { order: [1, 0] }, ({ float }) => [float([3, 5])]),
  of("transpose", "three axes in a circle", { order: [2, 0, 1] }, cube),
  of("transpose", "heads", { order: [0, 2, 1, 3] }, ({ float }) => [float([2, 3, 4, 5])]),
  of("broadcast", "a scalar", { shape: [3, 4], axes: [] }, ({ float }) => [float([])]),
  of("broadcast", "a row", { shape: [3, 4], axes: [1] }, ({ float }) => [float([4])]),
  of("broadcast", "a column", { shape: [3, 4], axes: [0] }, ({ float }) => [float([3])]),
  of("broadcast", "an axis in the middle", { shape: [2, 5, 3], axes: [0, 2] }, ({ float }) => [
    float([2, 3]),
  ]),
  of("slice", "the middle", { starts: [1, 2], sizes: [2, 3] }, ({ float }) => [float([4, 6])]),
  of("slice", "everything", { starts: [0, 0], sizes: [4, 6] }, ({ float }) => [float([4, 6])]),
  of("slice", "integers", { starts: [3], sizes: [4] }, ({ whole }) => [whole([9], [0, 9])]),
  of("pad", "both sides of both axes", { before: [1, 2], after: [2, 1] }, ({ float }) => [
    float([2, 3]),
  ]),
  of("pad", "one end", { before: [0, 0], after: [0, 3] }, ({ float }) => [float([2, 3])]),
  of("concat", "two along the last axis", { axis: 1 }, ({ float }) => [
    float([3, 2]),
    float([3, 4]),
  ]),
  of("concat", "three along the first axis", { axis: 0 }, ({ float }) => [
    float([1, 4]),
    float([2, 4]),
    float([3, 4]),
  ]),
  of("concat", "one alone", { axis: 0 }, ({ float }) => [float([3])]),
];

// Picked ----------------------------------------------------------------------------------------

const picked: OpCase[] = [
  of("gather", "rows of a table, some twice", {}, ({ float, whole }) => [
    float([5, 4]),
    whole([2, 3], [0, 4]),
  ]),
  of("gather", "an index outside the table gives zeros", {}, ({ float }) => [
    float([3, 2]),
    ndarray("i32", [4], [2, -1, 3, 0]),
  ]),
  of("gather", "single numbers", {}, ({ float, whole }) => [float([6]), whole([8], [0, 5])]),
  of("scatterAdd", "rows that are named twice add up", { rows: 5 }, ({ float, whole }) => [
    whole([2, 4], [0, 4]),
    float([2, 4, 3]),
  ]),
  of("scatterAdd", "an index outside is left out", { rows: 3 }, ({ float }) => [
    ndarray("i32", [4], [2, -1, 3, 2]),
    float([4, 2]),
  ]),
  of("write", "a piece in the middle", { axis: 1 }, ({ float }) => [
    float([2, 6, 3]),
    float([2, 2, 3]),
    ndarray("i32", [], [3]),
  ]),
  of("write", "a piece before the start is moved to it", { axis: 0 }, ({ float }) => [
    float([5, 2]),
    float([2, 2]),
    ndarray("i32", [], [-7]),
  ]),
  of("write", "a piece beyond the end is moved to it", { axis: 1 }, ({ float }) => [
    float([2, 6]),
    float([2, 4]),
    ndarray("i32", [], [5]),
  ]),
  of("write", "a piece at the end", { axis: 0 }, ({ whole }) => [
    whole([5], [0, 9]),
    whole([2], [-9, -1]),
    ndarray("i32", [], [3]),
  ]),
];

// Attention -------------------------------------------------------------------------------------

interface Heads {
  readonly about: string;
  readonly causal: boolean;
  /** batch, heads, groups, queries, keys, channels */
  readonly sizes: readonly [number, number, number, number, number, number];
  readonly querySegment: readonly number[];
  readonly keySegment: readonly number[];
  readonly offset: number;
}

const packed = [0, 0, 0, 1, 1, 1, 2, -1];

const headCases: readonly Heads[] = [
  {
    about: "every key, as an encoder does",
    causal: false,
    sizes: [1, 2, 2, 3, 5, 4],
    querySegment: [0, 0, 0],
    keySegment: [0, 0, 0, 0, 0],
    offset: 0,
  },
  {
    about: "earlier keys alone",
    causal: true,
    sizes: [1, 2, 2, 5, 5, 4],
    querySegment: [0, 0, 0, 0, 0],
    keySegment: [0, 0, 0, 0, 0],
    offset: 0,
  },
  {
    about: "packed segments and padding, four heads on two",
    causal: true,
    sizes: [2, 4, 2, 8, 8, 4],
    querySegment: [...packed, ...packed.toReversed()],
    keySegment: [...packed, ...packed.toReversed()],
    offset: 0,
  },
  {
    about: "a chunk of queries after a cache with padding in front",
    causal: true,
    sizes: [1, 2, 1, 2, 7, 4],
    querySegment: [0, 0],
    keySegment: [-1, -1, 0, 0, 0, -1, -1],
    offset: 3,
  },
  {
    about: "more queries and keys than a tile",
    causal: true,
    sizes: [1, 2, 1, 37, 37, 8],
    querySegment: Array.from({ length: 37 }, (_, at) => (at < 20 ? 0 : 1)),
    keySegment: Array.from({ length: 37 }, (_, at) => (at < 20 ? 0 : 1)),
    offset: 0,
  },
];

function attentionCases(heads: Heads): OpCase[] {
  const { about, causal, sizes, querySegment, keySegment, offset } = heads;
  const [batch, count, groups, queries, keys, channels] = sizes;
  const attrs = { causal, scale: 1 / Math.sqrt(channels) };
  const masks = [
    ndarray("i32", [batch, queries], querySegment),
    ndarray("i32", [batch, keys], keySegment),
    ndarray("i32", [], [offset]),
  ];
  const tensors = ({ float }: RandomTensors) => [
    float([batch, count, queries, channels]),
    float([batch, groups, keys, channels]),
    float([batch, groups, keys, channels]),
  ];
  // The gradients' arguments must be what the forward gave, or lse is that of other scores.
  const backward: Make = (random) => {
    const [q, k, v] = tensors(random);
    const lseShape = [batch, count, queries];
    const types = [q, { dtype: "f32" as const, shape: lseShape }];
    const results = opOf("attention").reference([q, k, v, ...masks], attrs, types);
    return [q, k, v, ...results.map(rounded), random.float(q.shape), ...masks];
  };
  return [
    of("attention", about, attrs, (random) => [...tensors(random), ...masks]),
    of("attentionGradientQuery", about, attrs, backward),
    of("attentionGradientKeyValue", about, attrs, backward),
  ];
}

// Loss ------------------------------------------------------------------------------------------

const losses: OpCase[] = [
  of(
    "crossEntropy",
    "rows of which some do not learn",
    {},
    ({ float }) => [
      float([5, 7]),
      ndarray("i32", [5], [0, 6, -100, 3, 2]),
      ndarray("bool", [5], [1, 1, 0, 1, 0]),
    ],
    [0, 1],
  ),
  of(
    "crossEntropy",
    "logits that exp alone would overflow",
    {},
    ({ float, whole }) => [
      float([3, 300], [900, 1000]),
      whole([3], [0, 299]),
      ndarray("bool", [3], [1, 1, 1]),
    ],
    [0, 1],
  ),
  of("crossEntropyGradient", "rows of which some do not learn", {}, ({ float }) => {
    const logits = float([4, 7]);
    const target = ndarray("i32", [4], [0, 6, -100, 3]);
    const where = ndarray("bool", [4], [1, 1, 0, 1]);
    const row = { dtype: "f32", shape: [4] } as const;
    const [, lse] = opOf("crossEntropy").reference([logits, target, where], {}, [row, row]);
    return [logits, target, where, rounded(lse), float([4])];
  }),
];

export const cases: readonly OpCase[] = [
  ...unary,
  ...binary,
  ...choices,
  ...generated,
  ...reduced,
  ...contracted,
  ...moved,
  ...picked,
  ...headCases.flatMap(attentionCases),
  ...losses,
];
