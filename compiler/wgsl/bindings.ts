/**
 * A kernel's storage bindings. A value is bound once for each way it is read: by element or by vec4, and the
 * result that a kernel computes in place is read through the binding it is written by.
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

interface Declared extends Binding {
  readonly name: string;
  readonly dtype: Dtype;
  readonly wide: boolean;
}

export class Bindings {
  readonly #declared: Declared[] = [];
  /** The value that the result is computed over, element by element. */
  readonly #inPlace: { readonly from: ValueId; readonly to: ValueId } | undefined;

  constructor(inPlace?: { from: ValueId; to: ValueId }) {
    this.#inPlace = inPlace;
  }

  /** The name of the array to read a value from. */
  read(value: ValueId, dtype: Dtype, wide: boolean): { name: string; wide: boolean } {
    if (value === this.#inPlace?.from) {
      const { to } = this.#inPlace;
      const written = this.#declared.find((one) => one.held === to && one.access === "write");
      return written ?? bug("a kernel reads in place what it does not write");
    }
    return this.#declare(value, "read", dtype, wide);
  }

  write(held: Held, dtype: Dtype, wide: boolean): { name: string; wide: boolean } {
    return this.#declare(held, "write", dtype, wide);
  }

  readScratch(): { name: string } {
    return this.#declare("scratch", "read", "f32", false);
  }

  list(): readonly Binding[] {
    return this.#declared.map(({ held, access }) => ({ held, access }));
  }

  text(): string {
    return this.#declared
      .map(({ name, access, dtype, wide }, at) => {
        const element = dtypes[dtype].wgsl;
        const mode = access === "read" ? "read" : "read_write";
        return `@group(0) @binding(${at}) var<storage, ${mode}> ${name}: array<${wide ? `vec4<${element}>` : element}>;`;
      })
      .join("\n");
  }

  #declare(held: Held, access: Binding["access"], dtype: Dtype, wide: boolean): Declared {
    const same = this.#declared.find(
      (one) =>
        one.held === held && one.access === access && (access === "write" || one.wide === wide),
    );
    if (same !== undefined) return same;
    const fresh = { held, access, dtype, wide, name: `m${this.#declared.length}` };
    this.#declared.push(fresh);
    return fresh;
  }
}
