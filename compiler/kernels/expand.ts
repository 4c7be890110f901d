/**
 * Elements of values as scalar expressions. An expansion goes through nodes until its leaves; equal elements are
 * one object, so that an expression is as large as what it computes and not as its tree.
 */

import { bug } from "../bug.ts";
import type { Graph, Node, ValueId } from "../graph/graph.ts";
import type { TensorType } from "../ops/op.ts";
import { elementsOf } from "../tensor/ndarray.ts";
import { formOf, numberOf } from "./form.ts";
import { flatten, type Index, indexArithmetic, unflatten, variable } from "./index.ts";
import type { Load, Scalar } from "./kernel.ts";

/** A graph as expansions see it. Numbers that differ between otherwise equal kernels are values of their own. */
export class Values {
  readonly graph: Graph;
  readonly #makers = new Map<ValueId, Node>();
  readonly #streams = new Map<number, ValueId>();
  /** By shape. */
  readonly #everywhere = new Map<string, readonly Index[]>();

  /** `given` are values that kernels find in memory, whatever nodes make them. */
  constructor(graph: Graph, given: ReadonlySet<ValueId>) {
    this.graph = graph;
    for (const node of graph.nodes) {
      for (const result of node.results) if (!given.has(result)) this.#makers.set(result, node);
    }
  }

  maker(value: ValueId): Node | undefined {
    return this.#makers.get(value);
  }

  type(value: ValueId): TensorType {
    return this.graph.types[value] ?? { dtype: "u32", shape: [] };
  }

  /** The streams of random numbers that expansions have met, as u32[] values after those of the graph. */
  get streams(): ReadonlyMap<number, ValueId> {
    return this.#streams;
  }

  stream(stream: number): ValueId {
    const known = this.#streams.get(stream);
    if (known !== undefined) return known;
    const fresh = this.graph.types.length + this.#streams.size;
    this.#streams.set(stream, fresh);
    return fresh;
  }

  /** The index of a value at each of its elements, as a place over `e`. */
  everywhere(value: ValueId): readonly Index[] {
    const { shape } = this.type(value);
    const key = shape.join();
    const known = this.#everywhere.get(key);
    if (known !== undefined) return known;
    const index = unflatten(variable("e", elementsOf(shape)), shape);
    this.#everywhere.set(key, index);
    return index;
  }

  load(value: ValueId, index: readonly Index[]): Load {
    const { dtype, shape } = this.type(value);
    return { kind: "load", value, index: flatten(index, shape), dtype };
  }
}

/** What an expansion puts for a value; undefined to go on into the node that makes it. */
export type Leaf = (value: ValueId, index: readonly Index[]) => Scalar | undefined;

export class Expansion {
  readonly #values: Values;
  readonly #leaf: Leaf;
  readonly #known = new Map<string, Scalar>();

  constructor(values: Values, leaf: Leaf) {
    this.#values = values;
    this.#leaf = leaf;
  }

  /** The element of a value at an index. */
  at(value: ValueId, index: readonly Index[]): Scalar {
    const key = `${value}@${index.map((one) => one.key).join()}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const scalar = this.#leaf(value, index) ?? this.inside(value, index);
    this.#known.set(key, scalar);
    return scalar;
  }

  /** The element as its node computes it, whether or not the value is a leaf. */
  inside(value: ValueId, index: readonly Index[]): Scalar {
    const node = this.#values.maker(value);
    return node === undefined ? this.#values.load(value, index) : this.#compute(node, value, index);
  }

  #compute(node: Node, value: ValueId, index: readonly Index[]): Scalar {
    const form = formOf(node);
    const type = this.#values.type(value);
    const { dtype } = type;
    switch (form.kind) {
      case "pointwise":
        return {
          kind: "operation",
          op: form.scalar,
          dtype,
          args: node.args.map((argument) => this.at(argument, index)),
        };
      case "view": {
        const types = node.args.map((argument) => this.#values.type(argument));
        const sources = form.view(indexArithmetic, index, types, node.attrs, type);
        let otherwise: Scalar = { kind: "constant", value: 0, dtype };
        for (const source of [...sources].reverse()) {
          const inside = this.at(node.args[source.argument], source.index);
          const bounds = source.inside.filter(
            ({ index: at, lower, upper }) => at.low < lower || at.high >= upper,
          );
          otherwise =
            bounds.length === 0 ? inside : { kind: "guard", bounds, inside, otherwise, dtype };
        }
        return otherwise;
      }
      case "generate":
        return form.generate === "constant"
          ? { kind: "constant", value: numberOf(node, "value"), dtype }
          : { kind: "index", index: index[numberOf(node, "axis")], dtype };
      case "random":
        return {
          kind: "random",
          seed: this.at(node.args[0], []),
          stream: this.#values.load(this.#values.stream(numberOf(node, "stream")), []),
          index: flatten(index, type.shape),
          dtype,
        };
      case "gather": {
        const [table, row] = node.args;
        const [rows, ...rest] = this.#values.type(table).shape;
        const rank = this.#values.type(row).shape.length;
        return {
          kind: "pick",
          value: table,
          row: this.at(row, index.slice(0, rank)),
          rows,
          width: elementsOf(rest),
          index: flatten(index.slice(rank), rest),
          dtype,
        };
      }
      default:
        return bug(`${node.op} is not part of an expression`);
    }
  }
}
