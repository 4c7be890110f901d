/** Scalars of the host, in double precision. */

import { describe, expect, test } from "vitest";
import { PlanFault } from "../../runtime/errors.ts";
import type { Scalar, ScalarOp } from "../../runtime/plan.ts";
import { evaluateScalar } from "../../runtime/scalar.ts";

const step: Scalar = { variable: "step" };
const apply = (op: ScalarOp, ...args: Scalar[]): Scalar => ({ op, args });

describe("a scalar expression", () => {
  test("follows a schedule through warm-up and decay in double precision", () => {
    const warm = apply("divide", apply("multiply", 2e-4, apply("add", step, 1)), 10);
    const turn = apply("divide", apply("multiply", Math.PI, apply("subtract", step, 10)), 90);
    const fall = apply("multiply", 1e-4, apply("add", 1, apply("cos", turn)));
    const schedule = apply("select", apply("less", step, 10), warm, fall);
    const at = (value: number) => evaluateScalar(schedule, { step: value });
    expect(at(0)).toBe((2e-4 * 1) / 10);
    expect(at(10)).toBe(2e-4);
    expect(at(55)).toBe(1e-4 * (1 + Math.cos((Math.PI * 45) / 90)));
  });

  test.each([
    ["remainder", [-7, 4], -3],
    ["power", [2, 10], 1024],
    ["rsqrt", [4], 0.5],
    ["floor", [-1.5], -2],
    ["lessEqual", [2, 2], 1],
    ["notEqual", [2, 2], 0],
    ["and", [1, 0], 0],
    ["or", [1, 0], 1],
    ["not", [0], 1],
    ["select", [0, 5, 6], 6],
  ] as const)("gives %s%j as %d", (op, args, value) => {
    expect(evaluateScalar({ op, args }, {})).toBe(value);
  });

  test("is a fault of the plan when it names a variable that the run lacks", () => {
    const evaluate = () => evaluateScalar({ variable: "epoch" }, { step: 1, seed: 2 });
    expect(evaluate).toThrow(PlanFault);
    expect(evaluate).toThrow('the plan asks for "epoch", and this run has step, seed');
  });

  test("is a fault of the plan when an operation has too few arguments", () => {
    expect(() => evaluateScalar(apply("add", 1), {})).toThrow('"add" takes 2 arguments');
  });
});
