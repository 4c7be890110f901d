/**
 * A kernel's storage bindings. A value that is read by four is read by element through the same binding, so a
 * kernel is written twice: once to find out what it reads and how, and once with that settled.
 */

import { bug } from "../bug.ts";
import type { ValueId } from "../ops/op.ts";
import { type Dtype, dtypes } from "../tensor/dtype.ts";

/** What a binding holds: a value of the graph, or memory that a kernel's stages keep between them. */
export type Held = ValueId | "scratch";

export interface Binding {
  readonly held: Held;
  readonly access: "read" | "write";
}

/** An array in a kernel's text; `isWide` where its elements are vec4. */
export interface BoundArray {
  readonly name: string;
  readonly isWide: boolean;
}

interface Declared extends Binding, BoundArray {
  readonly dtype: Dtype;
}

/** States by the results that are computed over them, element by element. */
export type InPlace = ReadonlyMap<ValueId, ValueId>;

export class Bindings {
  readonly #declared: Declared[] = [];
  readonly #inPlace: InPlace;

  constructor(inPlace: InPlace) {
    this.#inPlace = inPlace;
  }

  /** The same, where an array that is read both ways is declared wide alone. */
  settled(): Bindings {
    const settled = new Bindings(this.#inPlace);
    for (const { held, access, dtype, isWide } of this.#declared) {
      const isTwice = !isWide && this.#find(held, access, true) !== undefined;
      if (!isTwice) settled.#declare(held, access, dtype, isWide);
    }
    return settled;
  }

  read(value: ValueId, dtype: Dtype, isWide: boolean): BoundArray {
    const over = [...this.#inPlace].find(([, state]) => state === value);
    if (over !== undefined) {
      const [result] = over;
      return (
        this.#declared.find(({ held, access }) => held === result && access === "write") ??
        bug("a state is read before its result is bound")
      );
    }
    return this.#declare(value, "read", dtype, isWide);
  }

  write(held: Held, dtype: Dtype, isWide: boolean): BoundArray {
    return this.#declare(held, "write", dtype, isWide);
  }

  readScratch(dtype: Dtype = "f32"): BoundArray {
    return this.#declare("scratch", "read", dtype, false);
  }

  list(): readonly Binding[] {
    return this.#declared.map(({ held, access }) => ({ held, access }));
  }

  text(): string {
    return this.#declared
      .map(({ name, access, dtype, isWide }, at) => {
        const element = dtypes[dtype].wgsl;
        const mode = access === "read" ? "read" : "read_write";
        return `@group(0) @binding(${at}) var<storage, ${mode}> ${name}: array<${isWide ? `vec4<${element}>` : element}>;`;
      })
      .join("\n");
  }

  #find(held: Held, access: Binding["access"], isWide: boolean): Declared | undefined {
    return this.#declared.find(
      (one) => one.held === held && one.access === access && one.isWide === isWide,
    );
  }

  #declare(held: Held, access: Binding["access"], dtype: Dtype, isWide: boolean): Declared {
    const known = this.#find(held, access, isWide) ?? this.#find(held, access, true);
    if (known !== undefined) return known;
    const fresh = { held, access, dtype, isWide, name: `m${this.#declared.length}` };
    this.#declared.push(fresh);
    return fresh;
  }
}

/** One element of an array, whichever way it is declared. */
export function elementText({ name, isWide }: BoundArray, index: string): string {
  return isWide ? `${name}[${index} / 4u][${index} % 4u]` : `${name}[${index}]`;
}
