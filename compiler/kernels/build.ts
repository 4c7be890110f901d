/** Kernels of groups: their loops, and the expressions of what they keep. */

import { bug } from "../bug.ts";
import type { Node, ValueId } from "../graph/graph.ts";
import type { TensorType } from "../ops/op.ts";
import type { Dtype } from "../tensor/dtype.ts";
import { elementsOf } from "../tensor/ndarray.ts";
import { Expansion, type Leaf, type Values } from "./expand.ts";
import { formOf, labelOf, numberOf, numbersOf, roleOf } from "./form.ts";
import type { Group, Groups } from "./group.ts";
import { flatten, type Index, unflatten, variable } from "./index.ts";
import type { Fold, Kernel, MapKernel, Result, Scalar } from "./kernel.ts";
import { settled } from "./settle.ts";
import type { Member, RowSpace } from "./space.ts";

export function buildKernels(values: Values, groups: Groups, kept: ReadonlySet<ValueId>): Kernel[] {
  const builder = new Builder(values, groups, kept);
  const positioned: { kernel: Kernel; position: number }[] = [];
  for (const group of new Set(groups.of.values())) {
    const results = group.members.filter(({ value }) => kept.has(value));
    if (results.length === 0) continue;
    const position = Math.max(...results.map((member) => member.position));
    positioned.push({ kernel: builder.kernel(group, results), position });
  }
  for (const value of groups.stored) {
    const maker = values.maker(value) ?? bug("a stored value that nothing makes");
    positioned.push({
      kernel: builder.stored(value, maker),
      position: values.graph.nodes.indexOf(maker),
    });
  }
  positioned.sort((a, b) => a.position - b.position);
  return positioned.map(({ kernel }) => settled(kernel, (value) => values.type(value)));
}

class Builder {
  readonly #values: Values;
  readonly #groups: Groups;
  readonly #kept: ReadonlySet<ValueId>;

  constructor(values: Values, groups: Groups, kept: ReadonlySet<ValueId>) {
    this.#values = values;
    this.#groups = groups;
    this.#kept = kept;
  }

  kernel(group: Group, results: readonly Member[]): Kernel {
    const { space } = group;
    if (space === undefined) return this.#alone(group.members[0].node);
    if (space.kind === "rows") return this.#rows(group, space, results);
    if (space.anchor !== undefined) return this.#contract(group, space.anchor, results);
    return this.#map(group, results);
  }

  /** A value that no group has, computed for those who cannot read through it. */
  stored(value: ValueId, maker: Node): MapKernel {
    const count = this.#count(value);
    const place = variable("i", count);
    const index = unflatten(place, this.#type(value).shape);
    const body = this.#expansion(() => undefined).inside(value, index);
    return {
      kind: "map",
      label: labelOf(maker),
      count,
      results: [this.#result(value, place, body)],
    };
  }

  #map(group: Group, results: readonly Member[]): MapKernel {
    const last = results[results.length - 1];
    const place = variable("i", last.count);
    const expansion = this.#within(group, () => bug("a map holds more than pointwise nodes"));
    return {
      kind: "map",
      label: labelOf(last.node),
      count: last.count,
      results: results.map(({ value }) => this.#resultAt(expansion, value, place)),
    };
  }

  #rows(group: Group, space: RowSpace, results: readonly Member[]): Kernel {
    const sizesOf = (areColumns: boolean) =>
      space.shape.filter((_, axis) => space.axes.includes(axis) === areColumns);
    const [rows, columns] = [sizesOf(false), sizesOf(true)];
    const row = variable("i", elementsOf(rows));
    const [alongRows, alongColumns] = [
      unflatten(row, rows),
      unflatten(variable("r", elementsOf(columns)), columns),
    ];
    const indices = space.shape.map((_, axis) => {
      const before = space.axes.filter((one) => one < axis).length;
      return space.axes.includes(axis) ? alongColumns[before] : alongRows[axis - before];
    });
    const element = flatten(indices, space.shape);
    const folds: Fold[] = [];
    const found = new Map<ValueId, Scalar>();
    const foldOf = (value: ValueId, node: Node): Scalar => {
      const known = found.get(value);
      if (known !== undefined) return known;
      const form = formOf(node);
      if (form.kind !== "reduce") return bug("a fold of what is no reduction");
      const [source] = node.args;
      const body = widened(expansion.at(source, unflatten(element, this.#type(source).shape)));
      // What the body folds itself has its place before it.
      folds.push({ by: form.by, dtype: body.dtype, body });
      const { dtype } = this.#type(value);
      const scalar = cast({ kind: "fold", fold: folds.length - 1, dtype: body.dtype }, dtype);
      found.set(value, scalar);
      return scalar;
    };
    const expansion = this.#within(group, (value) => foldOf(value, this.#maker(value)));
    const ofRow = results.filter(
      ({ value }) => this.#count(value) !== space.count || this.#isFold(value),
    );
    const ofElement = results.filter((member) => !ofRow.includes(member));
    const rowResults = ofRow.map(({ value }) => this.#resultAt(expansion, value, row));
    const elementResults = ofElement.map(({ value }) => this.#resultAt(expansion, value, element));
    const reduction = group.members.find(({ rows }) => rows !== undefined) ?? results[0];
    return {
      kind: "rows",
      label: labelOf(reduction.node),
      rows: elementsOf(rows),
      columns: elementsOf(columns),
      folds,
      rowResults,
      elementResults,
    };
  }

  #contract(group: Group, node: Node, results: readonly Member[]): Kernel {
    const [left, right] = node.args;
    const labels = {
      left: numbersOf(node, "left"),
      right: numbersOf(node, "right"),
      out: numbersOf(node, "out"),
    };
    const sizes = new Map<number, number>();
    const measure = (value: ValueId, own: readonly number[]) => {
      for (const [axis, label] of own.entries()) sizes.set(label, this.#type(value).shape[axis]);
    };
    measure(left, labels.left);
    measure(right, labels.right);
    const sizeOf = (label: number) => sizes.get(label) ?? bug("a label without an axis");
    const inLeft = (label: number) => labels.left.includes(label);
    const inRight = (label: number) => labels.right.includes(label);
    const groups = {
      b: labels.out.filter((label) => inLeft(label) && inRight(label)),
      m: labels.out.filter((label) => inLeft(label) && !inRight(label)),
      n: labels.out.filter((label) => !inLeft(label)),
      k: [...sizes.keys()].filter((label) => !labels.out.includes(label)),
    };
    const coordinates = new Map<number, Index>();
    for (const [name, own] of Object.entries(groups)) {
      const shape = own.map(sizeOf);
      const indices = unflatten(variable(name, elementsOf(shape)), shape);
      for (const [at, label] of own.entries()) coordinates.set(label, indices[at]);
    }
    const indexed = (own: readonly number[]) =>
      own.map((label) => coordinates.get(label) ?? bug("a label in no group"));
    const extent = (own: readonly number[]) => elementsOf(own.map(sizeOf));
    const place = flatten(indexed(labels.out), labels.out.map(sizeOf));
    const { dtype } = this.#type(node.results[0]);
    const sum = cast({ kind: "accumulator", dtype: "f32" }, dtype);
    const epilogue = this.#within(group, () => sum);
    const outside = this.#expansion(() => undefined);
    return {
      kind: "contract",
      label: labelOf(node),
      batch: extent(groups.b),
      m: extent(groups.m),
      n: extent(groups.n),
      k: extent(groups.k),
      left: this.#operandAt(outside, left, indexed(labels.left)),
      right: this.#operandAt(outside, right, indexed(labels.right)),
      results: results.map(({ value }) => this.#resultAt(epilogue, value, place)),
    };
  }

  #alone(node: Node): Kernel {
    const form = formOf(node);
    const [value] = node.results;
    const { dtype, shape } = this.#type(value);
    const label = labelOf(node);
    const expansion = this.#expansion(() => undefined);
    switch (form.kind) {
      case "scatter-add": {
        const [row, updates] = node.args;
        const rowShape = this.#type(row).shape;
        const count = elementsOf(rowShape);
        const width = elementsOf(shape.slice(1));
        const update = unflatten(variable("u", count), rowShape);
        const column = unflatten(variable("c", width), shape.slice(1));
        return {
          kind: "scatter-add",
          label,
          value,
          dtype,
          rows: shape[0],
          width,
          count,
          row: expansion.at(row, update),
          update: expansion.at(updates, [...update, ...column]),
        };
      }
      case "write": {
        const [target, piece, at] = node.args;
        const axis = numberOf(node, "axis");
        const pieceShape = this.#type(piece).shape;
        const count = elementsOf(pieceShape);
        const index = unflatten(variable("i", count), pieceShape);
        return {
          kind: "write",
          label,
          value,
          dtype,
          target,
          count,
          at: expansion.at(at, []),
          last: shape[axis] - pieceShape[axis],
          stride: elementsOf(shape.slice(axis + 1)),
          place: flatten(index, shape),
          body: expansion.at(piece, index),
        };
      }
      case "attention":
      case "cross-entropy":
        return {
          kind: form.kind,
          label,
          part: form.part,
          attrs: node.attrs,
          operands: node.args.map((argument) => ({
            shape: this.#type(argument).shape,
            body: this.#operandAt(expansion, argument, variables(this.#type(argument).shape)),
          })),
          results: node.results.map((result) => ({ value: result, type: this.#type(result) })),
        };
      default:
        return bug(`${node.op} is no kernel by itself`);
    }
  }

  // Expressions -----------------------------------------------------------------------------------

  /** Expressions inside a group: what it computes it does not load. `begun` is what begins the kernel. */
  #within(group: Group, begun: (value: ValueId) => Scalar): Expansion {
    return this.#expansion((value) => {
      if (this.#groups.of.get(value) !== group) return undefined;
      return roleOf(this.#maker(value)) === "pointwise" ? "inside" : begun(value);
    });
  }

  /** Expressions from what is kept; `own` decides for the kernel's own values. */
  #expansion(own: (value: ValueId) => Scalar | "inside" | undefined): Expansion {
    const leaf: Leaf = (value, index) => {
      const known = own(value);
      if (known === "inside") return undefined;
      return known ?? (this.#kept.has(value) ? this.#values.load(value, index) : undefined);
    };
    return new Expansion(this.#values, leaf);
  }

  #operandAt(expansion: Expansion, value: ValueId, index: readonly Index[]): Scalar {
    return this.#groups.stored.has(value)
      ? this.#values.load(value, index)
      : expansion.at(value, index);
  }

  #resultAt(expansion: Expansion, value: ValueId, place: Index): Result {
    return this.#result(
      value,
      place,
      expansion.at(value, unflatten(place, this.#type(value).shape)),
    );
  }

  #result(value: ValueId, place: Index, body: Scalar): Result {
    return { value, dtype: this.#type(value).dtype, place, body };
  }

  #isFold(value: ValueId): boolean {
    return roleOf(this.#maker(value)) === "reduce";
  }

  #maker(value: ValueId): Node {
    return this.#values.maker(value) ?? bug("a member of a group that nothing makes");
  }

  #type(value: ValueId): TensorType {
    return this.#values.type(value);
  }

  #count(value: ValueId): number {
    return elementsOf(this.#type(value).shape);
  }
}

function variables(shape: readonly number[]): Index[] {
  return shape.map((size, axis) => variable(`i${axis}`, size));
}

/** Halves are folded as floats: a sum of many would round away the last of them. */
function widened(scalar: Scalar): Scalar {
  return scalar.dtype === "f16" ? cast(scalar, "f32") : scalar;
}

function cast(scalar: Scalar, dtype: Dtype): Scalar {
  return scalar.dtype === dtype ? scalar : { kind: "operation", op: "cast", args: [scalar], dtype };
}
