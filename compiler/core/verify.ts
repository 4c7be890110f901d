/** Verifies models: every size is a number, a path is one parameter's, and ties lead to parameters in one step. */

import { knownSize } from "../tensor/size.ts";
import type { NamedModel } from "./pipeline.ts";
import { parametersOf, tiesOf } from "./tree.ts";

/** What is wrong, a line each. */
export function verifyModel({ name, model }: NamedModel): string[] {
  const faults: string[] = [];
  const paths = new Set<string>();
  for (const { parameter } of parametersOf(model.root)) {
    const { path, shape } = parameter;
    if (paths.has(path)) faults.push(`${name}: two parameters are called ${path}`);
    paths.add(path);
    if (shape.some((axis) => axis.kind === "run" || knownSize(axis.size) === undefined))
      faults.push(`${name}: a size of ${path} is no number`);
  }
  const ties = tiesOf(model.root);
  for (const [path, to] of ties) {
    if (!paths.has(path) || !paths.has(to))
      faults.push(`${name}: the tie of ${path} to ${to} is of what is not there`);
    if (ties.has(to)) faults.push(`${name}: ${path} is tied to ${to}, which is tied itself`);
  }
  if (model.trained === "all") return faults;
  for (const path of model.trained)
    if (!paths.has(path)) faults.push(`${name}: ${path} is trained and not there`);
  return faults;
}
