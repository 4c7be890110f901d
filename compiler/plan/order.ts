/**
 * The order of kernels. As the graph has them, but that a kernel that needs no more memory than it lets go runs as
 * soon as it can: the gradient of a weight right after what it is of, and not when all of the model is done.
 */

import { bug } from "../bug.ts";
import type { Graph, ValueId } from "../graph/graph.ts";
import { type Kernel, needsOf, resultsOf } from "../kernels/kernel.ts";
import { bytesOfType } from "./arena.ts";

/** `kernels` are in some order in which each comes after those it reads from; so is the result. */
export function ordered(
  graph: Graph,
  kernels: readonly Kernel[],
  aliases: ReadonlyMap<ValueId, ValueId>,
): Kernel[] {
  return new Scheduling(graph, kernels, aliases).order();
}

class Scheduling {
  readonly #graph: Graph;
  readonly #kernels: readonly Kernel[];
  /** Kernels that read a value and have not run. */
  readonly #waiting = new Map<ValueId, Set<Kernel>>();
  readonly #reads = new Map<Kernel, readonly ValueId[]>();
  /** Values that no kernel makes, or that one has made. */
  readonly #there = new Set<ValueId>();
  /** Values that live on when the program has run. */
  readonly #lasting = new Set<ValueId>();
  /** States by the values that replace them. */
  readonly #replaced = new Map<ValueId, ValueId>();

  constructor(graph: Graph, kernels: readonly Kernel[], aliases: ReadonlyMap<ValueId, ValueId>) {
    this.#graph = graph;
    this.#kernels = kernels;
    const made = new Set(kernels.flatMap(resultsOf));
    for (const kernel of kernels) {
      const reads = needsOf(kernel);
      this.#reads.set(kernel, reads);
      for (const value of reads) {
        this.#waiting.set(value, (this.#waiting.get(value) ?? new Set()).add(kernel));
        if (!made.has(value)) this.#there.add(value);
      }
    }
    const inputs = new Map(graph.inputs.map(({ name, value }) => [name, value]));
    for (const { value, replaces } of graph.outputs) {
      const own = aliases.get(value) ?? value;
      this.#lasting.add(own);
      const state = replaces === undefined ? undefined : inputs.get(replaces);
      if (state !== undefined) this.#replaced.set(own, state);
    }
    for (const { value } of graph.inputs) this.#lasting.add(value);
  }

  order(): Kernel[] {
    const order: Kernel[] = [];
    const left = new Set(this.#kernels);
    const ready = new Set([...left].filter((kernel) => this.#isReady(kernel)));
    while (left.size > 0) {
      const [next] = left;
      const eager = [...ready].find((kernel) => this.#growth(kernel) <= 0);
      const kernel = eager ?? next ?? bug("no kernel is left");
      if (!this.#isReady(kernel)) bug(`${kernel.label} would run before what it reads is there`);
      order.push(kernel);
      left.delete(kernel);
      ready.delete(kernel);
      for (const value of this.#reads.get(kernel) ?? []) this.#waiting.get(value)?.delete(kernel);
      for (const value of resultsOf(kernel)) {
        this.#there.add(value);
        for (const reader of this.#waiting.get(value) ?? []) {
          if (this.#isReady(reader)) ready.add(reader);
        }
      }
    }
    return order;
  }

  #isReady(kernel: Kernel): boolean {
    return (this.#reads.get(kernel) ?? []).every((value) => this.#there.has(value));
  }

  /** Bytes that are taken when it has run, less those that are let go. */
  #growth(kernel: Kernel): number {
    let growth = 0;
    for (const value of resultsOf(kernel)) {
      const state = this.#replaced.get(value);
      if (state === undefined) growth += this.#bytes(value);
      // Whoever still reads the state must come first, or the result could not take its place.
      else if (this.#isAwaited(state, kernel)) return Number.POSITIVE_INFINITY;
    }
    for (const value of this.#reads.get(kernel) ?? []) {
      if (!this.#lasting.has(value) && !this.#isAwaited(value, kernel))
        growth -= this.#bytes(value);
    }
    return growth;
  }

  #isAwaited(value: ValueId, but: Kernel): boolean {
    return [...(this.#waiting.get(value) ?? [])].some((kernel) => kernel !== but);
  }

  #bytes(value: ValueId): number {
    const type = this.#graph.types[value];
    return type === undefined ? 0 : bytesOfType(type);
  }
}
