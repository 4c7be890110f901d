/**
 * Builds graphs: the only way a graph comes to be but for reading one from text. Types are inferred as nodes are
 * added; nothing that was added changes. No tensor is empty. `build` numbers values anew, inputs first, so the numbers a builder
 * gave are its own.
 */

import { bug } from "../bug.ts";
import { sameType, showTensorType } from "../ops/define.ts";
import type { Emit } from "../ops/op.ts";
import { isOpName, opOf } from "../ops/table.ts";
import type {
  Attrs,
  Graph,
  Input,
  InputKind,
  Node,
  Origin,
  Output,
  TensorType,
  ValueId,
} from "./graph.ts";
import { numbered } from "./number.ts";

export class GraphBuilder implements Emit {
  readonly name: string;
  readonly #types: TensorType[] = [];
  readonly #inputs: Input[] = [];
  readonly #names = new Set<string>();
  readonly #nodes: Node[] = [];
  readonly #outputs: Output[] = [];
  readonly #makers = new Map<ValueId, Node>();
  #origin: Origin | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** Nodes in the order in which they were added. */
  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  get origin(): Origin | undefined {
    return this.#origin;
  }

  /** Nodes from here on come from there. */
  at(origin: Origin | undefined): void {
    this.#origin = origin;
  }

  /** Inputs may be added at any time. */
  input(name: string, kind: InputKind, type: TensorType): ValueId {
    if (this.#names.has(name)) bug(`two inputs are named ${name}`);
    this.#names.add(name);
    const value = this.#value(type);
    this.#inputs.push({ name, kind, value });
    return value;
  }

  /** Adds a node and gives its results. A bug where the operation's rule does not allow the arguments. */
  apply(
    op: string,
    args: readonly ValueId[],
    attrs: Attrs = {},
    origin: Origin | undefined = this.#origin,
  ): readonly ValueId[] {
    if (!isOpName(op)) bug(`no operation is named ${op}`);
    const types = opOf(op).infer(
      args.map((arg) => this.typeOf(arg)),
      attrs,
    );
    const results = types.map((type) => this.#value(type));
    const node: Node = { op, args, attrs, results, origin };
    this.#nodes.push(node);
    for (const result of results) this.#makers.set(result, node);
    return results;
  }

  typeOf(value: ValueId): TensorType {
    return this.#types[value] ?? bug(`graph ${this.name} has no value %${value}`);
  }

  /** The node whose result the value is; undefined for inputs. */
  makerOf(value: ValueId): Node | undefined {
    return this.#makers.get(value);
  }

  /** What the program gives. `replaces` names the state that becomes this value when the program has run. */
  output(name: string, value: ValueId, replaces?: string): void {
    this.typeOf(value);
    this.#outputs.push({ name, value, replaces });
  }

  build(): Graph {
    return numbered({
      name: this.name,
      inputs: this.#inputs,
      nodes: this.#nodes,
      outputs: this.#outputs,
      types: this.#types,
    });
  }

  #value(type: TensorType): ValueId {
    if (type.shape.includes(0)) bug(`graph ${this.name} has no place for ${showTensorType(type)}`);
    this.#types.push(type);
    return this.#types.length - 1;
  }
}

/**
 * What a pass puts in the place of a node, given the node's arguments as values of the new graph: the new
 * values of its results, or undefined to copy the node as it is.
 */
export type Replace = (node: Node, args: readonly ValueId[]) => readonly ValueId[] | undefined;

/** The graph with each node replaced, in order. Results keep their types; anything else is a bug. */
export function rewrite(graph: Graph, replaceIn: (into: GraphBuilder) => Replace): Graph {
  const into = new GraphBuilder(graph.name);
  const replace = replaceIn(into);
  const replaced = new Map<ValueId, ValueId>();
  const newOf = (value: ValueId): ValueId =>
    replaced.get(value) ?? bug(`%${value} is used before it is made`);
  for (const { name, kind, value } of graph.inputs) {
    replaced.set(value, into.input(name, kind, graph.types[value]));
  }
  for (const node of graph.nodes) {
    into.at(node.origin);
    const args = node.args.map(newOf);
    const results = replace(node, args) ?? into.apply(node.op, args, node.attrs);
    node.results.forEach((result, at) => {
      const [old, now] = [graph.types[result], into.typeOf(results[at])];
      if (!sameType(old, now)) {
        bug(`${node.op} gave ${showTensorType(old)} and its replacement ${showTensorType(now)}`);
      }
      replaced.set(result, results[at]);
    });
  }
  for (const { name, value, replaces } of graph.outputs) into.output(name, newOf(value), replaces);
  return into.build();
}
