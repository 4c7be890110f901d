/** Values that change by step: plan `Scalar` expressions, evaluated in double precision. */

import { planFault } from "./errors.ts";
import type { Scalar, ScalarOp } from "./plan.ts";

/** The variables of a run, by name. */
export type Variables = Readonly<Record<string, number>>;

/** @throws PlanFault for a variable that the run does not have, or the wrong number of arguments. */
export function evaluateScalar(scalar: Scalar, variables: Variables): number {
  if (typeof scalar === "number") return scalar;
  if ("variable" in scalar) {
    const value = variables[scalar.variable];
    if (value !== undefined) return value;
    return planFault(
      `the plan asks for "${scalar.variable}", and this run has ${Object.keys(variables).join(", ")}`,
    );
  }
  const { arity, value } = operations[scalar.op];
  if (scalar.args.length !== arity) {
    planFault(`"${scalar.op}" takes ${arity} arguments and the plan gives ${scalar.args.length}`);
  }
  return value(...scalar.args.map((argument) => evaluateScalar(argument, variables)));
}

interface Operation {
  readonly arity: number;
  readonly value: (...args: readonly number[]) => number;
}

const unary = (value: (x: number) => number): Operation => ({
  arity: 1,
  value: (x = Number.NaN) => value(x),
});

const binary = (value: (x: number, y: number) => number): Operation => ({
  arity: 2,
  value: (x = Number.NaN, y = Number.NaN) => value(x, y),
});

const operations: Readonly<Record<ScalarOp, Operation>> = {
  add: binary((x, y) => x + y),
  subtract: binary((x, y) => x - y),
  multiply: binary((x, y) => x * y),
  divide: binary((x, y) => x / y),
  remainder: binary((x, y) => x % y),
  power: binary((x, y) => x ** y),
  minimum: binary(Math.min),
  maximum: binary(Math.max),
  negate: unary((x) => -x),
  absolute: unary(Math.abs),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  rsqrt: unary((x) => 1 / Math.sqrt(x)),
  sin: unary(Math.sin),
  cos: unary(Math.cos),
  tanh: unary(Math.tanh),
  floor: unary(Math.floor),
  less: binary((x, y) => Number(x < y)),
  lessEqual: binary((x, y) => Number(x <= y)),
  equal: binary((x, y) => Number(x === y)),
  notEqual: binary((x, y) => Number(x !== y)),
  and: binary((x, y) => Number(x !== 0 && y !== 0)),
  or: binary((x, y) => Number(x !== 0 || y !== 0)),
  not: unary((x) => Number(x === 0)),
  select: {
    arity: 3,
    value: (condition = 0, then = Number.NaN, otherwise = Number.NaN) =>
      condition !== 0 ? then : otherwise,
  },
};
