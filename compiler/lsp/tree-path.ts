/** Paths of pipelines, `layers.*.self_attn.{q_proj, v_proj}`, over the tree of the model that they are written for. */

import { matches } from "../core/path.ts";
import type { Pipeline } from "../core/pipeline.ts";
import { blocksOf, parametersOf } from "../core/tree.ts";
import type { AdaptItem, Path, PathStep } from "../syntax/ast.ts";
import type { Instance } from "../types/value.ts";
import { holds } from "./places.ts";
import type { Analysis } from "./session.ts";

/** The model that an `adapt` starts from. */
export function modelUnder(pipeline: Pipeline, item: AdaptItem): Instance | undefined {
  const made = pipeline.models.find(
    (one) => one.kind === "adapted" && one.holder === item.name.text,
  );
  if (made?.from !== undefined) return made.from.model.root;
  const name = item.model.kind === "name" ? item.model.text : undefined;
  return pipeline.models.find((one) => one.name === name)?.model.root;
}

/** The paths of an adapt, whatever its lines do with them. */
export function pathsOf(item: AdaptItem): readonly Path[] {
  return item.lines.map((line) => line.path);
}

export interface BlocksAt {
  readonly step: PathStep;
  /** Blocks that the path names up to this step, in the tree's order. */
  readonly blocks: readonly Instance[];
}

/** What the step of a path at a place leads to. */
export function blocksAt({ program, pipeline }: Analysis, offset: number): BlocksAt | undefined {
  for (const item of program.entry.items.values()) {
    if (item.kind !== "adapt" || !holds(item.span, offset)) continue;
    const root = modelUnder(pipeline, item);
    const path = pathsOf(item).find((one) => holds(one.span, offset));
    const at = path?.steps.findIndex((step) => holds(step.span, offset)) ?? -1;
    if (root === undefined || path === undefined || at < 0) return undefined;
    const step = chosen(path.steps[at], offset);
    const steps = [...path.steps.slice(0, at), step];
    const isNamed = ({ path: own }: Instance) => own !== "" && matches(steps, own.split("."));
    return { step, blocks: blocksOf(root).filter(isNamed) };
  }
  return undefined;
}

/** Of a choice, the one at the place. */
function chosen(step: PathStep, offset: number): PathStep {
  if (step.kind !== "choice") return step;
  const choice = step.choices.find((one) => holds(one.span, offset));
  return choice === undefined ? step : { ...step, choices: [choice], span: choice.span };
}

/** What may follow some steps: the next names that blocks and parameters have there. */
export function namesAfter(root: Instance, steps: readonly PathStep[]): readonly string[] {
  const paths = [
    ...blocksOf(root).map((block) => block.path),
    ...parametersOf(root).map(({ parameter }) => parameter.path),
  ];
  const found = new Set<string>();
  for (const path of paths) {
    const names = path.split(".");
    for (const at of names.keys()) {
      if (matches(steps, names.slice(0, at))) found.add(names[at]);
    }
  }
  return [...found];
}
