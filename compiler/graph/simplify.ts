/**
 * Replaces nodes by simpler ones of equal value: constants are computed, what changes nothing is left out, chains
 * of moves become one. Rules see arguments that are simple already, so one walk is enough.
 */

import { type OpName, opOf } from "../ops/table.ts";
import { ndarray } from "../tensor/ndarray.ts";
import { roundTo } from "../tensor/round.ts";
import { type GraphBuilder, rewrite } from "./builder.ts";
import { withoutDead } from "./dead.ts";
import type { Attrs, Graph, TensorType, ValueId } from "./graph.ts";
import { filled, type RuleSite, type Rules } from "./rule.ts";
import { arithmeticRules } from "./simplify-arithmetic.ts";
import { moveRules } from "./simplify-moves.ts";

const rules: Rules = { ...arithmeticRules, ...moveRules };

export function simplified(graph: Graph): Graph {
  return withoutDead(
    rewrite(graph, (into) => (node, args) => simplyApplied(into, node.op, args, node.attrs)),
  );
}

function simplyApplied(
  into: GraphBuilder,
  op: OpName,
  args: readonly ValueId[],
  attrs: Attrs,
): readonly ValueId[] {
  const [result, ...others] = opOf(op).infer(
    args.map((arg) => into.typeOf(arg)),
    attrs,
  );
  if (others.length > 0) return into.apply(op, args, attrs);
  const site = siteIn(into, args, attrs, result);
  const folded = foldedConstant(op, site);
  if (folded !== undefined) return [folded];
  for (const rule of rules[op] ?? []) {
    const value = rule(site);
    if (value !== undefined) return [value];
  }
  return into.apply(op, args, attrs);
}

function siteIn(
  into: GraphBuilder,
  args: readonly ValueId[],
  attrs: Attrs,
  result: TensorType,
): RuleSite {
  return {
    args,
    attrs,
    result,
    typeOf: (value) => into.typeOf(value),
    madeBy(value, op) {
      const maker = into.makerOf(value);
      return maker?.op === op ? maker : undefined;
    },
    constantOf(value) {
      const maker = into.makerOf(value);
      if (maker?.op !== "constant" || typeof maker.attrs.value !== "number") return undefined;
      return roundTo(into.typeOf(value).dtype, maker.attrs.value);
    },
    emit: (op, args, attrs = {}) => simplyApplied(into, op, args, attrs)[0],
  };
}

/** A pointwise operation of constants, by its reference; where that is not finite no constant can hold it. */
function foldedConstant(op: OpName, site: RuleSite): ValueId | undefined {
  const { form, reference } = opOf(op);
  if (form.kind !== "pointwise") return undefined;
  const numbers = site.args.map((arg) => {
    const value = site.constantOf(arg);
    return value === undefined ? undefined : ndarray(site.typeOf(arg).dtype, [], [value]);
  });
  if (!numbers.every((number) => number !== undefined)) return undefined;
  const { dtype } = site.result;
  const [{ data }] = reference(numbers, site.attrs, [{ dtype, shape: [] }]);
  const value = roundTo(dtype, data[0]);
  return Number.isFinite(value) ? filled(site, value) : undefined;
}
