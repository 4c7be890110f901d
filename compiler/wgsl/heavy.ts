/** Attention and cross-entropy: the operands of their templates as closures over expressions. */

import { bug } from "../bug.ts";
import { type Atom, flatten, indexText, isAligned, strideBy, variable } from "../kernels/index.ts";
import { readsIn, type TemplateKernel } from "../kernels/kernel.ts";
import { Bindings, elementText } from "./bindings.ts";
import { operandText } from "./operand.ts";
import { castText, type Width } from "./operations.ts";
import { declarationsOf, type Stage } from "./stage.ts";
import {
  attentionForward,
  attentionKeyValueGradient,
  attentionQueryGradient,
  chooseAttention,
} from "./templates/attention.ts";
import {
  chooseCrossEntropy,
  crossEntropyForward,
  crossEntropyGradient,
} from "./templates/crossentropy.ts";
import type {
  AttentionSpec,
  Declarations,
  HeadTensor,
  KernelTarget,
  KernelText,
} from "./templates/template.ts";
import { isWide } from "./width.ts";

export function templateStage(kernel: TemplateKernel, target: KernelTarget): Stage {
  const write = kernel.kind === "attention" ? attention : crossEntropy;
  // What is bound is known when a text is written, and declared in the next one.
  const trial = new Operands(kernel, new Bindings(new Map()), "");
  const body = write(kernel, trial, target).wgsl;
  const operands = new Operands(kernel, trial.bindings.settled(), body);
  return { ...write(kernel, operands, target), bindings: operands.bindings.list() };
}

/** Operands and results by place. */
class Operands {
  readonly bindings: Bindings;
  readonly declarations: Declarations;
  readonly #kernel: TemplateKernel;

  /** `body` is the kernel's text so far, to find out what it needs. */
  constructor(kernel: TemplateKernel, bindings: Bindings, body: string) {
    this.#kernel = kernel;
    this.bindings = bindings;
    this.declarations = declarationsOf(bindings, body);
  }

  shape(place: number): readonly number[] {
    return this.#kernel.operands[place].shape;
  }

  /** The element of an operand at these coordinates, each an expression of type u32. */
  at(place: number, coordinates: readonly string[], width: Width = 1): string {
    const { body, shape } = this.#kernel.operands[place];
    const names = Object.fromEntries(coordinates.map((text, axis) => [`i${axis}`, text]));
    const wide = width === 4 ? `i${shape.length - 1}` : undefined;
    const dtype = body.dtype === "f16" ? "f32" : body.dtype;
    return operandText(body, { bindings: this.bindings, names, wide }, dtype);
  }

  /** Whether four neighbours along the last axis, from a multiple of four on, are one aligned load. */
  isByFour(place: number): boolean {
    const { body, shape } = this.#kernel.operands[place];
    const last = `i${shape.length - 1}`;
    const moving = readsIn([body]).filter((read) => strideBy(read.index, last) !== 0);
    const isWhole = shape[shape.length - 1] % 4 === 0 && moving.length > 0;
    return isWhole && isWide(body, last) && moving.every((read) => isAligned(read.index, last));
  }

  head(place: number): HeadTensor {
    const load: HeadTensor["load"] = (...at) => this.at(place, at);
    return this.isByFour(place) ? { load, loadVector: (...at) => this.at(place, at, 4) } : { load };
  }

  /** Stores one element, or four neighbours along the last axis. */
  store(place: number, coordinates: readonly string[], value: string, width: Width = 1): string {
    const { value: held, type } = this.#kernel.results[place];
    const array = this.bindings.write(held, type.dtype, width === 4);
    const index = flatten(
      type.shape.map((size, axis) => variable(`i${axis}`, size)),
      type.shape,
    );
    const coordinate = ({ key }: Atom) =>
      coordinates[Number(key.slice(1))] ?? bug("a result has more axes than its template knows");
    const text = indexText(index, coordinate);
    const stored = castText(value, "f32", type.dtype, width);
    return width === 4
      ? `${array.name}[${text} / 4u] = ${stored};`
      : `${elementText(array, text)} = ${stored};`;
  }
}

function attention(kernel: TemplateKernel, operands: Operands, target: KernelTarget): KernelText {
  const { attrs, part } = kernel;
  const [batch, heads, queries, channels] = operands.shape(0);
  const [, groups, keys] = operands.shape(1);
  const shape = { batch, heads, groups, queries, keys, channels };
  // Gradients take out, lse and the gradient of out after q, k and v.
  const segments = part === "forward" ? 3 : 6;
  const causal = attrs.causal === true;
  const spec: AttentionSpec = {
    ...shape,
    causal,
    scale: typeof attrs.scale === "number" ? attrs.scale : bug("attention without a scale"),
    query: operands.head(0),
    key: operands.head(1),
    value: operands.head(2),
    querySegment: (...at) => operands.at(segments, at),
    keySegment: (...at) => operands.at(segments + 1, at),
    // What a kernel does not use must not be bound.
    offset: causal ? operands.at(segments + 2, []) : "0i",
    declarations: operands.declarations,
  };
  const store =
    (place: number) =>
    (...[b, h, t, c, value]: [string, string, string, string, string]): string =>
      operands.store(place, [b, h, t, c], value);
  if (part === "forward") {
    const storeLse = (b: string, h: string, t: string, value: string) =>
      operands.store(1, [b, h, t], value);
    const tile = chooseAttention(shape, "forward", target);
    return attentionForward({ ...spec, storeOut: store(0), storeLse }, tile);
  }
  const backward = {
    ...spec,
    out: operands.head(3),
    lse: { load: (...at: [string, string, string]) => operands.at(4, at) },
    outGradient: operands.head(5),
  };
  if (part === "query") {
    const tile = chooseAttention(shape, "query", target);
    return attentionQueryGradient({ ...backward, storeQueryGradient: store(0) }, tile);
  }
  const stores = { storeKeyGradient: store(0), storeValueGradient: store(1) };
  const tile = chooseAttention(shape, "key-value", target);
  return attentionKeyValueGradient({ ...backward, ...stores }, tile);
}

/** (logits, target, where) and for the gradient (…, lse, gradient of loss). */
function crossEntropy(
  kernel: TemplateKernel,
  operands: Operands,
  target: KernelTarget,
): KernelText {
  const [rows, classes] = operands.shape(0);
  const isByFour = operands.isByFour(0);
  const spec = {
    rows,
    classes,
    logit: (row: string, column: string) => operands.at(0, [row, column]),
    ...(isByFour
      ? { logitVector: (row: string, column: string) => operands.at(0, [row, column], 4) }
      : {}),
    label: (row: string) => operands.at(1, [row]),
    learns: (row: string) => operands.at(2, [row]),
    declarations: operands.declarations,
  };
  const tile = chooseCrossEntropy(spec, target);
  if (kernel.part === "forward") {
    const storeLoss = (row: string, value: string) => operands.store(0, [row], value);
    const storeLse = (row: string, value: string) => operands.store(1, [row], value);
    return crossEntropyForward({ ...spec, storeLoss, storeLse }, tile);
  }
  const store = (width: Width) => (row: string, column: string, value: string) =>
    operands.store(0, [row, column], value, width);
  return crossEntropyGradient(
    {
      ...spec,
      lse: (row) => operands.at(3, [row]),
      lossGradient: (row) => operands.at(4, [row]),
      storeGradient: store(1),
      ...(isByFour ? { storeGradientVector: store(4) } : {}),
    },
    tile,
  );
}
