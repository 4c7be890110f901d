/** Where lowering meets a graph: parameters become inputs, attention sees the batch or a cache. */

import { bug } from "../bug.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Attrs, ValueId } from "../ops/op.ts";
import type { OpName } from "../ops/table.ts";
import type { Span } from "../source/file.ts";
import { constant, knownSize } from "../tensor/size.ts";
import type { AttentionCall, Context, Emitter } from "../types/context.ts";
import { evaluate } from "../types/expr.ts";
import { type Axis, axis, type Parameter, tensor, type Value } from "../types/value.ts";
import type { GraphBuilder } from "./builder.ts";

/** How a program's attention finds its keys. */
export type Attend = (emitter: GraphEmitter, call: AttentionCall) => ValueId;

export interface LowerOptions {
  /** The name under which a parameter's data live: ties share one. */
  readonly nameOf: (path: string) => string;
  readonly training: boolean;
  readonly attend: Attend;
  /** Hears of requirements in bodies that the numbers break: nothing but lowering goes through them with numbers. */
  readonly broken?: ((fault: Diagnostic) => void) | undefined;
}

export class GraphEmitter implements Emitter {
  readonly builder: GraphBuilder;
  readonly training: boolean;
  readonly #options: LowerOptions;
  readonly #part: string;
  readonly #shared: Shared;

  constructor(
    builder: GraphBuilder,
    options: LowerOptions,
    part = "",
    shared: Shared = { parameters: new Map(), random: 0, seed: undefined },
  ) {
    this.builder = builder;
    this.training = options.training;
    this.#options = options;
    this.#part = part;
    this.#shared = shared;
  }

  inside(part: string): GraphEmitter {
    return new GraphEmitter(this.builder, this.#options, part, this.#shared);
  }

  apply(op: OpName, args: readonly ValueId[], attrs: Attrs, span: Span): readonly ValueId[] {
    return this.builder.apply(op, args, attrs, { span, part: this.#part });
  }

  one(op: OpName, args: readonly ValueId[], attrs: Attrs = {}): ValueId {
    return this.builder.apply(op, args, attrs)[0];
  }

  /** Parameters are never changed where a model is run; `weight` says so. */
  parameter(parameter: Parameter): ValueId {
    const name = this.#options.nameOf(parameter.path);
    const known = this.#shared.parameters.get(name);
    if (known !== undefined) return known;
    const value = this.builder.input(name, "weight", {
      dtype: "f32",
      shape: numbersOf(parameter.shape),
    });
    this.#shared.parameters.set(name, value);
    return value;
  }

  /** Inputs by the names of their parameters, as far as the program reads them. */
  parameters(): ReadonlyMap<string, ValueId> {
    return this.#shared.parameters;
  }

  /** Whether somebody hears of it. */
  reports(fault: Diagnostic): boolean {
    if (fault.slug !== "requirement-broken" || this.#options.broken === undefined) return false;
    this.#options.broken(fault);
    return true;
  }

  attend(call: AttentionCall): ValueId {
    return this.#options.attend(this, call);
  }

  random(shape: readonly number[], origin: Span): ValueId {
    const shared = this.#shared;
    shared.seed ??= this.one("add", [
      this.one("multiply", [
        this.builder.input("execution", "scalar", u32),
        this.one("constant", [], { value: 0x9e3779b1, dtype: "u32", shape: [] }),
      ]),
      this.builder.input("seed", "scalar", u32),
    ]);
    return this.apply("random", [shared.seed], { shape, stream: shared.random++ }, origin)[0];
  }
}

/** What the emitters of a graph's parts have in common. */
interface Shared {
  readonly parameters: Map<string, ValueId>;
  random: number;
  seed: ValueId | undefined;
}

const u32 = { dtype: "u32", shape: [] } as const;

/** Attention over the batch's own keys. */
export const attendBatch: Attend = (
  emitter,
  { query, key, value, segment, causal, scale, origin },
) => {
  const offset = emitter.one("constant", [], { value: 0, dtype: "i32", shape: [] });
  return emitter.apply(
    "attention",
    [query, key, value, segment, segment, offset],
    { causal, scale },
    origin,
  )[0];
};

/** A context that lowers; a fault here that is no broken requirement was for the checker to find, so it is ours. */
export function lowering(emitter: GraphEmitter): Context {
  return {
    report: (fault: Diagnostic) => {
      if (emitter.reports(fault)) return;
      bug(
        `lowering found a fault that checking had not: ${fault.title}`,
        fault.primary.span.file.path,
      );
    },
    evaluate,
    emit: emitter,
    facts: [],
  };
}

export function numbersOf(shape: readonly Axis[]): number[] {
  return shape.map(
    (one) =>
      (one.kind === "axis" ? knownSize(one.size) : undefined) ??
      bug("a size is unknown while lowering"),
  );
}

/** A node as a value of the language. */
export function tensorValue(
  dtype: "float" | "i32" | "bool",
  shape: readonly number[],
  node: ValueId,
): Value {
  return tensor(
    dtype,
    shape.map((size) => axis(constant(size))),
    node,
  );
}
