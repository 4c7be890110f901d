/** Stages: the dispatches that a kernel becomes. */

import type { Dtype } from "../tensor/dtype.ts";
import { type Binding, Bindings, type InPlace } from "./bindings.ts";
import { functionsFor } from "./operations.ts";
import { flatGrid, flatIndex, kernelText } from "./templates/frame.ts";
import type { Declarations, KernelText } from "./templates/template.ts";

/** One dispatch: its text, and what is bound to it in order. */
export interface Stage extends KernelText {
  readonly bindings: readonly Binding[];
}

export interface Emitted {
  readonly stages: readonly Stage[];
  /** Bytes that the stages keep between them. */
  readonly scratch: number;
}

/** A body of statements, and how many threads run it. */
export interface Body {
  readonly threads: number;
  readonly groups: number;
  readonly scope?: readonly string[];
  /** Of the whole kernel; `group` is the workgroup's number, `t_thread` the thread's. */
  readonly lines: readonly string[];
}

/** A kernel that `write` writes, once its bindings are settled. */
export function stageOf(inPlace: InPlace, write: (bindings: Bindings) => Body): Stage {
  const trial = new Bindings(inPlace);
  write(trial);
  const bindings = trial.settled();
  const { threads, groups, scope = [], lines } = write(bindings);
  const grid = flatGrid(groups);
  const text = kernelText({
    enables: [],
    declarations: declarationsOf(bindings, lines.join("\n")),
    scope,
    builtins: ["t_group", "t_thread"],
    body: [
      `let group = ${flatIndex(grid)};`,
      // The last row of a folded grid may be longer than what there is to do.
      ...(grid[0] * grid[1] > groups ? [`if (group >= ${groups}u) { return; }`] : []),
      ...lines,
    ],
    workgroup: [threads, 1, 1],
    grid,
  });
  return { ...text, bindings: bindings.list() };
}

/** Threads of a workgroup: a multiple of every subgroup size there is up to 64. */
const usual = 64;

/** A thread for each of `count` places, called `name`; with `lines` for one. */
export function overEach(name: string, count: number, lines: readonly string[]): Body {
  const isExact = count % usual === 0;
  return {
    threads: usual,
    groups: Math.ceil(count / usual),
    lines: [
      `let ${name} = group * ${usual}u + t_thread;`,
      ...(isExact ? [] : [`if (${name} >= ${count}u) { return; }`]),
      ...lines,
    ],
  };
}

/** Bindings and what the body uses beside them. */
export function declarationsOf(bindings: Bindings, body: string): Declarations {
  const declared = bindings.text();
  return {
    enables: /\bf16\b/.test(declared + body) ? ["f16"] : [],
    text: [declared, ...functionsFor(body)].join("\n"),
  };
}

/** What a value in memory between stages is as WGSL. */
export function zero(dtype: Dtype): string {
  return dtype === "f16" || dtype === "f32" ? `${dtype}(0.0)` : `${dtype === "i32" ? "0i" : "0u"}`;
}
