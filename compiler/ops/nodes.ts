/**
 * Short forms for gradient rules: each adds one node and gives its value, so that a rule reads like the formula
 * it is from.
 */

import type { Dtype } from "../tensor/dtype.ts";
import type { Attrs, Emit, TensorType, ValueId } from "./op.ts";

export type Nodes = ReturnType<typeof nodesOf>;

export function nodesOf(emit: Emit) {
  const one = (op: string, args: readonly ValueId[], attrs: Attrs = {}): ValueId =>
    emit.apply(op, args, attrs)[0];
  const constant = (value: number, { dtype, shape }: TensorType): ValueId =>
    one("constant", [], { value, dtype, shape });
  return {
    typeOf: (value: ValueId): TensorType => emit.typeOf(value),
    one,
    /** A number in every place of a tensor of this type. */
    constant,
    negate: (x: ValueId) => one("negate", [x]),
    exp: (x: ValueId) => one("exp", [x]),
    log: (x: ValueId) => one("log", [x]),
    sin: (x: ValueId) => one("sin", [x]),
    cos: (x: ValueId) => one("cos", [x]),
    sign: (x: ValueId) => one("sign", [x]),
    add: (a: ValueId, b: ValueId) => one("add", [a, b]),
    subtract: (a: ValueId, b: ValueId) => one("subtract", [a, b]),
    multiply: (a: ValueId, b: ValueId) => one("multiply", [a, b]),
    divide: (a: ValueId, b: ValueId) => one("divide", [a, b]),
    power: (a: ValueId, b: ValueId) => one("power", [a, b]),
    less: (a: ValueId, b: ValueId) => one("less", [a, b]),
    equal: (a: ValueId, b: ValueId) => one("equal", [a, b]),
    select: (condition: ValueId, a: ValueId, b: ValueId) => one("select", [condition, a, b]),
    cast: (x: ValueId, to: Dtype) => one("cast", [x], { to }),
    /** x · value, where value is one number. */
    scale: (x: ValueId, value: number) => one("multiply", [x, constant(value, emit.typeOf(x))]),
    reduceSum: (x: ValueId, axes: readonly number[]) => one("reduceSum", [x], { axes }),
    reshape: (x: ValueId, shape: readonly number[]) => one("reshape", [x], { shape }),
    transpose: (x: ValueId, order: readonly number[]) => one("transpose", [x], { order }),
    broadcast: (x: ValueId, shape: readonly number[], axes: readonly number[]) =>
      one("broadcast", [x], { shape, axes }),
    slice: (x: ValueId, starts: readonly number[], sizes: readonly number[]) =>
      one("slice", [x], { starts, sizes }),
    pad: (x: ValueId, before: readonly number[], after: readonly number[]) =>
      one("pad", [x], { before, after }),
  };
}
