/** Trainings whose result nobody asks for, while a later step asks for the model as it was before. */

import { type Diagnostic, replace, warning } from "../diagnostics/diagnostic.ts";
import type { Expr } from "../syntax/ast.ts";
import { modelsOf } from "./holders.ts";
import type { EvaluateStep, ExportStep, NamedModel, Step } from "./pipeline.ts";

export function untrainedWarnings(steps: readonly Step[]): Diagnostic[] {
  return steps.flatMap((step, at) => {
    if (step.kind !== "train") return [];
    const { item, start, model } = step;
    const later = steps.slice(at + 1);
    if (later.some((other) => modelsOf(other).some((one) => isMadeFrom(one, model)))) return [];
    return later.flatMap((other) => {
      const place = other.kind === "train" ? undefined : placeOf(other, start);
      if (place === undefined) return [];
      return warning("untrained-model", {
        at: place.span,
        title: `${start.name} is what ${item.name.text} starts from; what it makes is ${model.name}`,
        secondary: [{ span: item.name.span, text: `nothing asks for ${model.name}` }],
        notes: ["Training makes another model, and leaves the one that it starts from as it was."],
        fixes: [replace(place.span, model.name)],
      });
    });
  });
}

function isMadeFrom(model: NamedModel, other: NamedModel): boolean {
  return model === other || (model.from !== undefined && isMadeFrom(model.from, other));
}

/** Where the step names the model. */
function placeOf(step: EvaluateStep | ExportStep, model: NamedModel): Expr | undefined {
  const field = (name: string) => step.item.fields.find((one) => one.name.text === name)?.value;
  if (step.kind === "export") return step.model === model ? field("model") : undefined;
  const list = field("models");
  return list?.kind === "list" ? list.items[step.models.indexOf(model)] : undefined;
}
