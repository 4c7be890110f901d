/** An evaluation's metrics: means that its programs measure, and what the runtime finds by itself. */

import type { MetricPlan } from "../../runtime/plan.ts";
import { bug } from "../bug.ts";
import { type Metric, measured } from "../core/pipeline.ts";
import type { Definition } from "../types/value.ts";

/** What a program of an evaluation calls the loss of its step. */
const lossMeasure = "loss";

/** By name, what stands in the standard library without a body. */
const ofTheRuntime: Readonly<Record<string, (name: string) => MetricPlan>> = {
  perplexity: (name) => ({ name, kind: "exponential", of: lossMeasure }),
  exact_match: (name) => ({ name, kind: "answers" }),
};

export function metricPlanOf({ name, definition: { item } }: Metric): MetricPlan {
  if (item.body !== undefined) return { name, kind: "mean", of: measureOf(name) };
  const find = ofTheRuntime[item.name.text] ?? bug(`nothing finds ${item.name.text}`);
  return find(name);
}

/** What a step's programs measure, by the names of their results: its loss, and each metric that has a body. */
export function measuresOf(
  loss: Definition,
  metrics: readonly Metric[] = [],
): ReadonlyMap<string, Definition> {
  return new Map([
    [lossMeasure, loss],
    ...measured(metrics).map(({ name, definition }) => [measureOf(name), definition] as const),
  ]);
}

/** A metric may be called `loss` as well. */
function measureOf(metric: string): string {
  return `metric.${metric}`;
}
