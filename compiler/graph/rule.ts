/** What a simplification rule sees and gives. */

import { bug } from "../bug.ts";
import { wholes } from "../ops/attrs.ts";
import type { OpName } from "../ops/table.ts";
import type { Attrs, Node, TensorType, ValueId } from "./graph.ts";

/** A value equal to what the operation would give, or undefined where the rule says nothing. */
export type Rule = (site: RuleSite) => ValueId | undefined;

export type Rules = Readonly<Partial<Record<OpName, readonly Rule[]>>>;

/** One application of an operation, its arguments already simple. */
export interface RuleSite {
  readonly args: readonly ValueId[];
  readonly attrs: Attrs;
  /** The type of what the operation gives. */
  readonly result: TensorType;
  typeOf(value: ValueId): TensorType;
  /** The node that makes the value, if it is one of that operation. */
  madeBy(value: ValueId, op: OpName): Node | undefined;
  /** The number that every element is, where that is known. */
  constantOf(value: ValueId): number | undefined;
  /** The first result of an operation, made as simple as rules can. */
  emit(op: OpName, args: readonly ValueId[], attrs?: Attrs): ValueId;
}

/** The number in every place of what the operation gives. */
export function filled({ emit, result }: RuleSite, value: number): ValueId {
  return emit("constant", [], { value, dtype: result.dtype, shape: result.shape });
}

/** An attribute that is a list of whole numbers: a shape, axes, labels. */
export function listOf(attrs: Attrs, name: string): readonly number[] {
  const read = wholes.read(attrs[name]) ?? bug(`attribute ${name} should be ${wholes.wanted}`);
  return read.value;
}
