/** What a kernel becomes: the text of each of its dispatches, and what is bound to it in order. */

import type { ValueId } from "../ops/op.ts";
import type { Binding } from "./bindings.ts";
import type { KernelText } from "./templates/template.ts";

export interface EmittedStage extends KernelText {
  readonly bindings: readonly Binding[];
}

export interface Emitted {
  readonly stages: readonly EmittedStage[];
  /** Bytes that the stages keep between them. */
  readonly scratch: number;
}

/** A result that is computed over the state it replaces. */
export interface InPlace {
  readonly from: ValueId;
  readonly to: ValueId;
}
