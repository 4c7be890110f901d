/** Makes an operation's record from rules that see typed attributes, and holds the checks that rules share. */

import { bug } from "../bug.ts";
import { type Dtype, isFloat } from "../tensor/dtype.ts";
import type { NdArray } from "../tensor/ndarray.ts";
import { type Decoded, decode, type Schema } from "./attrs.ts";
import { type Nodes, nodesOf } from "./nodes.ts";
import type { Elements, Form, Op, Site, TensorType, ValueId } from "./op.ts";

export interface Definition<S extends Schema> {
  readonly attrs: S;
  readonly form: Form;
  readonly elements?: Elements;
  infer(args: readonly TensorType[], attrs: Decoded<S>): readonly TensorType[];
  /** By argument, what builds its gradient; undefined where that is zero. Only what is wanted is called. */
  gradient?(nodes: Nodes, site: RuleSite<S>): readonly (Lazy | undefined)[];
  reference(
    args: readonly NdArray[],
    attrs: Decoded<S>,
    results: readonly TensorType[],
  ): readonly NdArray[];
}

export type Lazy = () => ValueId;

export interface RuleSite<S extends Schema> {
  readonly args: readonly ValueId[];
  readonly results: readonly ValueId[];
  readonly attrs: Decoded<S>;
  /** The loss by the first result. */
  readonly dy: ValueId;
}

/** An operation of one float result that matters; its gradient rule begins from `dy`. */
export function operation<S extends Schema>(name: string, definition: Definition<S>): Op {
  const { attrs: schema, form, elements, gradient } = definition;
  const op: Op = {
    name,
    form,
    ...(elements === undefined ? {} : { elements }),
    infer: (args, attrs) => definition.infer(args, decode(name, schema, attrs)),
    reference: (args, attrs, results) =>
      definition.reference(args, decode(name, schema, attrs), results),
  };
  if (gradient === undefined) return op;
  return {
    ...op,
    gradient(emit, site) {
      const [dy, ...others] = site.gradients;
      if (dy === undefined || others.some((other) => other !== undefined)) {
        bug(`${name} has a gradient by its first result only`);
      }
      const { args, results } = site;
      const rule = { args, results, attrs: decode(name, schema, site.attrs), dy };
      return wantedOf(site, gradient(nodesOf(emit), rule));
    },
  };
}

/** Calls what builds the gradients that are wanted. */
export function wantedOf(
  site: Site,
  rules: readonly (Lazy | undefined)[],
): (ValueId | undefined)[] {
  return site.args.map((_, at) => (site.wanted[at] ? rules[at]?.() : undefined));
}

/** Builds at the first call and gives the same ever after: for what two gradients have in common. */
export function once<T>(build: () => T): () => T {
  let built: { readonly value: T } | undefined;
  return () => {
    built ??= { value: build() };
    return built.value;
  };
}

// Checks ----------------------------------------------------------------------------------------

/** `f32[2, 3]` */
export function showTensorType({ dtype, shape }: TensorType): string {
  return `${dtype}[${shape.join(", ")}]`;
}

/** A bug unless the rule holds: names the operation, the rule, and every argument. */
export function demand(
  holds: boolean,
  name: string,
  rule: string,
  args: readonly TensorType[],
): asserts holds {
  if (!holds) bug(`${name}: ${rule}; its arguments are ${args.map(showTensorType).join(", ")}`);
}

export function holdsElements(elements: Elements, dtype: Dtype): boolean {
  switch (elements) {
    case "float":
      return isFloat(dtype);
    case "signed":
      return isFloat(dtype) || dtype === "i32";
    case "number":
      return dtype !== "bool";
    case "bool":
      return dtype === "bool";
    case "any":
      return true;
    default:
      return elements satisfies never;
  }
}

export function demandCount(name: string, args: readonly TensorType[], count: number): void {
  demand(args.length === count, name, `it takes ${count} arguments`, args);
}

export function demandSame(name: string, args: readonly TensorType[]): void {
  const alike = args.every((arg) => sameType(arg, args[0]));
  demand(alike, name, "all arguments have one type", args);
}

export function demandType(
  name: string,
  args: readonly TensorType[],
  at: number,
  wanted: TensorType,
): void {
  const rule = `argument ${at} is ${showTensorType(wanted)}`;
  demand(sameType(args[at], wanted), name, rule, args);
}

export function sameType(a: TensorType, b: TensorType): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape);
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
