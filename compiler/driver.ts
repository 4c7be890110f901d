/**
 * The order of the stages: a program's definitions, its pipeline, the graphs of its steps, their plan. What
 * the machine knows (headers of checkpoints, counts of windows) is passed in, so all of this is pure.
 */

import { allowsIn, judgedBySources } from "./core/allowed.ts";
import type { Checkpoints } from "./core/model.ts";
import { type Pipeline, pipelineOf } from "./core/pipeline.ts";
import { placeFaults } from "./core/places.ts";
import { stepFaults } from "./core/step-checks.ts";
import { untrainedWarnings } from "./core/untrained.ts";
import { type Allow, withAllows } from "./diagnostics/allow.ts";
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import type { Module, Program } from "./names/module.ts";
import { told } from "./names/told.ts";
import { checkDefinitions } from "./types/check.ts";
import { Findings } from "./types/findings.ts";

export interface Checked {
  readonly pipeline: Pipeline;
  /** In the order of the source, a module after those that it imports. */
  readonly diagnostics: readonly Diagnostic[];
  /** What comments allow; it holds of what later stages find, too. */
  readonly allows: readonly Allow[];
}

/** What an editor, which checks after every edit, asks for beside the faults, and what it keeps for the next check. */
export interface CheckMemory {
  /** Filled by the check. */
  readonly findings: Findings;
  /** A module is the same one as long as neither it nor what it imports changes. */
  readonly definitions: WeakMap<Module, CheckedModule>;
}

export interface CheckedModule {
  readonly diagnostics: readonly Diagnostic[];
  readonly findings: Findings;
}

/** Everything that sources and headers decide. Faults of the pipeline are looked for where its parts are sound. */
export function check(program: Program, checkpoints: Checkpoints, memory?: CheckMemory): Checked {
  const definitions = program.modules.flatMap((module) => {
    if (memory === undefined) return checkDefinitions(module, program.diagnostics);
    const checked = memory.definitions.get(module) ?? checkedModule(module, program.diagnostics);
    memory.definitions.set(module, checked);
    memory.findings.include(checked.findings);
    return checked.diagnostics;
  });
  const pipeline = pipelineOf(program.entry, checkpoints, memory?.findings);
  const { allows, diagnostics: misread } = allowsIn(program);
  const found = told(program, [
    ...program.diagnostics,
    ...misread,
    ...definitions,
    ...pipeline.diagnostics,
    ...stepFaults(
      pipeline,
      definitions.filter(({ severity }) => severity === "error"),
    ),
    ...placeFaults(pipeline.steps),
    ...untrainedWarnings(pipeline.steps),
  ]);
  const diagnostics = withAllows(found, allows, judgedBySources(program, pipeline));
  return { pipeline, diagnostics, allows };
}

function checkedModule(module: Module, syntax: readonly Diagnostic[]): CheckedModule {
  const findings = new Findings();
  return { diagnostics: checkDefinitions(module, syntax, findings), findings };
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === "error");
}
