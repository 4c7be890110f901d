/** Paths as pipelines write them, matched against a model's tree: `layers.*.self_attn.{q_proj, v_proj}`. */

import { type Diagnostic, error, replace } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/suggest.ts";
import { textOf } from "../source/file.ts";
import type { Path, PathChoice, PathStep } from "../syntax/ast.ts";
import type { Instance } from "../types/value.ts";
import { blocksOf } from "./tree.ts";

/** Blocks of the tree that the pattern names, in the tree's order. */
export function matching(root: Instance, path: Path): Instance[] {
  return blocksOf(root).filter(
    (block) => block.path !== "" && matches(path.steps, block.path.split(".")),
  );
}

/** Whether names from the root match the steps; parameters are matched by the same rule. */
export function matches(steps: readonly PathStep[], names: readonly string[]): boolean {
  const [step, ...rest] = steps;
  if (step === undefined) return names.length === 0;
  if (step.kind === "any-depth") {
    return names.some((_, at) => matches(rest, names.slice(at))) || matches(rest, []);
  }
  const [name, ...others] = names;
  return name !== undefined && matchesOne(step, name) && matches(rest, others);
}

function matchesOne(step: Exclude<PathStep, { kind: "any-depth" }>, name: string): boolean {
  switch (step.kind) {
    case "name":
      return step.text === name;
    case "any":
      return true;
    case "choice":
      return step.choices.some((choice) => choiceMatches(choice, name));
    default:
      return step satisfies never;
  }
}

function choiceMatches(choice: PathChoice, name: string): boolean {
  if (choice.last === undefined) return choice.text === name;
  const number = Number(name);
  return /^\d+$/.test(name) && number >= Number(choice.text) && number <= Number(choice.last);
}

/** A pattern that matches nothing: where it leaves the tree, and what is there. */
export function noSuchLayer(
  root: Instance,
  path: Path,
  wanted: (block: Instance) => boolean,
  what: string,
): Diagnostic {
  const names = blocksOf(root).map((block) => (block.path === "" ? [] : block.path.split(".")));
  const depth = path.steps.findIndex(
    (_, at) =>
      !names.some(
        (name) => matches(path.steps.slice(0, at + 1), name.slice(0, at + 1)) && name.length > at,
      ),
  );
  // A path that leads to a stack, or into the tree's middle, goes on with what is there.
  const leaves = depth < 0 ? path.steps.length : depth;
  const step = path.steps[depth];
  const there = [
    ...new Set(
      names
        .filter(
          (name) =>
            name.length > leaves && matches(path.steps.slice(0, leaves), name.slice(0, leaves)),
        )
        .map((name) => name[leaves]),
    ),
  ];
  const misspelt =
    step?.kind === "choice"
      ? step.choices.find((choice) => choice.last === undefined && !there.includes(choice.text))
      : undefined;
  const text = misspelt?.text ?? (step?.kind === "name" ? step.text : "");
  const near = nearest(text, there);
  const span = misspelt?.span ?? step?.span ?? path.span;
  return error("no-such-layer", {
    at: span,
    title: "no layer matches this pattern",
    label: there.length > 0 ? `here are ${summary(there)}` : "",
    notes: [`${what} ${patternsOf(root, wanted)}.`],
    fixes: near === undefined ? [] : [replace(span, near, textOf(path.span).replace(text, near))],
  });
}

/** Every place in the choices that matches nothing, so that a typo beside a right name is found too. */
export function deadChoices(root: Instance, path: Path): Diagnostic[] {
  const faults: Diagnostic[] = [];
  for (const [at, step] of path.steps.entries()) {
    if (step.kind !== "choice") continue;
    for (const choice of step.choices) {
      const only: Path = {
        ...path,
        steps: path.steps.map((one, place) =>
          place === at ? { ...step, choices: [choice] } : one,
        ),
      };
      if (matching(root, only).length > 0) continue;
      faults.push({
        ...noSuchLayer(root, only, () => true, "The model has"),
        primary: { span: choice.span, text: "" },
      });
    }
  }
  return faults;
}

/** The paths of blocks, with numbers as `*` and last names joined in braces. */
export function patternsOf(root: Instance, wanted: (block: Instance) => boolean): string {
  const groups = new Map<string, Set<string>>();
  for (const block of blocksOf(root)) {
    if (block.path === "" || !wanted(block)) continue;
    const names = block.path.split(".").map((name) => (/^\d+$/.test(name) ? "*" : name));
    const head = names.slice(0, -1).join(".");
    const tails = groups.get(head) ?? new Set();
    groups.set(head, tails.add(names[names.length - 1]));
  }
  const patterns = [...groups].map(([head, tails]) => {
    const tail = tails.size === 1 ? [...tails][0] : `{${[...tails].join(", ")}}`;
    return head === "" ? tail : `${head}.${tail}`;
  });
  return patterns.length === 0 ? "nothing" : patterns.join(", ");
}

function summary(names: readonly string[]): string {
  const numbers = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const words = names.filter((name) => !/^\d+$/.test(name));
  const range = numbers.length === 0 ? [] : [`${Math.min(...numbers)} to ${Math.max(...numbers)}`];
  return [...words, ...range].join(", ");
}
