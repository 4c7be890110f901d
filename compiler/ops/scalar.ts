/**
 * What the scalar operations mean, in doubles. Floats are left unrounded; integers wrap at 32 bits, and dividing
 * them by zero gives the dividend, remainder 0, as in WGSL.
 */

import { type Dtype, isFloat } from "../tensor/dtype.ts";
import { roundTo } from "../tensor/round.ts";
import type { ScalarOp } from "./op.ts";

export type ScalarFunction = (a: number, b: number, c: number) => number;

/** All but `cast`, whose meaning is by its two dtypes: see `castOf`. */
export type PlainScalarOp = Exclude<ScalarOp, "cast">;

/** The meaning of an operation on arguments of this dtype. */
export function scalarOf(op: PlainScalarOp, dtype: Dtype): ScalarFunction {
  const exact = isFloat(dtype) ? undefined : onIntegers[op];
  if (exact === undefined) return onFloats[op];
  return (a, b, c) => roundTo(dtype, exact(a, b, c));
}

/** Floats lose their fraction towards zero and stay within the integer's range; anything but 0 is true. */
export function castOf(from: Dtype, to: Dtype): (value: number) => number {
  if (to === "bool") return (value) => (value === 0 ? 0 : 1);
  if (isFloat(from) && !isFloat(to)) {
    const [least, most] = to === "i32" ? [-(2 ** 31), 2 ** 31 - 1] : [0, 2 ** 32 - 1];
    return (value) => Math.min(most, Math.max(least, Math.trunc(value)));
  }
  // Between integers the bits stay.
  return isFloat(to) ? (value) => value : (value) => roundTo(to, value);
}

const truth = (holds: boolean): number => (holds ? 1 : 0);

const onFloats: Readonly<Record<PlainScalarOp, ScalarFunction>> = {
  negate: (a) => -a,
  absolute: Math.abs,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  rsqrt: (a) => 1 / Math.sqrt(a),
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  sigmoid: (a) => 1 / (1 + Math.exp(-a)),
  floor: Math.floor,
  sign: Math.sign,
  finite: (a) => truth(Number.isFinite(a)),
  not: (a) => truth(a === 0),
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  remainder: (a, b) => a % b,
  power: (a, b) => a ** b,
  minimum: (a, b) => Math.min(a, b),
  maximum: (a, b) => Math.max(a, b),
  and: (a, b) => truth(a !== 0 && b !== 0),
  or: (a, b) => truth(a !== 0 || b !== 0),
  equal: (a, b) => truth(a === b),
  notEqual: (a, b) => truth(a !== b),
  less: (a, b) => truth(a < b),
  lessEqual: (a, b) => truth(a <= b),
  select: (condition, a, b) => (condition === 0 ? b : a),
};

/** Where integers differ from floats: they wrap, and may be divided by zero. */
const onIntegers: Readonly<Partial<Record<PlainScalarOp, ScalarFunction>>> = {
  negate: onFloats.negate,
  absolute: onFloats.absolute,
  add: onFloats.add,
  subtract: onFloats.subtract,
  multiply: Math.imul,
  divide: (a, b) => (b === 0 ? a : Math.trunc(a / b)),
  remainder: (a, b) => (b === 0 ? 0 : a % b),
};
