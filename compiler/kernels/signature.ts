/**
 * What a kernel is apart from which values it reads and writes: kernels of equal signatures have equal texts.
 * Layers of a model differ in nothing else, so their kernels are written once.
 */

import type { ValueId } from "../ops/op.ts";
import type { Index } from "./index.ts";
import type { Bound, Kernel, Result, Scalar } from "./kernel.ts";

export interface Signature {
  readonly text: string;
  /** Values in the order in which the text names them. */
  readonly values: readonly ValueId[];
}

/** `states` are the values that results are computed over; they are part of what a kernel is. */
export function signatureOf(kernel: Kernel, states: ReadonlyMap<ValueId, ValueId>): Signature {
  const signer = new Signer();
  const parts = signer.kernel(kernel);
  const over = [...states].map(([value, state]) => `${signer.value(value)}~${signer.value(state)}`);
  return { text: [...parts, ...over].join("\n"), values: signer.values };
}

class Signer {
  readonly #places = new Map<ValueId, number>();
  readonly #written = new Map<Scalar, number>();

  get values(): readonly ValueId[] {
    return [...this.#places.keys()];
  }

  value(value: ValueId): string {
    const known = this.#places.get(value);
    if (known !== undefined) return `%${known}`;
    this.#places.set(value, this.#places.size);
    return `%${this.#places.size - 1}`;
  }

  kernel(kernel: Kernel): string[] {
    const { kind } = kernel;
    const results = (all: readonly Result[]) => all.map((result) => this.#result(result));
    switch (kernel.kind) {
      case "map":
        return [`${kind} ${kernel.count}`, ...results(kernel.results)];
      case "rows":
        return [
          `${kind} ${kernel.rows} ${kernel.columns}`,
          ...kernel.folds.map(({ by, body }) => `${by} ${this.#scalar(body)}`),
          "rows",
          ...results(kernel.rowResults),
          "elements",
          ...results(kernel.elementResults),
        ];
      case "contract":
        return [
          `${kind} ${kernel.batch} ${kernel.m} ${kernel.n} ${kernel.k}`,
          this.#scalar(kernel.left),
          this.#scalar(kernel.right),
          ...results(kernel.results),
        ];
      case "scatter-add":
        return [
          `${kind} ${kernel.rows} ${kernel.width} ${kernel.count} ${kernel.dtype}`,
          this.value(kernel.value),
          this.#scalar(kernel.row),
          this.#scalar(kernel.update),
        ];
      case "write":
        return [
          `${kind} ${kernel.count} ${kernel.last} ${kernel.stride} ${kernel.dtype} ${key(kernel.place)}`,
          this.value(kernel.value),
          this.value(kernel.target),
          this.#scalar(kernel.at),
          this.#scalar(kernel.body),
        ];
      case "attention":
      case "cross-entropy":
        return [
          `${kind} ${kernel.part} ${JSON.stringify(kernel.attrs)}`,
          ...kernel.operands.map(({ shape, body }) => `[${shape}] ${this.#scalar(body)}`),
          ...kernel.results.map(
            ({ value, type }) => `${this.value(value)} ${type.dtype} [${type.shape}]`,
          ),
        ];
      default:
        return kernel satisfies never;
    }
  }

  #result({ value, dtype, place, body }: Result): string {
    return `${this.value(value)} ${dtype} ${key(place)} = ${this.#scalar(body)}`;
  }

  /** An expression that was written before is named by its number. */
  #scalar(scalar: Scalar): string {
    const known = this.#written.get(scalar);
    if (known !== undefined) return `#${known}`;
    const text = `${scalar.dtype} ${this.#inside(scalar)}`;
    this.#written.set(scalar, this.#written.size);
    return text;
  }

  #inside(scalar: Scalar): string {
    const all = (scalars: readonly Scalar[]) => scalars.map((part) => this.#scalar(part)).join();
    switch (scalar.kind) {
      case "load":
        return `${this.value(scalar.value)}[${key(scalar.index)}${scalar.most === undefined ? "" : `|${scalar.most}`}]`;
      case "pick":
        return `${this.value(scalar.value)}[${scalar.rows} ${scalar.width} ${this.#scalar(scalar.row)},${key(scalar.index)}]`;
      case "constant":
        return String(scalar.value);
      case "operation":
        return `${scalar.op}(${all(scalar.args)})`;
      case "index":
        return key(scalar.index);
      case "guard":
        return `${scalar.bounds.map(boundText)}?${all([scalar.inside, scalar.otherwise])}`;
      case "random":
        return `random(${all([scalar.seed, scalar.stream])},${key(scalar.index)})`;
      case "fold":
        return `fold${scalar.fold}`;
      case "accumulator":
        return "sum";
      default:
        return scalar satisfies never;
    }
  }
}

/** Variables' extents are those of the kernel, so names are enough. */
function key(index: Index): string {
  return index.key;
}

function boundText({ index, lower, upper }: Bound): string {
  return `${lower}<=${index.key}<${upper}`;
}
