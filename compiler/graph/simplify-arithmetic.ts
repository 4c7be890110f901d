/**
 * Rules for operations on single elements. All are exact in floating point, but that zero may lose its sign;
 * `x · 0 = 0` is not among them, as x may be infinite.
 */

import { isFloat } from "../tensor/dtype.ts";
import type { ValueId } from "./graph.ts";
import { filled, type Rule, type RuleSite, type Rules } from "./rule.ts";

export const arithmeticRules: Rules = {
  add: [
    neutral("right", 0),
    neutral("left", 0),
    ({ args: [a, b], madeBy, emit }) => {
      const negated = madeBy(b, "negate");
      return negated && emit("subtract", [a, negated.args[0]]);
    },
  ],
  subtract: [
    neutral("right", 0),
    ({ args: [a, b], madeBy, emit }) => {
      const negated = madeBy(b, "negate");
      return negated && emit("add", [a, negated.args[0]]);
    },
  ],
  multiply: [neutral("right", 1), neutral("left", 1), negating],
  divide: [neutral("right", 1)],
  power: [neutral("right", 1)],
  negate: [({ args: [x], madeBy }) => madeBy(x, "negate")?.args[0]],
  not: [({ args: [x], madeBy }) => madeBy(x, "not")?.args[0]],
  and: [neutral("right", 1), neutral("left", 1), absorbing("right", 0), absorbing("left", 0)],
  or: [neutral("right", 0), neutral("left", 0), absorbing("right", 1), absorbing("left", 1)],
  select: [
    ({ args: [condition, a, b], constantOf }) => {
      const known = constantOf(condition);
      if (known === undefined) return a === b ? a : undefined;
      return known === 0 ? b : a;
    },
  ],
  cast: [
    ({ args: [x], result, typeOf }) => (typeOf(x).dtype === result.dtype ? x : undefined),
    widened,
  ],
};

type Side = "left" | "right";

function at(side: Side, { args }: RuleSite): { readonly one: ValueId; readonly other: ValueId } {
  const [left, right] = args;
  return side === "left" ? { one: left, other: right } : { one: right, other: left };
}

/** A number that leaves the other argument as it is. */
function neutral(side: Side, number: number): Rule {
  return (site) => {
    const { one, other } = at(side, site);
    return site.constantOf(one) === number ? other : undefined;
  };
}

/** A number that decides the result alone. */
function absorbing(side: Side, number: number): Rule {
  return (site) =>
    site.constantOf(at(side, site).one) === number ? filled(site, number) : undefined;
}

/** −1 · x = −x, of signed numbers. */
function negating({ args: [a, b], result, constantOf, emit }: RuleSite): ValueId | undefined {
  if (!isFloat(result.dtype)) return undefined;
  if (constantOf(b) === -1) return emit("negate", [a]);
  return constantOf(a) === -1 ? emit("negate", [b]) : undefined;
}

/** f16 → f32 → f16 gives the same number back: f32 holds every f16. */
function widened({ args: [x], result, typeOf, madeBy }: RuleSite): ValueId | undefined {
  const inner = madeBy(x, "cast");
  if (inner === undefined || result.dtype !== "f16" || typeOf(x).dtype !== "f32") return undefined;
  const [source] = inner.args;
  return typeOf(source).dtype === "f16" ? source : undefined;
}
