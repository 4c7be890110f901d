/** A plan that lets one model write, one text at a time: whoever runs it hands it prompts. */

import type { Plan } from "../../runtime/plan.ts";
import type { NamedModel } from "../core/pipeline.ts";
import { generationOf } from "./generation.ts";
import { type SavedOptions, savedModelKey, savedModelToLower, savedPlan } from "./saved.ts";

export interface WritingOptions extends SavedOptions {
  /** Tokens of the longest text, with what is written after it. */
  readonly context: number;
}

/** Tokens of a prompt that are read at once. */
const chunk = 16;

export function writingPlan(named: NamedModel, options: WritingOptions): Plan {
  const size = { rows: 1, chunk, context: options.context };
  const model = savedModelToLower(named, options);
  const { graphs, plan, sources } = generationOf(savedModelKey, model, size, options.optimise);
  return savedPlan(named, { graphs, generate: plan, sources }, options);
}
