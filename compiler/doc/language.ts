/**
 * What the language itself has, as documentation: its functions from the checker's own table, and what is
 * syntax there and a function to its readers.
 */

import { builtins } from "../types/builtins.ts";
import type { ModuleDoc } from "./describe.ts";

/** The name under which `ftc doc` shows it. */
export const languageName = "language";

/** Operations on named axes, each with its own syntax. */
const axes: Readonly<Record<string, readonly [signature: string, doc: string]>> = {
  einsum: [
    "einsum(x: i j, y: j k, … -> i k)",
    "Multiplies tensors and sums over every axis that the result leaves out. `..` stands for the axes that are not named.",
  ],
  rearrange: [
    "rearrange(x: b t (h k) -> b h t k, h = H)",
    "Reorders, splits and joins axes. A size that is not known from a group is given by name.",
  ],
  repeat: [
    "repeat(x: b t -> b t d, d = D)",
    "Repeats a tensor along new axes, whose sizes are given by name.",
  ],
  reduce: [
    "reduce(x: b t d -> b t, by = sum)",
    "Folds every axis that the result leaves out, by sum, mean, max or min; by sum if nothing is said.",
  ],
};

const constants: Readonly<Record<string, readonly [signature: string, doc: string]>> = {
  pi: ["pi: float", "The ratio of a circle's circumference to its diameter."],
  training: [
    "training: bool",
    "Whether the graph at hand is one that trains; false in evaluations and generation.",
  ],
};

export function languageDoc(): ModuleDoc {
  const functions = Object.entries(builtins).map(
    ([name, { doc, parameters }]): [string, readonly [string, string]] => [
      name,
      [`${name}(${parameters.join(", ")})`, doc],
    ],
  );
  const entries = (kind: "function" | "constant", all: typeof functions) =>
    all.map(([name, [signature, doc]]) => ({ kind, name, signature, doc, parts: [] }));
  return {
    path: languageName,
    doc: "What the language itself has. An argument with `?` may be left out.",
    entries: [
      ...entries("function", [...functions, ...Object.entries(axes)]),
      ...entries("constant", Object.entries(constants)),
    ],
  };
}
