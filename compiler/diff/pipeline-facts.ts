/** What a pipeline says in its author's words: the fields of its steps, its data as counted, its graphs. */

import { showCount } from "../../runtime/count.ts";
import type { Quantity } from "../core/fields.ts";
import type { Step, TrainStep } from "../core/pipeline.ts";
import type { Graph } from "../graph/graph.ts";
import { textOf } from "../source/file.ts";
import type { Expr } from "../syntax/ast.ts";
import { literalOf } from "../types/row-expression.ts";
import { showValue } from "../types/show.ts";
import { showQuantity } from "../types/unit.ts";
import type { Closure, Value } from "../types/value.ts";
import { countFact, type Fact, FactList, type Facts, hashFact, wordFact } from "./facts.ts";
import { amountFact } from "./plan-facts.ts";

export interface DatasetCounts {
  readonly rows: number;
  readonly windows: number;
  readonly tokens: number;
  readonly learned: number;
}

export interface PipelineParts {
  readonly steps: readonly Step[];
  readonly counts: ReadonlyMap<string, DatasetCounts>;
  /** Hashes of windows, by dataset. */
  readonly hashes: ReadonlyMap<string, string>;
  readonly graphs: readonly Graph[];
}

export function pipelineFacts({ steps, counts, hashes, graphs }: PipelineParts): Facts {
  const list = new FactList();
  for (const step of steps) {
    if (step.kind === "train") addTrain(list, step);
    if (step.kind === "evaluate") {
      const section = `evaluate ${step.item.name.text}`;
      list.add(section, "loss", wordFact(step.loss.item.name.text));
      list.add(section, "limit", amountFact("tok", step.limit));
    }
  }
  for (const [name, { rows, windows, tokens, learned }] of counts) {
    const section = `dataset ${name}`;
    list.add(section, "rows", countFact(rows));
    list.add(section, "windows", countFact(windows));
    list.add(section, "tokens", countFact(tokens));
    list.add(section, "learned tokens", countFact(learned));
    const hash = hashes.get(name);
    if (hash !== undefined) list.add(section, "content", hashFact(hash));
  }
  for (const graph of graphs) {
    const section = `graph ${graph.name}`;
    list.add(section, "operations", countFact(graph.nodes.length));
    list.add(section, "tensors", tensorsFact(graph));
    list.add(section, "constants", constantsFact(graph));
  }
  return list.facts;
}

function addTrain(list: FactList, step: TrainStep): void {
  const section = `train ${step.item.name.text}`;
  list.add(section, "loss", wordFact(step.loss.item.name.text));
  addClosure(list, section, "optimizer", step.optimizer);
  if (typeof step.learningRate === "number")
    list.add(section, "learning_rate", wordFact(String(step.learningRate)));
  else addClosure(list, section, "learning_rate", step.learningRate);
  if (step.clip !== undefined) list.add(section, "grad_clip", wordFact(String(step.clip)));
  list.add(section, "length", quantityFact(step.length));
  if (step.memory !== undefined) list.add(section, "memory", quantityFact(step.memory));
  if (step.evaluate !== undefined)
    list.add(section, "eval.every", quantityFact(step.evaluate.every));
  if (step.save?.every !== undefined)
    list.add(section, "save.every", quantityFact(step.save.every));
}

/** `learning_rate` is `cosine`, `learning_rate.peak` is 2e-4: those that are not written by their defaults. */
function addClosure(list: FactList, section: string, field: string, closure: Closure): void {
  list.add(section, field, wordFact(closure.item.name.text));
  for (const [name, value] of closure.arguments)
    list.add(section, `${field}.${name}`, valueFact(value, closure.written.get(name)));
}

function valueFact(value: Value, written: Expr | undefined): Fact {
  const unit = value.kind === "number" ? value.unit : "";
  const isPlain =
    written !== undefined && ["number", "quantity", "string", "bool"].includes(written.kind);
  return {
    meaning: JSON.stringify([unit === "int" ? "float" : unit, literalOf(value) ?? null]),
    shown: isPlain ? textOf(written.span) : showValue(value),
  };
}

function quantityFact({ unit, amount, at }: Quantity): Fact {
  const written = textOf(at);
  return {
    meaning: `${amount} ${unit}`,
    shown: /^\d/.test(written) ? written : showQuantity(unit, amount),
  };
}

/** The operations and the shapes they give, without constants: two schedules make the same. */
function tensorsFact(graph: Graph): Fact {
  const inputs = graph.inputs.map(({ name, value }) => `${name}${shapeAt(graph, value)}`);
  const nodes = graph.nodes.map(
    ({ op, args, results }) => `${op} ${args} ${results.map((value) => shapeAt(graph, value))}`,
  );
  const all = graph.types.reduce(
    (sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1),
    0,
  );
  return {
    meaning: [...inputs, ...nodes].join("\n"),
    shown: `${showCount(all)} elements`,
  };
}

/** What operations are told beside their tensors: numbers of the program, axes, places. */
function constantsFact({ nodes }: Graph): Fact {
  const numbers = nodes.flatMap(({ attrs }) =>
    Object.entries(attrs).flatMap(([name, value]) =>
      typeof value === "number" && name !== "axis" ? [value] : [],
    ),
  );
  const distinct = [...new Set(numbers)].sort((one, other) => one - other);
  return {
    meaning: JSON.stringify(nodes.map(({ attrs }) => attrs)),
    shown: distinct.map((value) => Number(value.toPrecision(6))).join(", "),
  };
}

function shapeAt(graph: Graph, value: number): string {
  const { dtype, shape } = graph.types[value];
  return `${dtype}[${shape}]`;
}
