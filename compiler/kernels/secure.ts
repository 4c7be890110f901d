/**
 * Clamps the indices of loads that cannot be proved to be in bounds. Only guards keep such an index inside, by
 * arithmetic that bounds.ts does not see through; with the clamp no guard need be believed.
 */

import type { TensorType, ValueId } from "../ops/op.ts";
import { elementsOf } from "../tensor/ndarray.ts";
import { boundsOf } from "./bounds.ts";
import type { Bound, Kernel, Load, Result, Scalar } from "./kernel.ts";

export function secured(kernel: Kernel, typeOf: (value: ValueId) => TensorType): Kernel {
  const securing = new Securing(typeOf);
  const secure = (scalar: Scalar) => securing.scalar(scalar, []);
  const results = (all: readonly Result[]) =>
    all.map((result) => ({ ...result, body: secure(result.body) }));
  switch (kernel.kind) {
    case "map":
      return { ...kernel, results: results(kernel.results) };
    case "rows":
      return {
        ...kernel,
        folds: kernel.folds.map((fold) => ({ ...fold, body: secure(fold.body) })),
        rowResults: results(kernel.rowResults),
        elementResults: results(kernel.elementResults),
      };
    case "contract":
      return {
        ...kernel,
        left: secure(kernel.left),
        right: secure(kernel.right),
        results: results(kernel.results),
      };
    case "scatter-add":
      return { ...kernel, row: secure(kernel.row), update: secure(kernel.update) };
    case "write":
      return { ...kernel, at: secure(kernel.at), body: secure(kernel.body) };
    case "attention":
    case "cross-entropy":
      return {
        ...kernel,
        operands: kernel.operands.map((operand) => ({ ...operand, body: secure(operand.body) })),
      };
    default:
      return kernel satisfies never;
  }
}

class Securing {
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
    const found = known.get(scalar) ?? this.#secured(scalar, guards);
    known.set(scalar, found);
    return found;
  }

  #secured(scalar: Scalar, guards: readonly Bound[]): Scalar {
    const inside = (part: Scalar) => this.scalar(part, guards);
    switch (scalar.kind) {
      case "load":
        return this.#load(scalar, guards);
      case "pick":
        return { ...scalar, row: inside(scalar.row) };
      case "operation":
        return { ...scalar, args: scalar.args.map(inside) };
      case "guard":
        return {
          ...scalar,
          inside: this.scalar(scalar.inside, [...guards, ...scalar.bounds]),
          otherwise: inside(scalar.otherwise),
        };
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

  #load(load: Load, guards: readonly Bound[]): Load {
    const count = elementsOf(this.#typeOf(load.value).shape);
    if (load.index.low >= 0 && load.index.high < count) return load;
    const { low, high } = boundsOf(load.index, guards);
    return low >= 0 && high < count ? load : { ...load, most: count - 1 };
  }
}
