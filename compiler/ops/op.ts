/**
 * What an operation is: one record that says everything about itself. Shared code looks a record up and asks
 * it; no code outside a record asks which operation it has in hand.
 */

import type { Dtype } from "../tensor/dtype.ts";

/** Attributes are plain data, so that a graph prints and parses. */
export type Attr = number | string | boolean | readonly number[];
export type Attrs = Readonly<Record<string, Attr>>;

export interface TensorType {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}
