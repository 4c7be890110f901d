/**
 * Verifies kernels: whatever the data, every element that is read or written exists; what is read is there; and
 * no kernel binds more than devices allow. On this rests running without bounds checks.
 */

import type { Graph, TensorType, ValueId } from "../graph/graph.ts";
import { elementsOf } from "../tensor/ndarray.ts";
import { boundsOf, complement } from "./bounds.ts";
import type { Index } from "./index.ts";
import {
  type Bound,
  insideOf,
  type Kernel,
  needsOf,
  partsOf,
  type Result,
  resultsOf,
  type Scalar,
  scalarsOf,
} from "./kernel.ts";

export interface KernelFacts {
  readonly kernels: readonly Kernel[];
  readonly typeOf: (value: ValueId) => TensorType;
  /** Values that are in memory before the first kernel. */
  readonly given: ReadonlySet<ValueId>;
  readonly mostBindings: number;
  /** States by the results that replace them: the two are bound as one. */
  readonly replaced?: ReadonlyMap<ValueId, ValueId>;
}

/** What is wrong, a line each. */
export function verifyKernels(facts: KernelFacts): string[] {
  const { kernels, typeOf, given, mostBindings, replaced = new Map() } = facts;
  const there = new Set(given);
  const faults: string[] = [];
  for (const [at, kernel] of kernels.entries()) {
    const fault = (text: string) =>
      faults.push(`kernel ${at}, ${kernel.kind} ${kernel.label}: ${text}`);
    const reads = needsOf(kernel);
    const results = resultsOf(kernel);
    for (const value of reads) if (!there.has(value)) fault(`reads %${value} before it is written`);
    for (const value of results) if (there.has(value)) fault(`writes %${value} again`);
    for (const value of results) there.add(value);
    const bound = new Set([...reads, ...results.map((value) => replaced.get(value) ?? value)]).size;
    if (bound > mostBindings) fault(`binds ${bound} values, and ${mostBindings} is the most`);
    for (const scalar of scalarsOf(kernel)) checkPlaces(scalar, typeOf, fault);
    for (const result of placedResults(kernel)) {
      checkPlace(
        `%${result.value} is written`,
        result.place,
        elementsOf(typeOf(result.value).shape),
        [],
        fault,
      );
    }
    checkFolds(kernel, fault);
  }
  return faults;
}

/** What is in memory before the first kernel of a graph, when the host has uploaded its part. */
export function givenValues(graph: Graph, uploaded: Iterable<ValueId>): Set<ValueId> {
  return new Set([...graph.inputs.map(({ value }) => value), ...uploaded]);
}

type Fault = (text: string) => void;

function checkPlaces(scalar: Scalar, typeOf: KernelFacts["typeOf"], fault: Fault): void {
  const seen = new Map<Scalar, Set<string>>();
  const visit = (part: Scalar, guards: readonly Bound[]): void => {
    // Once for each set of guards that it is under.
    const under = guards.map(({ index, lower, upper }) => `${lower} ${index.key} ${upper}`).join();
    const known = seen.get(part) ?? new Set();
    if (known.has(under)) return;
    seen.set(part, known.add(under));
    if (part.kind === "load") {
      const count = elementsOf(typeOf(part.value).shape);
      const isClamped = part.most === count - 1;
      if (!isClamped) checkPlace(`%${part.value} is read`, part.index, count, guards, fault);
    }
    if (part.kind === "pick") {
      checkPlace(`a row of %${part.value} is read`, part.index, part.width, guards, fault);
      const count = elementsOf(typeOf(part.value).shape);
      if (part.rows * part.width !== count)
        fault(`%${part.value} is read as ${part.rows} rows of ${part.width}`);
    }
    if (part.kind === "guard") {
      visit(part.inside, [...guards, ...part.bounds]);
      visit(part.otherwise, [...guards, ...complement(part.bounds, guards)]);
      return;
    }
    for (const inner of insideOf(part)) visit(inner, guards);
  };
  visit(scalar, []);
}

function checkPlace(
  what: string,
  place: Index,
  count: number,
  guards: readonly Bound[],
  fault: Fault,
): void {
  const { low, high } = boundsOf(place, guards);
  if (low < 0 || high >= count) fault(`${what} from ${low} to ${high}, and has ${count} elements`);
}

function placedResults(kernel: Kernel): readonly Result[] {
  switch (kernel.kind) {
    case "map":
    case "contract":
      return kernel.results;
    case "rows":
      return [...kernel.rowResults, ...kernel.elementResults];
    // Their places are by data, and clamped in their texts.
    case "scatter-add":
    case "write":
    // Their places are the templates' own.
    case "attention":
    case "cross-entropy":
      return [];
    default:
      return kernel satisfies never;
  }
}

function checkFolds(kernel: Kernel, fault: Fault): void {
  const found = (scalar: Scalar, most: number) => {
    for (const part of partsOf([scalar])) {
      if (part.kind === "fold" && part.fold >= most)
        fault(`uses fold ${part.fold} before it is found`);
    }
  };
  if (kernel.kind !== "rows") {
    for (const scalar of scalarsOf(kernel)) found(scalar, 0);
    return;
  }
  for (const [at, { body }] of kernel.folds.entries()) found(body, at);
  for (const { body } of placedResults(kernel)) found(body, kernel.folds.length);
}
