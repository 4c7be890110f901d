/**
 * Settles what guards decide. Under a guard, what another asks may be known already: such a guard goes. And where
 * only guards keep a load in bounds, by arithmetic that bounds.ts does not see through, its index is clamped, so
 * that no guard need be believed.
 */

import type { TensorType, ValueId } from "../ops/op.ts";
import { elementsOf } from "../tensor/ndarray.ts";
import { boundsOf, complement } from "./bounds.ts";
import type { Bound, Guard, Kernel, Load, Result, Scalar } from "./kernel.ts";

export function settled(kernel: Kernel, typeOf: (value: ValueId) => TensorType): Kernel {
  const settling = new Settling(typeOf);
  const settle = (scalar: Scalar) => settling.scalar(scalar, []);
  const results = (all: readonly Result[]) =>
    all.map((result) => ({ ...result, body: settle(result.body) }));
  switch (kernel.kind) {
    case "map":
      return { ...kernel, results: results(kernel.results) };
    case "rows":
      return {
        ...kernel,
        folds: kernel.folds.map((fold) => ({ ...fold, body: settle(fold.body) })),
        rowResults: results(kernel.rowResults),
        elementResults: results(kernel.elementResults),
      };
    case "contract":
      return {
        ...kernel,
        left: settle(kernel.left),
        right: settle(kernel.right),
        results: results(kernel.results),
      };
    case "scatter-add":
      return { ...kernel, row: settle(kernel.row), update: settle(kernel.update) };
    case "write":
      return { ...kernel, at: settle(kernel.at), body: settle(kernel.body) };
    case "attention":
    case "cross-entropy":
      return {
        ...kernel,
        operands: kernel.operands.map((operand) => ({ ...operand, body: settle(operand.body) })),
      };
    default:
      return kernel satisfies never;
  }
}

class Settling {
  readonly #typeOf: (value: ValueId) => TensorType;
  /** By guards, then by expression: equal parts stay one object. */
  readonly #known = new Map<string, Map<Scalar, Scalar>>();

  constructor(typeOf: (value: ValueId) => TensorType) {
    this.#typeOf = typeOf;
  }

  scalar(scalar: Scalar, guards: readonly Bound[]): Scalar {
    const key = guards.map(({ index, lower, upper }) => `${lower} ${index.key} ${upper}`).join();
    const known = this.#known.get(key) ?? new Map<Scalar, Scalar>();
    this.#known.set(key, known);
    const found = known.get(scalar) ?? this.#settled(scalar, guards);
    known.set(scalar, found);
    return found;
  }

  #settled(scalar: Scalar, guards: readonly Bound[]): Scalar {
    const inside = (part: Scalar) => this.scalar(part, guards);
    switch (scalar.kind) {
      case "load":
        return this.#load(scalar, guards);
      case "pick":
        return { ...scalar, row: inside(scalar.row) };
      case "operation":
        return { ...scalar, args: scalar.args.map(inside) };
      case "guard":
        return this.#guard(scalar, guards);
      case "random":
        return { ...scalar, seed: inside(scalar.seed), stream: inside(scalar.stream) };
      case "constant":
      case "index":
      case "fold":
      case "accumulator":
        return scalar;
      default:
        return scalar satisfies never;
    }
  }

  #guard(guard: Guard, guards: readonly Bound[]): Scalar {
    const asked: Bound[] = [];
    for (const bound of guard.bounds) {
      const { low, high } = boundsOf(bound.index, guards);
      if (high < bound.lower || low >= bound.upper) return this.scalar(guard.otherwise, guards);
      if (low < bound.lower || high >= bound.upper) asked.push(bound);
    }
    const inside = this.scalar(guard.inside, [...guards, ...asked]);
    if (asked.length === 0) return inside;
    const otherwise = this.scalar(guard.otherwise, [...guards, ...complement(asked, guards)]);
    return { ...guard, bounds: asked, inside, otherwise };
  }

  #load(load: Load, guards: readonly Bound[]): Load {
    const count = elementsOf(this.#typeOf(load.value).shape);
    if (load.index.low >= 0 && load.index.high < count) return load;
    const { low, high } = boundsOf(load.index, guards);
    return low >= 0 && high < count ? load : { ...load, most: count - 1 };
  }
}
