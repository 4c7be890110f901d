/** What is not as the lock says, in words: one diagnostic for each thing, where the pipeline names it. */

import type { LockDifference } from "../../runtime/lock.ts";
import { plainString } from "../core/checkpoint.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { importPath } from "../names/module.ts";
import { datasetsOf } from "../plan/assemble.ts";
import type { Span } from "../source/file.ts";
import type { File, StringExpr } from "../syntax/ast.ts";
import { type SyntaxNode, walk } from "../syntax/walk.ts";
import type { Loaded } from "./load.ts";
import { version } from "./version.ts";

export function noLock({ source, lockFile }: Loaded): Diagnostic {
  return error("out-of-lock", {
    at: { file: source, start: 0, end: 0 },
    title: `there is no ${lockFile.name} to hold this run against`,
    notes: ["Only a lock can say whether the files here are those of the experiment."],
    fixes: [{ text: `\`ftc lock ${source.path}\` writes it; check it in with the pipeline` }],
  });
}

/** A dataset is told of only where nothing that it is made of is. */
export function refusals(loaded: Loaded, refused: readonly LockDifference[]): Diagnostic[] {
  const causes = refused.filter(({ part }) => part !== "datasets");
  const groups = new Map<string, LockDifference[]>();
  for (const one of causes.length > 0 ? causes : refused) {
    const key = keyOf(one);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map((group) => refusal(loaded, group));
}

/** A model's files are told of together, and so are modules with which the same happened. */
function keyOf({ part, name, kind }: LockDifference): string {
  return `${part} ${part === "modules" ? kind : name}`;
}

function refusal(loaded: Loaded, group: readonly LockDifference[]): Diagnostic {
  const [{ part, kind, isSameRecipe }] = group;
  if (kind !== "changed") return outOfLock(loaded, group);
  if (part === "modules") return changedModules(loaded, group);
  if (part !== "datasets") return changedFiles(loaded, group);
  return isSameRecipe ? otherTokens(loaded, group) : otherRecipe(loaded, group);
}

function outOfLock(loaded: Loaded, group: readonly LockDifference[]): Diagnostic {
  const { lockFile, source } = loaded;
  const names = listed(group);
  return error("out-of-lock", {
    at: placeOf(loaded, group[0]),
    title:
      group[0].kind === "new"
        ? `${names} ${are(group)} not in ${lockFile.name}`
        : `${lockFile.name} holds ${names}, which this pipeline does not read`,
    notes: [mustNotChange],
    fixes: [{ text: `\`ftc lock ${source.path}\` brings it up to date` }],
  });
}

function changedModules(loaded: Loaded, group: readonly LockDifference[]): Diagnostic {
  const plural = group.length > 1;
  return error("file-changed", {
    at: placeOf(loaded, group[0]),
    title: `${listed(group)} ${are(group)} not the module${plural ? "s" : ""} that ${plural ? "were" : "was"} locked`,
    notes: [...comparison(group), ...writers(loaded), whatItMeans],
    fixes: [accept(loaded), { text: "run the ftc that wrote the lock" }],
  });
}

function changedFiles(loaded: Loaded, group: readonly LockDifference[]): Diagnostic {
  const [{ part, name }] = group;
  return error("file-changed", {
    at: placeOf(loaded, group[0]),
    title: `${name} is not the ${part === "models" ? "model" : "file"} that was locked`,
    notes: [...comparison(group), whatItMeans],
    fixes: [accept(loaded), { text: "put the locked files back" }],
  });
}

function otherTokens(loaded: Loaded, group: readonly LockDifference[]): Diagnostic {
  return error("file-changed", {
    at: placeOf(loaded, group[0]),
    title: `the rows of ${group[0].name} give other tokens than those that were locked, though its files are the same`,
    notes: [...comparison(group), ...writers(loaded), whatItMeans],
    fixes: [accept(loaded), { text: "run the ftc that wrote the lock" }],
  });
}

function otherRecipe(loaded: Loaded, group: readonly LockDifference[]): Diagnostic {
  return error("out-of-lock", {
    at: placeOf(loaded, group[0]),
    title: `the pipeline makes ${group[0].name} in another way than was locked`,
    notes: [...comparison(group), mustNotChange],
    fixes: [accept(loaded)],
  });
}

const whatItMeans = "A run with it would not be the experiment that was locked.";
const mustNotChange = "The lock would have to change, and it was asked to stay as it is.";

function accept({ source }: Loaded): { readonly text: string } {
  return { text: `\`ftc lock ${source.path}\` accepts what is here` };
}

/** Said only where the two differ: of one version, it explains nothing. */
function writers({ lockFile }: Loaded): string[] {
  const writer = lockFile.lock?.compiler ?? "";
  const reader = `ftc ${version()}`;
  return writer === reader ? [] : [`The lock was written by ${writer}; this is ${reader}.`];
}

/** Of a model of many files, as many as say what happened. */
const mostCompared = 4;

function comparison(group: readonly LockDifference[]): string[] {
  const rows = group.slice(0, mostCompared).flatMap(({ part, name, file, locked, found }) => {
    const subject = file ?? (part === "modules" && group.length > 1 ? name : undefined);
    const lead = subject === undefined ? "" : `${subject}, `;
    return [`${lead}locked: ${locked ?? "not there"}`, `${lead}found: ${found ?? "not there"}`];
  });
  const more = group.length - mostCompared;
  return more > 0 ? [...rows, `and ${more} more`] : rows;
}

function are(group: readonly LockDifference[]): string {
  return new Set(group.map(({ name }) => name)).size === 1 ? "is" : "are";
}

function listed(group: readonly LockDifference[]): string {
  const names = [...new Set(group.map(({ name }) => name))];
  const last = names.pop() ?? "";
  return names.length === 0 ? last : `${names.join(", ")} and ${last}`;
}

// Places ----------------------------------------------------------------------------------------

/** Where the pipeline names it; its first line where it does so only through a module. */
function placeOf({ program, pipeline, source }: Loaded, { part, name }: LockDifference): Span {
  const start: Span = { file: source, start: 0, end: 0 };
  const { file } = program.entry;
  switch (part) {
    case "modules":
      return (
        file.items.find((item) => item.kind === "import" && importPath(item) === name)?.span ??
        start
      );
    case "datasets":
      return datasetsOf(pipeline).get(name)?.at ?? start;
    case "models":
    case "data":
      return spanOfText(file, name) ?? start;
    default:
      return part satisfies never;
  }
}

/** The first string of a file that says a text. */
function spanOfText(file: File, text: string): Span | undefined {
  let found: Span | undefined;
  walk(file, (node) => {
    if (found === undefined && isString(node) && plainString(node) === text) found = node.span;
    return found === undefined;
  });
  return found;
}

function isString(node: SyntaxNode): node is StringExpr {
  return node.kind === "string";
}
