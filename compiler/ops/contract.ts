/**
 * The einsum of two operands: axes are labelled by integers, and the product is summed over the labels that
 * `out` lacks. Matrix products, batched or transposed, outer products and dot products are all this.
 */

import { type Dtype, isFloat } from "../tensor/dtype.ts";
import { elementsOf, type NdArray, placesOf, stridesOf, taken } from "../tensor/ndarray.ts";
import { dtype, optional, wholes } from "./attrs.ts";
import { demand, demandCount, operation } from "./define.ts";
import type { Nodes } from "./nodes.ts";
import type { TensorType, ValueId } from "./op.ts";

/**
 * attrs: `left`, `right`, `out`: a label an axis, none twice in one list; `to`: the result's dtype, by default
 * the wider of the operands'.
 */
export const contract = operation("contract", {
  attrs: { left: wholes, right: wholes, out: wholes, to: optional(dtype) },
  form: { kind: "contract" },
  infer(args, { left, right, out, to }) {
    demandCount("contract", args, 2);
    const [a, b] = args;
    demand(isFloat(a.dtype) && isFloat(b.dtype), "contract", "its arguments are floats", args);
    const labels = `left [${left}], right [${right}] → [${out}]`;
    const rule = (holds: boolean, text: string) =>
      demand(holds, "contract", `${labels}: ${text}`, args);
    rule([left, right, out].every(isDistinct), "no list has a label twice");
    rule(left.length === a.shape.length, "the left one has a label for each axis");
    rule(right.length === b.shape.length, "the right one has a label for each axis");
    const sizes = sizesOf([left, right], args);
    const agree = right.every((label, axis) => sizes.get(label) === b.shape[axis]);
    rule(agree, "a label has one size");
    rule(
      out.every((label) => sizes.has(label)),
      "the result has no label of its own",
    );
    rule(to === undefined || isFloat(to), "the result is a float");
    return [{ dtype: to ?? wider(a, b), shape: out.map((label) => sizes.get(label) ?? 0) }];
  },
  gradient(nodes, { args: [a, b], attrs: { left, right, out }, dy }) {
    return [
      () => byOperand(nodes, { value: a, labels: left }, dy, out, b, right),
      () => byOperand(nodes, { value: b, labels: right }, dy, out, a, left),
    ];
  },
  reference([a, b], { left, right, out }, [result]) {
    return [product(a, left, b, right, out, result)];
  },
});

/** The gradient of one operand: `dy` times the other one, repeated along axes that only it had. */
function byOperand(
  nodes: Nodes,
  wanted: { readonly value: ValueId; readonly labels: readonly number[] },
  dy: ValueId,
  out: readonly number[],
  other: ValueId,
  otherLabels: readonly number[],
): ValueId {
  const type = nodes.typeOf(wanted.value);
  const known = wanted.labels.filter((label) => out.includes(label) || otherLabels.includes(label));
  const labels = { left: out, right: otherLabels, out: known };
  const natural = wider(nodes.typeOf(dy), nodes.typeOf(other));
  const attrs = natural === type.dtype ? labels : { ...labels, to: type.dtype };
  const gradient = nodes.one("contract", [dy, other], attrs);
  if (known.length === wanted.labels.length) return gradient;
  const axes = known.map((label) => wanted.labels.indexOf(label));
  return nodes.broadcast(gradient, type.shape, axes);
}

function wider(a: TensorType, b: TensorType): Dtype {
  return a.dtype === b.dtype ? a.dtype : "f32";
}

/** Both operands packed so that the sum runs along memory: rows of the left times rows of the right. */
function product(
  a: NdArray,
  left: readonly number[],
  b: NdArray,
  right: readonly number[],
  out: readonly number[],
  result: TensorType,
): NdArray {
  const sizes = sizesOf([left, right], [a, b]);
  const batch = out.filter((label) => left.includes(label) && right.includes(label));
  const rows = out.filter((label) => left.includes(label) && !right.includes(label));
  const columns = out.filter((label) => !left.includes(label));
  const summed = [...sizes.keys()].filter((label) => !out.includes(label));
  const shape = (labels: readonly number[]) => labels.map((label) => sizes.get(label) ?? 0);
  const count = (labels: readonly number[]) => elementsOf(shape(labels));
  // An operand that lacks a label repeats along it: its stride is 0.
  const strides = (labels: readonly number[], own: readonly number[], array: TensorType) => {
    const all = stridesOf(array.shape);
    return labels.map((label) => (own.includes(label) ? all[own.indexOf(label)] : 0));
  };
  const packed = (array: NdArray, own: readonly number[], free: readonly number[]) => {
    const order = [...batch, ...free, ...summed];
    return taken(array.data, placesOf(shape(order), strides(order, own, array)));
  };
  const [leftRows, rightRows] = [packed(a, left, rows), packed(b, right, columns)];
  const order = [...batch, ...rows, ...columns];
  const places = placesOf(shape(order), strides(order, out, result));
  const [m, n, k] = [count(rows), count(columns), count(summed)];
  const data = new Float64Array(places.length);
  for (let at = 0; at < places.length; at++) {
    const column = at % n;
    const row = (at - column) / n;
    const rightRow = Math.floor(row / m) * n + column;
    data[places[at]] = dot(leftRows, row * k, rightRows, rightRow * k, k);
  }
  return { ...result, data };
}

/** In four sums, which the processor adds side by side. */
function dot(a: Float64Array, aStart: number, b: Float64Array, bStart: number, length: number) {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const fours = length - (length % 4);
  for (let at = 0; at < fours; at += 4) {
    s0 += a[aStart + at] * b[bStart + at];
    s1 += a[aStart + at + 1] * b[bStart + at + 1];
    s2 += a[aStart + at + 2] * b[bStart + at + 2];
    s3 += a[aStart + at + 3] * b[bStart + at + 3];
  }
  for (let at = fours; at < length; at++) s0 += a[aStart + at] * b[bStart + at];
  return s0 + s1 + (s2 + s3);
}

/** By label; the first axis that has it decides. */
function sizesOf(
  lists: readonly (readonly number[])[],
  args: readonly TensorType[],
): Map<number, number> {
  const sizes = new Map<number, number>();
  lists.forEach((labels, at) => {
    labels.forEach((label, axis) => {
      if (!sizes.has(label)) sizes.set(label, args[at].shape[axis]);
    });
  });
  return sizes;
}

function isDistinct(labels: readonly number[]): boolean {
  return new Set(labels).size === labels.length;
}
