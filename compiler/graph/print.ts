/**
 * A graph as text, one line a value, with the source line and the part of the model it came from after `//`. The
 * same graph gives the same text, and parse.ts reads it back:
 *
 *     graph "train" {
 *       %0 = weight "layers.0.up" : f32[8,4]
 *       %1 = transpose %0 {order = [1, 0]} : f32[4,8]  // std/nn.ftp:44 in layers.0
 *       return loss = %1
 *     }
 */

import { positionOf } from "../source/file.ts";
import type { Attrs, Graph, Input, Node, Origin, Output, TensorType, ValueId } from "./graph.ts";

export function printGraph(graph: Graph): string {
  const lines = [
    ...graph.inputs.map((input) => printInput(input, graph.types)),
    ...graph.nodes.map((node) => printNode(node, graph.types)),
    ...graph.outputs.map(printOutput),
  ];
  return `graph ${JSON.stringify(graph.name)} {\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;
}

function printInput({ name, kind, value }: Input, types: readonly TensorType[]): string {
  return `%${value} = ${kind} ${JSON.stringify(name)} : ${printType(types[value])}`;
}

/** `%12 = add %3, %7 : f32[2,3]  // std/nn.ftp:44 in layers.0.mlp` */
export function printNode(node: Node, types: readonly TensorType[]): string {
  const call = [node.op, printValues(node.args), printAttrs(node.attrs)];
  const right = call.filter((part) => part !== "").join(" ");
  const resultTypes = node.results.map((result) => printType(types[result])).join(", ");
  return `${printValues(node.results)} = ${right} : ${resultTypes}${printOrigin(node.origin)}`;
}

/** `return loss = %9`; of one that replaces the state of its own name `return state "m" = %10`. */
function printOutput({ name, value, replaces }: Output): string {
  if (replaces === name) return `return state ${JSON.stringify(name)} = %${value}`;
  const shown = isWord(name) ? name : JSON.stringify(name);
  const replacing = replaces === undefined ? "" : ` replaces ${JSON.stringify(replaces)}`;
  return `return ${shown} = %${value}${replacing}`;
}

/** `f32[2,3]`; `f32[]` is one number. */
export function printType({ dtype, shape }: TensorType): string {
  return `${dtype}[${shape.join(",")}]`;
}

function printValues(values: readonly ValueId[]): string {
  return values.map((value) => `%${value}`).join(", ");
}

/** In the order of the names, so that how a node was built does not show. */
function printAttrs(attrs: Attrs): string {
  const names = Object.keys(attrs).sort();
  if (names.length === 0) return "";
  return `{${names.map((name) => `${name} = ${printAttr(attrs[name])}`).join(", ")}}`;
}

function printAttr(attr: Attrs[string]): string {
  if (typeof attr === "number") return printNumber(attr);
  if (typeof attr === "object") return `[${attr.map(printNumber).join(", ")}]`;
  return JSON.stringify(attr);
}

/** Numbers as JavaScript shows them, which reads back exactly; only the sign of zero is added. */
function printNumber(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function printOrigin(origin: Origin | undefined): string {
  if (origin === undefined) return "";
  const { span, part } = origin;
  const place = `${span.file.path}:${positionOf(span.file, span.start).line}`;
  return `  // ${place}${part === "" ? "" : ` in ${part}`}`;
}

/** Whether a name is printed without quotes. `state` begins another form of `return`. */
function isWord(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name) && name !== "state";
}
