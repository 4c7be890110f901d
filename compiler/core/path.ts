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
  const inner = depth === 0 ? withoutFirst(root, path) : undefined;
  return error("no-such-layer", {
    at: span,
    title: `no layer matches this pattern${text === "" ? "" : `: ${holderOf(path, leaves)} has no \`${text}\``}`,
    label: there.length > 0 ? `here are ${summary(there)}` : "",
    notes: [`${what} ${patternsOf(root, wanted)}.`],
    fixes:
      inner !== undefined
        ? [replace(path.span, inner)]
        : near !== undefined
          ? [replace(span, near, textOf(path.span).replace(text, near))]
          : [],
  });
}

/** What the path leads to before the step at which it leaves the tree. */
function holderOf({ steps, span }: Path, leaves: number): string {
  return leaves === 0 ? "the model" : textOf({ ...span, end: steps[leaves - 1].span.end });
}

/** The path from its second name on, if that is one: in files, all of a model's names may begin with another. */
function withoutFirst(root: Instance, path: Path): string | undefined {
  const [first, ...steps] = path.steps;
  const isPrefix = first?.kind === "name" && steps.length > 0;
  if (!isPrefix || matching(root, { ...path, steps }).length === 0) return undefined;
  return textOf({ ...path.span, start: steps[0].span.start });
}

/** Every place in the choices that matches nothing, so that a typo beside a right name is found too, and a number too many. */
export function deadChoices(root: Instance, path: Path): Diagnostic[] {
  const faults: Diagnostic[] = [];
  for (const [at, step] of path.steps.entries()) {
    if (step.kind !== "choice") continue;
    for (const choice of step.choices) {
      const beyond = beyondRange(root, path, at, choice);
      if (beyond !== undefined) faults.push(beyond);
      const only: Path = {
        ...path,
        steps: path.steps.map((one, place) =>
          place === at ? { ...step, choices: [choice] } : one,
        ),
      };
      if (matching(root, only).length > 0) continue;
      const fault = noSuchLayer(root, only, () => true, "The model has");
      faults.push({
        ...fault,
        primary: { ...fault.primary, span: choice.span },
      });
    }
  }
  return faults;
}

/** `{0..31}` of a model whose layers end at 15. */
function beyondRange(
  root: Instance,
  path: Path,
  at: number,
  choice: PathChoice,
): Diagnostic | undefined {
  if (choice.last === undefined) return undefined;
  const before = path.steps.slice(0, at);
  const numbers = blocksOf(root)
    .map((block) => block.path.split("."))
    .filter((names) => names.length > at && matches(before, names.slice(0, at)))
    .map((names) => Number(names[at]));
  const last = Math.max(...numbers.filter((number) => Number.isInteger(number)));
  const [from, to] = [Number(choice.text), Number(choice.last)];
  // One that begins beyond matches nothing at all.
  if (to <= last || from > last) return undefined;
  const shown = `${from}..${last}`;
  return error("no-such-layer", {
    at: choice.span,
    title: `no layer has a number from ${last + 1} to ${to}: the last is ${last}`,
    fixes: [replace(choice.span, shown)],
  });
}

/** The patterns of blocks, as messages list them. */
export function patternsOf(root: Instance, wanted: (block: Instance) => boolean): string {
  return patternsIn(root, wanted).join(", ") || "nothing";
}

/** The paths of blocks, with numbers as `*` and last names joined in braces. */
export function patternsIn(root: Instance, wanted: (block: Instance) => boolean): string[] {
  const groups = new Map<string, Set<string>>();
  for (const block of blocksOf(root)) {
    if (block.path === "" || !wanted(block)) continue;
    const names = block.path.split(".").map((name) => (/^\d+$/.test(name) ? "*" : name));
    const head = names.slice(0, -1).join(".");
    const tails = groups.get(head) ?? new Set();
    groups.set(head, tails.add(names[names.length - 1]));
  }
  return [...groups].map(([head, tails]) => {
    const tail = tails.size === 1 ? [...tails][0] : `{${[...tails].join(", ")}}`;
    return head === "" ? tail : `${head}.${tail}`;
  });
}

function summary(names: readonly string[]): string {
  const numbers = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const words = names.filter((name) => !/^\d+$/.test(name));
  const range = numbers.length === 0 ? [] : [`${Math.min(...numbers)} to ${Math.max(...numbers)}`];
  return [...words, ...range].join(", ");
}
