/**
 * From nodes to kernels. Views and generators are never computed on their own: they become index expressions of
 * whoever reads them. A pointwise node joins its only reader, and the end of a pointwise chain joins the
 * reduction or contraction that begins it. What is left is one kernel each, in the order of the nodes.
 */

import { bug } from "../bug.ts";
import type { Graph, Node, ValueId } from "../graph/graph.ts";
import type { Form, TensorType } from "../ops/op.ts";
import { opOf } from "../ops/table.ts";
import { textOf } from "../source/file.ts";
import { elementsOf } from "../tensor/ndarray.ts";
import {
  constantIndex,
  flatten,
  type Index,
  indexArithmetic,
  unflatten,
  variable,
} from "./index.ts";
import type { Kernel, Scalar } from "./kernel.ts";

/** A pointwise node this cheap is computed again by each reader rather than kept. */
const cheapOperations = 1;

/** `given` are values that the host computes: kernels load them like inputs. */
export function kernelsOf(graph: Graph, given: ReadonlySet<ValueId> = new Set()): Kernel[] {
  return new Fuser(graph, given).kernels();
}

class Fuser {
  readonly #graph: Graph;
  readonly #makers = new Map<ValueId, Node>();
  readonly #uses = new Map<ValueId, number>();
  readonly #readers = new Map<ValueId, Node[]>();
  /** Values that a kernel writes; everything else that nodes make is inside the kernels that read it. */
  readonly #kept = new Set<ValueId>();
  /** By the last value of a chain: the node that begins it. */
  readonly #chains = new Map<ValueId, Node>();
  readonly #outputs: ReadonlySet<ValueId>;

  readonly #nodes: readonly Node[];

  constructor(graph: Graph, given: ReadonlySet<ValueId>) {
    this.#graph = graph;
    this.#outputs = new Set(graph.outputs.map((output) => output.value));
    this.#nodes = graph.nodes.filter((node) => !node.results.some((result) => given.has(result)));
    for (const node of this.#nodes) {
      for (const result of node.results) this.#makers.set(result, node);
      for (const argument of node.args) {
        this.#uses.set(argument, (this.#uses.get(argument) ?? 0) + 1);
        const readers = this.#readers.get(argument) ?? [];
        readers.push(node);
        this.#readers.set(argument, readers);
      }
    }
    for (const node of this.#nodes) this.#keep(node);
    for (const node of this.#nodes) this.#chain(node);
  }

  kernels(): Kernel[] {
    const kernels: Kernel[] = [];
    for (const node of this.#nodes) {
      const kept = node.results.filter((result) => this.#kept.has(result));
      if (kept.length > 0) kernels.push(this.#kernel(node));
    }
    return kernels;
  }

  // What is kept ----------------------------------------------------------------------------------

  #keep(node: Node): void {
    const form = formOf(node);
    const inline =
      form.kind === "view" ||
      form.kind === "generate" ||
      form.kind === "pointwise" ||
      form.kind === "random";
    for (const result of node.results) {
      const used = (this.#uses.get(result) ?? 0) > 0 || this.#outputs.has(result);
      if (!used) continue;
      if (!inline || this.#outputs.has(result)) this.#kept.add(result);
      else if (form.kind === "pointwise" ? this.#mustKeep(result) : this.#mustStore(node, result)) {
        this.#kept.add(result);
      }
    }
  }

  /** A pointwise value with several readers, or one that a template reads once for each of its tiles. */
  #mustKeep(value: ValueId): boolean {
    const readers = this.#distantReaders(value);
    if (readers.some((node) => readsRepeatedly(formOf(node)))) return true;
    return readers.length > 1 && this.#cost(value) > cheapOperations;
  }

  /** A view or generated value that a template reads, unless it is one load of something kept. */
  #mustStore(node: Node, value: ValueId): boolean {
    const readers = this.#readers.get(value) ?? [];
    if (!readers.some((reader) => readsRepeatedly(formOf(reader)))) return false;
    return this.#compute(node, value, variables(this.#type(value).shape)).kind !== "load";
  }

  /** Readers through views, and as often as they read. */
  #distantReaders(value: ValueId): Node[] {
    return (this.#readers.get(value) ?? []).flatMap((node) => {
      const form = formOf(node);
      if (form.kind === "view" && !this.#outputs.has(node.results[0]))
        return this.#distantReaders(node.results[0]);
      return [node];
    });
  }

  /** Operations and loads that computing it again would take. */
  #cost(value: ValueId): number {
    const node = this.#makers.get(value);
    if (node === undefined || this.#kept.has(value)) return 1;
    const form = formOf(node);
    if (form.kind === "generate") return 0;
    const own = form.kind === "pointwise" ? 1 : form.kind === "random" ? 8 : 0;
    return node.args.reduce((total, argument) => total + this.#cost(argument), own);
  }

  /** Lets the pointwise readers of a reduction or contraction be its epilogue, as far as they go. */
  #chain(node: Node): void {
    const form = formOf(node);
    if (form.kind !== "reduce" && form.kind !== "contract") return;
    let last = node.results[0];
    for (;;) {
      if (this.#outputs.has(last)) break;
      const readers = this.#readers.get(last) ?? [];
      const [reader] = readers;
      if (readers.length !== 1 || formOf(reader).kind !== "pointwise") break;
      if (reader.args.filter((argument) => argument === last).length !== 1) break;
      const [next] = reader.results;
      if (!sameShape(this.#type(next), this.#type(node.results[0]))) break;
      // The next value may be inside a later kernel, which then reads this one; the chain ends where it is kept.
      last = next;
      if (this.#kept.has(next)) break;
    }
    if (last === node.results[0] || !this.#kept.has(last)) return;
    this.#kept.delete(node.results[0]);
    this.#chains.set(last, node);
  }

  // Kernels ---------------------------------------------------------------------------------------

  #kernel(node: Node): Kernel {
    const [result] = node.results;
    const first = this.#chains.get(result);
    if (first !== undefined) return this.#heavy(first, result);
    const form = formOf(node);
    const type = this.#type(result);
    const parts = { label: labelOf(node), result, dtype: type.dtype, shape: type.shape };
    switch (form.kind) {
      case "pointwise":
      case "view":
      case "generate":
      case "random":
        return { kind: "map", ...parts, body: this.#compute(node, result, variables(type.shape)) };
      case "reduce":
      case "contract":
        return this.#heavy(node, result);
      case "gather": {
        const [table, index] = node.args;
        const shape = this.#type(index).shape;
        const count = elementsOf(shape);
        return {
          kind: "gather",
          ...parts,
          table: this.#stored(table),
          rows: this.#type(table).shape[0],
          width: elementsOf(this.#type(table).shape.slice(1)),
          index: this.#at(index, unflatten(variable("i0", count), shape)),
        };
      }
      case "scatter-add": {
        const [index, updates] = node.args;
        const shape = this.#type(index).shape;
        const count = elementsOf(shape);
        const width = elementsOf(type.shape.slice(1));
        const places = unflatten(variable("r0", count), shape);
        const columns = unflatten(variable("i1", width), type.shape.slice(1));
        return {
          kind: "scatter-add",
          ...parts,
          rows: type.shape[0],
          width,
          count,
          index: this.#at(index, places),
          update: this.#at(updates, [...places, ...columns]),
        };
      }
      case "write": {
        const [target, piece, at] = node.args;
        const shape = this.#type(piece).shape;
        return {
          kind: "write",
          ...parts,
          target: this.#stored(target),
          axis: numberOf(node, "axis"),
          piece: shape,
          at: this.#at(at, []),
          body: this.#at(piece, variables(shape)),
        };
      }
      case "attention":
      case "cross-entropy":
        return {
          kind: "template",
          label: parts.label,
          template: form.kind,
          part: form.part,
          attrs: node.attrs,
          operands: node.args.map((argument) => {
            const { shape } = this.#type(argument);
            return { shape, body: this.#at(argument, variables(shape)) };
          }),
          results: node.results.map((value) => ({ value, ...this.#type(value) })),
        };
      default:
        return form satisfies never;
    }
  }

  /** A reduction or contraction with the chain of pointwise nodes that ends in `last`. */
  #heavy(node: Node, last: ValueId): Kernel {
    const form = formOf(node);
    const [own] = node.results;
    const type = this.#type(own);
    const parts = { label: labelOf(node), result: last, dtype: this.#type(last).dtype };
    const accumulator: Scalar = { kind: "accumulator", dtype: type.dtype };
    if (form.kind === "reduce") {
      const [x] = node.args;
      const source = this.#type(x).shape;
      const axes = numbersOf(node, "axes");
      let [out, folded] = [0, 0];
      const indices = source.map((size, axis) =>
        axes.includes(axis) ? variable(`r${folded++}`, size) : variable(`i${out++}`, size),
      );
      return {
        kind: "reduce",
        ...parts,
        shape: type.shape,
        by: form.by,
        extents: axes.length === 0 ? [] : source.filter((_, axis) => axes.includes(axis)),
        body: this.#at(x, indices),
        epilogue: this.#epilogue(last, own, accumulator, variables(type.shape)),
      };
    }
    return this.#contract(node, last, parts, accumulator);
  }

  #contract(
    node: Node,
    last: ValueId,
    parts: { label: string; result: ValueId; dtype: TensorType["dtype"] },
    accumulator: Scalar,
  ): Kernel {
    const [left, right] = node.args;
    const labels = {
      left: numbersOf(node, "left"),
      right: numbersOf(node, "right"),
      out: numbersOf(node, "out"),
    };
    const sizes = new Map<number, number>();
    for (const [place, label] of labels.left.entries())
      sizes.set(label, this.#type(left).shape[place]);
    for (const [place, label] of labels.right.entries())
      sizes.set(label, this.#type(right).shape[place]);
    const inLeft = (label: number) => labels.left.includes(label);
    const inRight = (label: number) => labels.right.includes(label);
    const groups = {
      b: labels.out.filter((label) => inLeft(label) && inRight(label)),
      m: labels.out.filter((label) => inLeft(label) && !inRight(label)),
      n: labels.out.filter((label) => !inLeft(label) && inRight(label)),
      k: labels.left.filter((label) => inRight(label) && !labels.out.includes(label)),
    };
    const extent = (group: readonly number[]) =>
      elementsOf(group.map((label) => sizes.get(label) ?? 1));
    const coordinates = new Map<number, Index>();
    for (const [name, group] of Object.entries(groups)) {
      const places = unflatten(
        variable(name, extent(group)),
        group.map((label) => sizes.get(label) ?? 1),
      );
      for (const [place, label] of group.entries()) coordinates.set(label, places[place]);
    }
    const indexed = (all: readonly number[]) =>
      all.map(
        (label) => coordinates.get(label) ?? bug("a contraction sums an axis of one operand alone"),
      );
    const type = this.#type(node.results[0]);
    const out = indexed(labels.out);
    return {
      kind: "contract",
      ...parts,
      shape: type.shape,
      batch: extent(groups.b),
      m: extent(groups.m),
      n: extent(groups.n),
      k: extent(groups.k),
      left: this.#at(left, indexed(labels.left)),
      right: this.#at(right, indexed(labels.right)),
      place: flatten(out, type.shape),
      epilogue: this.#epilogue(last, node.results[0], accumulator, out),
    };
  }

  /** `last` at an index, where `own` is what the kernel has just computed. */
  #epilogue(last: ValueId, own: ValueId, accumulator: Scalar, index: readonly Index[]): Scalar {
    if (last === own) return accumulator;
    const node = this.#makers.get(last) ?? bug("an epilogue ends in an input");
    const form = formOf(node);
    if (form.kind !== "pointwise") return bug("an epilogue holds more than pointwise nodes");
    return {
      kind: "operation",
      op: form.scalar,
      dtype: this.#type(last).dtype,
      args: node.args.map((argument) =>
        this.#leadsFrom(argument, own)
          ? this.#epilogue(argument, own, accumulator, index)
          : this.#at(argument, index),
      ),
    };
  }

  /** Whether a value of the chain is computed from `own`, inside this kernel. */
  #leadsFrom(value: ValueId, own: ValueId): boolean {
    if (value === own) return true;
    const node = this.#makers.get(value);
    if (node === undefined || this.#kept.has(value) || formOf(node).kind !== "pointwise")
      return false;
    return node.args.some((argument) => this.#leadsFrom(argument, own));
  }

  // Expressions -----------------------------------------------------------------------------------

  /** The element of a value at an index. */
  #at(value: ValueId, index: readonly Index[]): Scalar {
    const node = this.#makers.get(value);
    const type = this.#type(value);
    if (node === undefined || this.#kept.has(value)) {
      return { kind: "load", value, index: flatten(index, type.shape), dtype: type.dtype };
    }
    return this.#compute(node, value, index);
  }

  #compute(node: Node, value: ValueId, index: readonly Index[]): Scalar {
    const form = formOf(node);
    const type = this.#type(value);
    const { dtype } = type;
    switch (form.kind) {
      case "pointwise":
        return {
          kind: "operation",
          op: form.scalar,
          dtype,
          args: node.args.map((argument) => this.#at(argument, index)),
        };
      case "view": {
        const types = node.args.map((argument) => this.#type(argument));
        const sources = form.view(indexArithmetic, index, types, node.attrs, type);
        let otherwise: Scalar = { kind: "constant", value: 0, dtype };
        for (const source of [...sources].reverse()) {
          const then = this.#at(node.args[source.argument], source.index);
          const open = source.inside.filter(
            (bound) => bound.index.low < bound.lower || bound.index.high >= bound.upper,
          );
          otherwise =
            open.length === 0 ? then : { kind: "guard", bounds: open, then, otherwise, dtype };
        }
        return otherwise;
      }
      case "generate": {
        if (form.generate === "constant")
          return { kind: "constant", value: numberOf(node, "value"), dtype };
        return { kind: "index", index: index[numberOf(node, "axis")] ?? constantIndex(0), dtype };
      }
      case "random":
        return {
          kind: "random",
          seed: this.#at(node.args[0], []),
          stream: numberOf(node, "stream"),
          index: flatten(index, type.shape),
          dtype,
        };
      default:
        return bug(`${node.op} is not part of an expression`);
    }
  }

  /** A value that is read whole, so it must be kept. */
  #stored(value: ValueId): ValueId {
    if (this.#makers.has(value) && !this.#kept.has(value)) bug("a table or target was not kept");
    return value;
  }

  #type(value: ValueId): TensorType {
    return this.#graph.types[value];
  }
}

export function formOf(node: Node): Form {
  return opOf(node.op).form;
}

/** Forms whose kernels read an operand's element more than once. */
function readsRepeatedly(form: Form): boolean {
  switch (form.kind) {
    case "contract":
    case "attention":
    case "cross-entropy":
    case "scatter-add":
    case "gather":
    case "write":
      return true;
    case "pointwise":
    case "view":
    case "generate":
    case "reduce":
    case "random":
      return false;
    default:
      return form satisfies never;
  }
}

function variables(shape: readonly number[]): Index[] {
  return shape.map((size, axis) => variable(`i${axis}`, size));
}

function sameShape(a: TensorType, b: TensorType): boolean {
  return a.shape.length === b.shape.length && a.shape.every((size, axis) => size === b.shape[axis]);
}

function numberOf(node: Node, name: string): number {
  const value = node.attrs[name];
  return typeof value === "number" ? value : bug(`${node.op} has no number \`${name}\``);
}

function numbersOf(node: Node, name: string): readonly number[] {
  const value = node.attrs[name];
  return typeof value === "object" ? value : bug(`${node.op} has no numbers \`${name}\``);
}

function labelOf(node: Node): string {
  if (node.origin === undefined) return node.op;
  const text = textOf(node.origin).replace(/\s+/g, " ");
  return `${node.op}: ${text.length > 60 ? `${text.slice(0, 57)}…` : text}`;
}
