/** Tensors that come from no tensor: one number everywhere, a count along an axis, random numbers. */

import { isFloat } from "../tensor/dtype.ts";
import { elementsOf, stridesOf } from "../tensor/ndarray.ts";
import { roundTo } from "../tensor/round.ts";
import { dtype, real, whole, wholes } from "./attrs.ts";
import { demand, demandCount, demandType, operation } from "./define.ts";
import { uniform } from "./random.ts";

/** `value` everywhere; whole for integers, 0 or 1 for bool. */
export const constant = operation("constant", {
  attrs: { value: real, dtype, shape: wholes },
  form: { kind: "generate", generate: "constant" },
  infer(args, { value, dtype, shape }) {
    demandCount("constant", args, 0);
    const fits = isFloat(dtype) || roundTo(dtype, value) === value;
    demand(fits, "constant", `${value} is a value of ${dtype}`, args);
    return [{ dtype, shape }];
  },
  reference: (_, { value }, [result]) => [
    { ...result, data: new Float64Array(elementsOf(result.shape)).fill(value) },
  ],
});

/** 0, 1, 2, … along `axis`, the same along all others. */
export const iota = operation("iota", {
  attrs: { shape: wholes, axis: whole, dtype },
  form: { kind: "generate", generate: "iota" },
  infer(args, { shape, axis, dtype }) {
    demandCount("iota", args, 0);
    demand(axis < shape.length, "iota", `axis ${axis} is one of [${shape}]`, args);
    demand(dtype !== "bool", "iota", "it counts in numbers", args);
    return [{ dtype, shape }];
  },
  reference(_, { shape, axis }, [result]) {
    const stride = stridesOf(shape)[axis];
    const count = (_: unknown, at: number) => Math.floor(at / stride) % shape[axis];
    return [{ ...result, data: Float64Array.from({ length: elementsOf(shape) }, count) }];
  },
});

/** (seed: u32[]) → f32, uniform in [0, 1). `stream` keeps the uses of one seed apart. */
export const random = operation("random", {
  attrs: { shape: wholes, stream: whole },
  form: { kind: "random" },
  infer(args, { shape, stream }) {
    demandCount("random", args, 1);
    demandType("random", args, 0, { dtype: "u32", shape: [] });
    demand(roundTo("u32", stream) === stream, "random", `stream ${stream} has 32 bits`, args);
    return [{ dtype: "f32", shape }];
  },
  reference([seed], { stream }, [result]) {
    const number = (_: unknown, at: number) => uniform(seed.data[0], stream, at);
    return [{ ...result, data: Float64Array.from({ length: elementsOf(result.shape) }, number) }];
  },
});
