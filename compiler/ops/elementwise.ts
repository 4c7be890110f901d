/** Operations that act on each element by itself: arithmetic, functions of one number, comparisons, choice. */

import { isFloat } from "../tensor/dtype.ts";
import type { NdArray } from "../tensor/ndarray.ts";
import { dtype } from "./attrs.ts";
import { demand, demandCount, demandSame, holdsElements, type Lazy, operation } from "./define.ts";
import type { Nodes } from "./nodes.ts";
import type { Elements, Op, TensorType, ValueId } from "./op.ts";
import { castOf, type PlainScalarOp, type ScalarFunction, scalarOf } from "./scalar.ts";

// One argument ----------------------------------------------------------------------------------

export const negate = unary("negate", "signed", ({ negate }, { dy }) => negate(dy));

export const absolute = unary("absolute", "signed", ({ multiply, sign }, { x, dy }) =>
  multiply(dy, sign(x)),
);

export const exp = unary("exp", "float", ({ multiply }, { y, dy }) => multiply(dy, y));

export const log = unary("log", "float", ({ divide }, { x, dy }) => divide(dy, x));

export const sqrt = unary("sqrt", "float", ({ divide, scale }, { y, dy }) =>
  divide(scale(dy, 0.5), y),
);

export const rsqrt = unary("rsqrt", "float", ({ multiply, scale }, { y, dy }) =>
  multiply(scale(dy, -0.5), multiply(y, multiply(y, y))),
);

export const sin = unary("sin", "float", ({ multiply, cos }, { x, dy }) => multiply(dy, cos(x)));

export const cos = unary("cos", "float", ({ multiply, negate, sin }, { x, dy }) =>
  multiply(dy, negate(sin(x))),
);

/** 1 − y² */
export const tanh = unary("tanh", "float", (nodes, { y, dy }) =>
  nodes.multiply(dy, nodes.subtract(nodes.constant(1, nodes.typeOf(y)), nodes.multiply(y, y))),
);

/** y(1 − y) */
export const sigmoid = unary("sigmoid", "float", (nodes, { y, dy }) =>
  nodes.multiply(dy, nodes.multiply(y, nodes.subtract(nodes.constant(1, nodes.typeOf(y)), y))),
);

/** Level almost everywhere, so its gradient is zero. */
export const floor = unary("floor", "float", undefined);
export const sign = unary("sign", "signed", undefined);
export const not = unary("not", "bool", undefined);

/** Whether an f32 is a number that is no infinity. */
export const finite = operation("finite", {
  attrs: {},
  form: { kind: "pointwise", scalar: "finite" },
  infer(args) {
    demandCount("finite", args, 1);
    demand(args[0].dtype === "f32", "finite", "its argument is f32", args);
    return [{ dtype: "bool", shape: args[0].shape }];
  },
  reference: pointwise("finite"),
});

// Two arguments ---------------------------------------------------------------------------------

export const add = binary("add", (_, { dy }) => [() => dy, () => dy]);

export const subtract = binary("subtract", ({ negate }, { dy }) => [() => dy, () => negate(dy)]);

export const multiply = binary("multiply", ({ multiply }, { a, b, dy }) => [
  () => multiply(dy, b),
  () => multiply(dy, a),
]);

export const divide = binary("divide", ({ divide, multiply, negate }, { b, y, dy }) => [
  () => divide(dy, b),
  () => negate(divide(multiply(dy, y), b)),
]);

/** a − b · trunc(a / b): the sign of the dividend. The quotient that was cut off is (a − y) / b. */
export const remainder = binary("remainder", ({ divide, multiply, subtract }, { a, b, y, dy }) => [
  () => dy,
  () => multiply(dy, divide(subtract(y, a), b)),
]);

/**
 * a to the power of b. Numbers below 0 have whole powers only, their others are not numbers; 0 to the power of 0
 * is 1. Where a ≤ 0 the gradient by b is 0, since log a is not finite.
 */
export const power = operation("power", {
  attrs: {},
  form: { kind: "pointwise", scalar: "power" },
  elements: "float",
  infer(args) {
    demandCount("power", args, 2);
    demandSame("power", args);
    demandElements("power", args, "float");
    return [args[0]];
  },
  gradient(nodes, { args: [a, b], results: [y], dy }) {
    const { multiply, power, subtract, select, less, log, constant, typeOf } = nodes;
    const number = (value: number) => constant(value, typeOf(a));
    const logarithm = () => select(less(number(0), a), log(a), number(0));
    return [
      () => multiply(dy, multiply(b, power(a, subtract(b, number(1))))),
      () => multiply(dy, multiply(y, logarithm())),
    ];
  },
  reference: pointwise("power"),
});

/** Of two that are equal, the first is taken, and has the gradient. */
export const minimum = binary("minimum", (nodes, { a, b, dy }) => chosen(nodes, b, a, dy));
export const maximum = binary("maximum", (nodes, { a, b, dy }) => chosen(nodes, a, b, dy));

export const and = logical("and");
export const or = logical("or");

export const equal = comparison("equal", "any");
export const notEqual = comparison("notEqual", "any");
export const less = comparison("less", "number");
export const lessEqual = comparison("lessEqual", "number");

// Choice and conversion -------------------------------------------------------------------------

/** (condition: bool, a, b) → a where the condition holds, b elsewhere. */
export const select = operation("select", {
  attrs: {},
  form: { kind: "pointwise", scalar: "select" },
  infer(args) {
    demandCount("select", args, 3);
    demandSame("select", args.slice(1));
    demandSame("select", [args[0], { dtype: "bool", shape: args[1].shape }]);
    return [args[1]];
  },
  gradient: ({ select, constant, typeOf }, { args: [condition], dy }) => {
    const zero = () => constant(0, typeOf(dy));
    return [undefined, () => select(condition, dy, zero()), () => select(condition, zero(), dy)];
  },
  reference: pointwise("select"),
});

/** The nearest value of another dtype; floats lose their fraction on the way to integers. */
export const cast = operation("cast", {
  attrs: { to: dtype },
  form: { kind: "pointwise", scalar: "cast" },
  infer(args, { to }) {
    demandCount("cast", args, 1);
    return [{ dtype: to, shape: args[0].shape }];
  },
  gradient: ({ cast, typeOf }, { args: [x], attrs: { to }, dy }) => [
    isFloat(to) ? () => cast(dy, typeOf(x).dtype) : undefined,
  ],
  reference: ([x], { to }) => [mapped([x], { dtype: to, shape: x.shape }, castOf(x.dtype, to))],
});

// Families --------------------------------------------------------------------------------------

interface UnarySite {
  readonly x: ValueId;
  readonly y: ValueId;
  readonly dy: ValueId;
}

function unary(
  name: PlainScalarOp,
  elements: Elements,
  rule: ((nodes: Nodes, site: UnarySite) => ValueId) | undefined,
): Op {
  return operation(name, {
    attrs: {},
    form: { kind: "pointwise", scalar: name },
    elements,
    infer(args) {
      demandCount(name, args, 1);
      demandElements(name, args, elements);
      return [args[0]];
    },
    gradient: (nodes, { args: [x], results: [y], dy }) => [
      rule === undefined ? undefined : () => rule(nodes, { x, y, dy }),
    ],
    reference: pointwise(name),
  });
}

interface BinarySite {
  readonly a: ValueId;
  readonly b: ValueId;
  readonly y: ValueId;
  readonly dy: ValueId;
}

function binary(
  name: PlainScalarOp,
  rules: (nodes: Nodes, site: BinarySite) => readonly (Lazy | undefined)[],
): Op {
  return operation(name, {
    attrs: {},
    form: { kind: "pointwise", scalar: name },
    elements: "number",
    infer(args) {
      demandCount(name, args, 2);
      demandSame(name, args);
      demandElements(name, args, "number");
      return [args[0]];
    },
    gradient: (nodes, { args: [a, b], results: [y], dy }) => rules(nodes, { a, b, y, dy }),
    reference: pointwise(name),
  });
}

function comparison(name: PlainScalarOp, elements: Elements): Op {
  return operation(name, {
    attrs: {},
    form: { kind: "pointwise", scalar: name },
    elements,
    infer(args) {
      demandCount(name, args, 2);
      demandSame(name, args);
      demandElements(name, args, elements);
      return [{ dtype: "bool", shape: args[0].shape }];
    },
    reference: pointwise(name),
  });
}

function logical(name: PlainScalarOp): Op {
  return operation(name, {
    attrs: {},
    form: { kind: "pointwise", scalar: name },
    elements: "bool",
    infer(args) {
      demandCount(name, args, 2);
      demandSame(name, args);
      demandElements(name, args, "bool");
      return [args[0]];
    },
    reference: pointwise(name),
  });
}

/** The gradient of a choice between two: all of it to `first` unless `first < second`. In the order given. */
function chosen(
  { less, select, constant, typeOf }: Nodes,
  low: ValueId,
  high: ValueId,
  dy: ValueId,
): Lazy[] {
  const zero = () => constant(0, typeOf(dy));
  const isSecond = () => less(low, high);
  return [() => select(isSecond(), zero(), dy), () => select(isSecond(), dy, zero())];
}

function demandElements(name: string, args: readonly TensorType[], elements: Elements): void {
  const fits = args.every((arg) => holdsElements(elements, arg.dtype));
  demand(fits, name, `its arguments are of ${elements} elements`, args);
}

function pointwise(name: PlainScalarOp) {
  return (args: readonly NdArray[], _: unknown, [result]: readonly TensorType[]): NdArray[] => {
    // A condition in front does not decide what is computed.
    const meaning = scalarOf(name, args[args.length - 1].dtype);
    return [mapped(args, result, meaning)];
  };
}

function mapped(args: readonly NdArray[], result: TensorType, meaning: ScalarFunction): NdArray {
  const [a, b, c] = args.map((arg) => arg.data);
  const data = new Float64Array(a.length);
  if (args.length === 1) {
    for (let at = 0; at < data.length; at++) data[at] = meaning(a[at], 0, 0);
  } else if (args.length === 2) {
    for (let at = 0; at < data.length; at++) data[at] = meaning(a[at], b[at], 0);
  } else {
    for (let at = 0; at < data.length; at++) data[at] = meaning(a[at], b[at], c[at]);
  }
  return { ...result, data };
}
