/** Operands of templates: elements as one expression of type f32, or four of them as a vec4. */

import type { Scalar } from "../kernels/kernel.ts";
import type { Dtype } from "../tensor/dtype.ts";
import { Writer, type Writing } from "./writer.ts";

export function operandText(body: Scalar, writing: Writing, dtype: Dtype = "f32"): string {
  const writer = new Writer({ ...writing, isInline: true });
  const { dtype: own } = body;
  const scalar: Scalar =
    own === dtype ? body : { kind: "operation", op: "cast", args: [body], dtype };
  return writer.write(scalar, writing.wide === undefined ? 1 : 4);
}
