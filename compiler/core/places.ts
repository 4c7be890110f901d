/** Where steps write: two that name one folder would write over each other. */

import { posix } from "node:path";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import type { StepItem } from "../syntax/ast.ts";
import type { Step } from "./pipeline.ts";

export function placeFaults(steps: readonly Step[]): Diagnostic[] {
  const taken = new Map<string, StepItem>();
  return steps.flatMap((step) => {
    const to = placeOf(step);
    if (to === undefined) return [];
    const place = posix.normalize(to).replace(/\/$/, "");
    const { item } = step;
    const other = taken.get(place);
    if (other === undefined) {
      taken.set(place, item);
      return [];
    }
    return error("same-place", {
      at: spanOf(item),
      title: `${item.name.text} writes to "${to}", and so does ${other.name.text}`,
      secondary: [{ span: spanOf(other), text: "taken here" }],
      notes: ["Each would write over what the other made."],
      fixes: [{ text: `a folder of its own, such as "${place}-${item.name.text}"` }],
    });
  });
}

function placeOf(step: Step): string | undefined {
  switch (step.kind) {
    case "train":
      return step.save?.to;
    case "export":
      return step.to;
    case "evaluate":
      return undefined;
    default:
      step satisfies never;
      return undefined;
  }
}

/** The field that names the place. */
function spanOf(item: StepItem): StepItem["span"] {
  const field = item.fields.find(({ name }) => name.text === "save" || name.text === "to");
  return field?.value.span ?? item.name.span;
}
