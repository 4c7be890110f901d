/**
 * Rules for operations on single elements. All are exact in floating point, but that zero may lose its sign and
 * that powers are rounded as what they are in other words; `x · 0 = 0` is not among them, as x may be infinite.
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
    ({ args: [a, b], madeBy, emit }) => {
      const negated = madeBy(a, "negate");
      return negated && emit("subtract", [b, negated.args[0]]);
    },
  ],
  subtract: [
    neutral("right", 0),
    ({ args: [a, b], result, constantOf, emit }) =>
      isFloat(result.dtype) && constantOf(a) === 0 ? emit("negate", [b]) : undefined,
    ({ args: [a, b], madeBy, emit }) => {
      const negated = madeBy(b, "negate");
      return negated && emit("add", [a, negated.args[0]]);
    },
  ],
  multiply: [neutral("right", 1), neutral("left", 1), negating],
  divide: [neutral("right", 1), byPowerOfTwo],
  power: [neutral("right", 1), inOtherWords],
  negate: [
    ({ args: [x], madeBy }) => madeBy(x, "negate")?.args[0],
    ({ args: [x], madeBy, emit }) => {
      const difference = madeBy(x, "subtract");
      return difference && emit("subtract", difference.args.toReversed());
    },
  ],
  not: [
    ({ args: [x], madeBy }) => madeBy(x, "not")?.args[0],
    ({ args: [x], madeBy, emit }) => {
      const comparison = madeBy(x, "equal");
      return comparison && emit("notEqual", comparison.args);
    },
  ],
  minimum: [ofItself],
  maximum: [ofItself],
  and: [
    ofItself,
    neutral("right", 1),
    neutral("left", 1),
    absorbing("right", 0),
    absorbing("left", 0),
  ],
  or: [
    ofItself,
    neutral("right", 0),
    neutral("left", 0),
    absorbing("right", 1),
    absorbing("left", 1),
  ],
  select: [
    ({ args: [condition, a, b], constantOf }) => {
      const known = constantOf(condition);
      if (known === undefined) return a === b ? a : undefined;
      return known === 0 ? b : a;
    },
    ({ args: [condition, a, b], madeBy, emit }) => {
      const opposite = madeBy(condition, "not");
      return opposite && emit("select", [opposite.args[0], b, a]);
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

/** What another dtype held exactly in between is converted straight: f32 holds every f16, and all hold a bool. */
function widened({ args: [x], result, typeOf, madeBy, emit }: RuleSite): ValueId | undefined {
  const inner = madeBy(x, "cast");
  if (inner === undefined) return undefined;
  const [source] = inner.args;
  const from = typeOf(source).dtype;
  const isExact = from === "bool" || (from === "f16" && typeOf(x).dtype === "f32");
  return isExact ? emit("cast", [source], { to: result.dtype }) : undefined;
}

/** x ∘ x = x */
function ofItself({ args: [a, b] }: RuleSite): ValueId | undefined {
  return a === b ? a : undefined;
}

/** Multiplying by the inverse is cheaper, and as exact. */
function byPowerOfTwo(site: RuleSite): ValueId | undefined {
  const [x, by] = site.args;
  const number = site.constantOf(by);
  if (number === undefined || !isFloat(site.result.dtype)) return undefined;
  const exponent = Math.log2(Math.abs(number));
  // Up to 2^14 the inverse is a normal number of f16 as well.
  if (!Number.isInteger(exponent) || Math.abs(exponent) > 14) return undefined;
  return site.emit("multiply", [x, filled(site, 1 / number)]);
}

/** Exponents that have an operation of their own, which need not go through a logarithm. */
function inOtherWords(site: RuleSite): ValueId | undefined {
  const [x, exponent] = site.args;
  switch (site.constantOf(exponent)) {
    case 2:
      return site.emit("multiply", [x, x]);
    case 0.5:
      return site.emit("sqrt", [x]);
    case -0.5:
      return site.emit("rsqrt", [x]);
    case -1:
      return site.emit("divide", [filled(site, 1), x]);
    default:
      return undefined;
  }
}
