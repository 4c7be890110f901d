/**
 * The functions that the language itself has, one record each: the names of its arguments, and what a call
 * gives. Everything that can be said with them is said in the standard library instead.
 */

import { error } from "../diagnostics/diagnostic.ts";
import { showCount } from "../diagnostics/list.ts";
import type { OpName } from "../ops/table.ts";
import type { Span } from "../source/file.ts";
import { add, constant, knownSize } from "../tensor/size.ts";
import { axesAgree, reportPrecision } from "./agreement.ts";
import { aligned, castNode, emit, numericShape } from "./algebra.ts";
import { reportUnits } from "./algebra-faults.ts";
import { attention } from "./attention.ts";
import type { Context } from "./context.ts";
import { takes, tensorOf, wordOf, wrong } from "./given.ts";
import { type Initialiser, partsIn, stack } from "./instance.ts";
import { crossEntropy, mean } from "./means.ts";
import { amountOf, changing, nodeOf, numberOf, real, unitOf, unknown, whole } from "./number.ts";
import { showTensor } from "./show.ts";
import { isPlain } from "./unit.ts";
import {
  type Axis,
  axis,
  bool,
  type ElementType,
  errorValue,
  type Given,
  type OpaqueValue,
  tensor,
  type Value,
} from "./value.ts";

export interface Builtin {
  readonly doc: string;
  /** In order; a name with `?` may be left out. */
  readonly parameters: readonly string[];
  call(context: Context, given: ReadonlyMap<string, Given>, at: Span): Value;
}

/** Blocks of a stack. 58 layers of 256 experts of four blocks each, a large mixture, are 59,392. */
const mostParts = 250_000;

/** Names that stand for values. */
export function constantOf(context: Context, name: string): Value | undefined {
  if (name === "pi") return real(Math.PI);
  if (name === "training") return bool(context.emit?.training);
  return undefined;
}

export const constantNames: readonly string[] = ["pi", "training"];

export const builtins: Readonly<Record<string, Builtin>> = {
  exp: elementwise("exp", Math.exp, "e to the power of each element."),
  log: elementwise("log", Math.log, "The natural logarithm."),
  sqrt: elementwise("sqrt", Math.sqrt, "The square root."),
  rsqrt: elementwise("rsqrt", (x) => 1 / Math.sqrt(x), "One over the square root."),
  sin: elementwise("sin", Math.sin, "The sine, of radians."),
  cos: elementwise("cos", Math.cos, "The cosine, of radians."),
  tanh: elementwise("tanh", Math.tanh, "The hyperbolic tangent."),
  sigmoid: elementwise("sigmoid", (x) => 1 / (1 + Math.exp(-x)), "1 / (1 + exp(−x))."),
  abs: elementwise("absolute", Math.abs, "The distance from 0."),
  sign: elementwise("sign", Math.sign, "−1, 0 or 1."),
  floor: elementwise("floor", Math.floor, "The next whole number below."),
  pow: pairwise("power", Math.pow, "The first to the power of the second."),
  min: pairwise("minimum", Math.min, "The smaller of two, element by element."),
  max: pairwise("maximum", Math.max, "The larger of two, element by element."),

  f32: conversion("f32", "Widens to 32 bits."),
  f16: conversion("f16", "Rounds to 16 bits."),
  int: conversion("i32", "Whole numbers: floats are cut off towards 0."),

  like: {
    doc: "The first tensor in the precision of the second.",
    parameters: ["x", "other"],
    call(context, given, at) {
      const [x, other] = [tensorOf(context, given, "x"), tensorOf(context, given, "other")];
      if (x === undefined || other === undefined) return errorValue;
      return tensor(other.dtype, x.shape, castNode(context, x.node, x.dtype, other.dtype, at));
    },
  },

  rank: {
    doc: "The number of axes.",
    parameters: ["x"],
    call(context, given) {
      const value = given.get("x")?.value;
      if (value?.kind === "number") return whole(constant(0));
      const x = tensorOf(context, given, "x");
      if (x === undefined) return errorValue;
      return x.shape.some((one) => one.kind === "run")
        ? unknown("int")
        : whole(constant(x.shape.length));
    },
  },

  iota: {
    doc: "0, 1, 2, … as an int[n].",
    parameters: ["n"],
    call(context, given, at) {
      const n = given.get("n")?.value;
      if (n?.kind !== "number" || n.size === undefined) return wrong(context, given, "n", "a size");
      const shape = [axis(n.size)];
      if (context.emit === undefined) return tensor("i32", shape);
      return tensor(
        "i32",
        shape,
        emit(context, "iota", [], { shape: numericShape(shape), axis: 0, dtype: "i32" }, at),
      );
    },
  },

  random: {
    doc: "Uniform in [0, 1), of the shape of `x`, new in every step.",
    parameters: ["x"],
    call(context, given, at) {
      const x = tensorOf(context, given, "x");
      if (x === undefined) return errorValue;
      const node = context.emit?.random(numericShape(x.shape), at);
      return tensor(x.dtype, x.shape, castNode(context, node, "f32", x.dtype, at));
    },
  },

  concat: {
    doc: "Tensors one after the other along an axis.",
    parameters: ["parts", "axis"],
    call: concat,
  },

  gather: {
    doc: "The rows of a table that an int tensor names.",
    parameters: ["table", "index"],
    call(context, given, at) {
      const [table, index] = [tensorOf(context, given, "table"), tensorOf(context, given, "index")];
      if (table === undefined || index === undefined) return errorValue;
      if (index.dtype !== "i32") return wrong(context, given, "index", "an int tensor");
      if (table.shape[0]?.kind !== "axis")
        return wrong(context, given, "table", "a tensor whose first axis is counted by the index");
      const shape = [...index.shape, ...table.shape.slice(1)];
      return tensor(table.dtype, shape, emit(context, "gather", [table.node, index.node], {}, at));
    },
  },

  attention: {
    doc: "softmax(q · kᵀ · scale) · v, for each query over the keys of its own segment; causal: not over later ones.",
    parameters: ["q", "k", "v", "causal", "segment", "scale?"],
    call: attention,
  },

  cross_entropy: {
    doc: "−log softmax(logits)[answer], summed and counted where `where` holds.",
    parameters: ["logits", "answer", "where?"],
    call: crossEntropy,
  },

  mean: {
    doc: "A sum and a count: of the elements of `x`, or of those where `where` holds.",
    parameters: ["x", "where?"],
    call: mean,
  },

  bpe: {
    doc: "A byte-level BPE tokenizer, trained on the `text` of rows before anything else.",
    parameters: ["rows", "vocabulary", "special?", "end?", "padding?"],
    call: trainedTokenizer,
  },

  stack: {
    doc: "Copies of a block, numbered from 0; called, each in turn.",
    parameters: ["count", "copy"],
    call(context, given, at) {
      const [count, copy] = [given.get("count")?.value, given.get("copy")?.value];
      if (count?.kind !== "number" || count.size === undefined)
        return wrong(context, given, "count", "a number of copies");
      if (copy?.kind !== "instance") return wrong(context, given, "copy", "a block");
      const parts = (knownSize(count.size) ?? 1) * partsIn(copy);
      if (parts <= mostParts) return stack(count.size, copy);
      context.report(
        error("made-of-too-much", {
          at: given.get("count")?.expr.span ?? at,
          title: `this is a stack of ${showCount(parts)} blocks in all, and ${showCount(mostParts)} are the most`,
        }),
      );
      return errorValue;
    },
  },

  zeros: initialiser([], () => () => ({ kind: "fill", value: 0 }), "Starts at 0."),
  ones: initialiser([], () => () => ({ kind: "fill", value: 1 }), "Starts at 1."),
  normal: initialiser(
    ["std"],
    ([std]) =>
      () => ({ kind: "normal", std }),
    "Starts normally distributed.",
  ),
  uniform: initialiser(
    ["bound"],
    ([bound]) =>
      () => ({ kind: "uniform", bound }),
    "Starts uniform in ±bound.",
  ),
  // With a = √5, as PyTorch starts its linear layers and PEFT its lora_A: sqrt(6 / ((1 + 5) · inputs)).
  kaiming_uniform: initialiser(
    [],
    () => (inputs) => ({ kind: "uniform", bound: 1 / Math.sqrt(inputs) }),
    "He et al. 2015, as linear layers start.",
  ),
};

// Families --------------------------------------------------------------------------------------

function elementwise(op: OpName, meaning: (x: number) => number, doc: string): Builtin {
  return {
    doc,
    parameters: ["x"],
    call(context, given, at) {
      const x = given.get("x")?.value;
      if (x?.kind === "number" && isPlain(x.unit)) {
        const amount = amountOf(x);
        if (amount !== undefined) return real(meaning(amount));
        return x.node === undefined
          ? unknown("float")
          : changing(emit(context, op, [x.node], {}, at));
      }
      if (x?.kind !== "tensor") return wrong(context, given, "x", "a tensor or a number");
      if (!takes(context, given, "x", op, at)) return errorValue;
      return tensor(x.dtype, x.shape, emit(context, op, [x.node], {}, at));
    },
  };
}

function pairwise(op: OpName, meaning: (a: number, b: number) => number, doc: string): Builtin {
  return {
    doc,
    parameters: ["a", "b"],
    call(context, given, at) {
      const [left, right] = [given.get("a"), given.get("b")];
      if (left === undefined || right === undefined) return errorValue;
      const [a, b] = [left.value, right.value];
      if (a.kind === "number" && b.kind === "number") {
        const unit = op === "power" ? "float" : unitOf("+", a.unit, b.unit);
        if (unit === undefined) {
          const [x, y] = [
            { ...left, value: a },
            { ...right, value: b },
          ];
          reportUnits(context, wordOf(at), x, y, at);
          return errorValue;
        }
        const [x, y] = [amountOf(a), amountOf(b)];
        if (x !== undefined && y !== undefined) return numberOf(meaning(x, y), unit);
        if (a.node === undefined && b.node === undefined) return unknown(unit);
        return changing(
          emit(context, op, [nodeOf(context, a, at), nodeOf(context, b, at)], {}, at),
          unit,
        );
      }
      const pair = aligned(context, left, right, at);
      if (pair === undefined) return errorValue;
      const side = a.kind === "tensor" ? "a" : "b";
      if (!takes(context, given, side, op, at)) return errorValue;
      return tensor(pair.dtype, pair.shape, emit(context, op, [pair.a, pair.b], {}, at));
    },
  };
}

function conversion(to: ElementType, doc: string): Builtin {
  return {
    doc,
    parameters: ["x"],
    call(context, given, at) {
      const x = given.get("x")?.value;
      if (x?.kind === "number") {
        if (!isPlain(x.unit)) return wrong(context, given, "x", "a number without a unit");
        const amount = amountOf(x);
        if (to === "i32")
          return amount === undefined ? unknown("int") : numberOf(Math.trunc(amount), "int");
        return amount === undefined ? unknown("float") : real(amount);
      }
      if (x?.kind !== "tensor") return wrong(context, given, "x", "a tensor or a number");
      return tensor(to, x.shape, castNode(context, x.node, x.dtype, to, at));
    },
  };
}

function initialiser(
  parameters: readonly string[],
  make: (values: number[]) => Initialiser,
  doc: string,
): Builtin {
  return {
    doc,
    parameters,
    call(context, given) {
      const values: number[] = [];
      for (const name of parameters) {
        const value = given.get(name)?.value;
        const amount = value?.kind === "number" ? amountOf(value) : undefined;
        if (amount === undefined && value?.kind !== "number")
          return wrong(context, given, name, "a number");
        values.push(amount ?? 0);
      }
      const init: OpaqueValue = {
        kind: "opaque",
        type: "init",
        members: new Map(),
        data: make(values),
        columns: undefined,
      };
      return init;
    },
  };
}

// Single ones -----------------------------------------------------------------------------------

function concat(context: Context, given: ReadonlyMap<string, Given>, at: Span): Value {
  const [parts, axisGiven] = [given.get("parts")?.value, given.get("axis")?.value];
  const place = axisGiven?.kind === "number" ? amountOf(axisGiven) : undefined;
  if (place === undefined) return wrong(context, given, "axis", "the number of an axis");
  const tensors =
    parts?.kind === "list" ? parts.items.filter((item) => item.kind === "tensor") : [];
  const [first] = tensors;
  if (first === undefined || parts?.kind !== "list" || tensors.length !== parts.items.length) {
    return parts?.kind === "list" && parts.items.some((item) => item.kind === "error")
      ? errorValue
      : wrong(context, given, "parts", "a list of tensors");
  }
  const along = first.shape[place];
  if (along?.kind !== "axis") {
    context.report(
      error("rank-mismatch", {
        at,
        title:
          along === undefined
            ? `${showTensor(first)} has no axis ${place}: they are counted from 0`
            : `axis ${place} of ${showTensor(first)} is one of a run, and which one is not known`,
      }),
    );
    return errorValue;
  }
  const written = given.get("parts")?.expr;
  for (const [which, one] of tensors.entries()) {
    const span = written?.kind === "list" ? (written.items[which]?.span ?? at) : at;
    const axes = first.shape.map((size, where) =>
      where === place ? (one.shape[where] ?? size) : size,
    );
    if (one.dtype !== first.dtype) {
      reportPrecision(context, one, first, "what follows it", span);
      return errorValue;
    }
    if (!axesAgree(context, one, axes, "what follows the first part", span)) return errorValue;
  }
  const total = tensors.reduce((sum, one) => {
    const size = one.shape[place];
    return size.kind === "axis" ? add(sum, size.size) : sum;
  }, constant(0));
  const shape: Axis[] = first.shape.map((size, where) => (where === place ? axis(total) : size));
  return tensor(
    first.dtype,
    shape,
    emit(
      context,
      "concat",
      tensors.map((one) => one.node),
      { axis: place },
      at,
    ),
  );
}

function trainedTokenizer(context: Context, given: ReadonlyMap<string, Given>): Value {
  const [rows, vocabulary] = [given.get("rows")?.value, given.get("vocabulary")?.value];
  if (rows?.kind !== "dataset" || !rows.columns.has("text"))
    return wrong(context, given, "rows", "a dataset with a column `text`");
  const size = vocabulary?.kind === "number" ? amountOf(vocabulary) : undefined;
  if (size === undefined) return wrong(context, given, "vocabulary", "a number of tokens");
  const special = given.get("special")?.value ?? { kind: "list" as const, items: [] };
  const names = special.kind === "list" ? special.items.map(textOf) : [undefined];
  if (names.includes(undefined)) return wrong(context, given, "special", "a list of strings");
  const roles: Record<string, string> = {};
  for (const name of ["end", "padding"]) {
    const value = given.get(name)?.value;
    if (value === undefined) continue;
    const mark = textOf(value);
    if (mark === undefined || !names.includes(mark))
      return wrong(context, given, name, "one of the `special` tokens");
    roles[name] = mark;
  }
  const data = {
    kind: "trained-tokenizer",
    data: rows.stages,
    column: "text",
    vocabulary: size,
    special: names,
    ...roles,
  };
  return { kind: "opaque", type: "tokenizer", members: new Map(), data, columns: undefined };
}

function textOf(value: Value): string | undefined {
  return value.kind === "string" ? value.value : undefined;
}
