/** Attention and cross-entropy: the operands of their templates as closures over kept values. */

import { bug } from "../bug.ts";
import { flatten, type Index, indexText, variable } from "../kernels/index.ts";
import type { Scalar, TemplateKernel } from "../kernels/kernel.ts";
import { Bindings } from "./bindings.ts";
import type { Emitted } from "./emitted.ts";
import { elementText } from "./scalar.ts";
import {
  attentionForward,
  attentionKeyValueGradient,
  attentionQueryGradient,
  chooseAttention,
} from "./templates/attention.ts";
import { crossEntropyForward, crossEntropyGradient } from "./templates/crossentropy.ts";
import type { AttentionSpec, HeadTensor, KernelTarget, KernelText } from "./templates/template.ts";

export function templateText(kernel: TemplateKernel, target: KernelTarget): Emitted {
  const operands = new Operands(kernel);
  const text = kernel.template === "attention" ? attention(kernel, operands, target) : crossEntropy(kernel, operands);
  return { stages: [{ ...text, bindings: operands.bindings.list() }], scratch: 0 };
}

/** Operands and results by place; all of them are bound before a template is asked for its text. */
class Operands {
  readonly bindings = new Bindings();
  readonly #kernel: TemplateKernel;

  constructor(kernel: TemplateKernel) {
    this.#kernel = kernel;
    for (const [place, { body }] of kernel.operands.entries()) {
      // What a kernel does not use must not be bound: only causal attention reads its offset.
      const isOffset = kernel.template === "attention" && place === kernel.operands.length - 1;
      if (isOffset && kernel.attrs.causal !== true) continue;
      if (body.kind === "load") this.bindings.read(body.value, body.dtype, false);
    }
    for (const { value, dtype } of kernel.results) this.bindings.write(value, dtype, false);
  }

  /** The element of an operand at these coordinates, each an expression of type u32. */
  at(place: number, coordinates: readonly string[]): string {
    const { body } = this.#kernel.operands[place];
    const names = (name: string) => coordinates[Number(name.slice(1))] ?? bug(`a template's operand has no variable ${name}`);
    return this.#text(body, names);
  }

  store(place: number, coordinates: readonly string[], value: string): string {
    const { value: held, shape, dtype } = this.#kernel.results[place];
    const { name } = this.bindings.write(held, dtype, false);
    const index: Index = flatten(shape.map((size, axis) => variable(`i${axis}`, size)), shape);
    return `${name}[${indexText(index, (variable) => coordinates[Number(variable.slice(1))] ?? "0u")}] = ${value};`;
  }

  #text(body: Scalar, names: (name: string) => string): string {
    if (body.kind !== "load") return bug("an operand of a template is more than a load");
    const { name, wide } = this.bindings.read(body.value, body.dtype, false);
    const element = elementText(name, wide, indexText(body.index, names));
    return body.dtype === "bool" ? `(${element} != 0u)` : element;
  }
}

function attention(kernel: TemplateKernel, operands: Operands, target: KernelTarget): KernelText {
  const gradient = kernel.part !== "forward";
  const [query, key] = kernel.operands.map((operand) => operand.shape);
  const [batch, heads, queries, channels] = query;
  const shape = { batch, heads, groups: key[1], queries, keys: key[2], channels };
  const head = (place: number): HeadTensor => ({ load: (...at) => operands.at(place, at) });
  // Gradients take out, lse and the gradient of out after q, k and v.
  const segments = gradient ? 6 : 3;
  const spec: AttentionSpec = {
    ...shape,
    causal: kernel.attrs.causal === true,
    scale: typeof kernel.attrs.scale === "number" ? kernel.attrs.scale : bug("attention without a scale"),
    query: head(0),
    key: head(1),
    value: head(2),
    querySegment: (...at) => operands.at(segments, at),
    keySegment: (...at) => operands.at(segments + 1, at),
    offset: kernel.attrs.causal === true ? operands.at(segments + 2, []) : "0i",
    declarations: { enables: [], text: operands.bindings.text() },
  };
  const store =
    (place: number) =>
    (b: string, h: string, t: string, c: string, value: string): string =>
      operands.store(place, [b, h, t, c], value);
  if (kernel.part === "forward") {
    const tile = chooseAttention(shape, "forward", target);
    const storeLse = (b: string, h: string, t: string, value: string) => operands.store(1, [b, h, t], value);
    return attentionForward({ ...spec, storeOut: store(0), storeLse }, tile);
  }
  const backward = {
    ...spec,
    out: head(3),
    lse: { load: (...at: [string, string, string]) => operands.at(4, at) },
    outGradient: head(5),
  };
  if (kernel.part === "query") {
    return attentionQueryGradient({ ...backward, storeQueryGradient: store(0) }, chooseAttention(shape, "query", target));
  }
  return attentionKeyValueGradient(
    { ...backward, storeKeyGradient: store(0), storeValueGradient: store(1) },
    chooseAttention(shape, "key-value", target),
  );
}

/** (logits, target, where) and for the gradient (…, lse, gradient of loss). */
function crossEntropy(kernel: TemplateKernel, operands: Operands): KernelText {
  const [rows, classes] = kernel.operands[0].shape;
  const spec = {
    rows,
    classes,
    logit: (row: string, column: string) => operands.at(0, [row, column]),
    label: (row: string) => operands.at(1, [row]),
    learns: (row: string) => operands.at(2, [row]),
    declarations: { enables: [], text: operands.bindings.text() },
  };
  if (kernel.part === "forward") {
    return crossEntropyForward({
      ...spec,
      storeLoss: (row, value) => operands.store(0, [row], value),
      storeLse: (row, value) => operands.store(1, [row], value),
    });
  }
  return crossEntropyGradient({
    ...spec,
    lse: (row) => operands.at(3, [row]),
    lossGradient: (row) => operands.at(4, [row]),
    storeGradient: (row, column, value) => operands.store(0, [row, column], value),
  });
}
