/** jax-js on the same adapter. It is made for browsers, so it is given what it expects of one. */

import * as jax from "@jax-js/jax";
import { create, globals } from "webgpu";
import { patiently } from "../runtime/patience.ts";
import type { Contestant } from "./interleave.ts";

export interface JaxMatmul extends Contestant {
  readonly result: () => Promise<Float32Array>;
}

export async function openJax(): Promise<void> {
  Object.assign(globalThis, globals);
  const gpu = create([]);
  Object.defineProperty(globalThis, "navigator", { value: { gpu, userAgent: "Node" } });
  const devices = await jax.init("webgpu");
  if (!devices.includes("webgpu")) throw new Error("jax-js found no GPU");
  jax.defaultDevice("webgpu");
}

export interface Stored {
  readonly data: Float32Array<ArrayBuffer>;
  readonly shape: readonly [number, number];
  /** The matmul takes its transpose. */
  readonly isTransposed: boolean;
}

/** A compiled matmul of two matrices as they are stored. */
export async function jaxMatmul(left: Stored, right: Stored): Promise<JaxMatmul> {
  const { numpy } = jax;
  const multiply = jax.jit((x: jax.Array, y: jax.Array) =>
    numpy.matmul(left.isTransposed ? x.transpose() : x, right.isTransposed ? y.transpose() : y),
  );
  const [x, y] = [left, right].map(({ data, shape }) => numpy.array(data).reshape([...shape]));
  await x.blockUntilReady();
  await y.blockUntilReady();
  // Operations take their arguments away; `ref` keeps ours.
  const product = () => multiply(x.ref, y.ref);
  return {
    name: "jax-js",
    run: async () => {
      const out = product();
      await patiently(out.blockUntilReady());
      out.dispose();
    },
    result: async () => {
      const data = await product().data();
      if (data instanceof Float32Array) return data;
      throw new Error("jax-js gave no f32");
    },
  };
}
