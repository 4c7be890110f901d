/** The frame of a kernel's text: extensions, declarations, and `main` around a body. */

import { bug } from "../../bug.ts";
import type { Declarations, KernelText } from "./template.ts";

export interface Frame {
  /** Extensions that the body needs, beside those of the declarations. */
  readonly enables: readonly string[];
  /** Rules of WGSL that the body keeps in a way its analysis does not see. */
  readonly diagnostics?: readonly string[];
  readonly declarations: Declarations;
  /** More at module scope: workgroup memory, functions. */
  readonly scope: readonly string[];
  readonly builtins: readonly Builtin[];
  readonly body: readonly string[];
  readonly workgroup: readonly [number, number, number];
  readonly grid: readonly [number, number, number];
}

/** Each is a parameter of `main` by the name given here. */
export type Builtin = keyof typeof parameters;

const parameters = {
  t_group: "@builtin(workgroup_id) t_group: vec3<u32>",
  t_thread: "@builtin(local_invocation_index) t_thread: u32",
  t_lane: "@builtin(subgroup_invocation_id) t_lane: u32",
} as const;

/** WebGPU's default, which every adapter offers and none seen exceeds. */
const mostWorkgroups = 65_535;

export function kernelText(frame: Frame): KernelText {
  const { declarations, workgroup, grid, diagnostics = [] } = frame;
  if (grid.some((count) => count < 1 || count > mostWorkgroups)) {
    bug(`a kernel of ${grid.join(" × ")} workgroups cannot be dispatched`);
  }
  const enables = [...new Set([...declarations.enables, ...frame.enables])].sort();
  const wgsl = [
    ...enables.map((name) => `enable ${name};`),
    ...diagnostics.map((rule) => `diagnostic(off, ${rule});`),
    declarations.text,
    ...frame.scope,
    `@compute @workgroup_size(${workgroup.join(", ")})`,
    `fn main(${frame.builtins.map((name) => parameters[name]).join(", ")}) {`,
    ...frame.body.map((line) => `  ${line}`),
    "}",
    "",
  ].join("\n");
  return { wgsl, workgroup, grid };
}

/** A u32 literal. */
export function u(value: number): string {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** 32) bug(`${value} is no u32`);
  return `${value}u`;
}

/** An f32 literal that reads back as the nearest f32 of `value`. */
export function f(value: number): string {
  const text = String(Math.fround(value));
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
}

/** 0, 1, … count − 1. */
export function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/**
 * The least of an index and the last one there is. `most` is the largest value the index can have, so that
 * an index that cannot leave its range stays as it is.
 */
export function clamped(index: string, most: number, size: number): string {
  return most < size ? index : `min(${index}, ${u(size - 1)})`;
}

/** The first of four neighbours, kept where all four exist; sizes are multiples of four. */
export function clampedFour(first: string, most: number, size: number): string {
  return most < size ? first : `min(${first}, ${u(size - 4)})`;
}

/** A grid of at least `count` workgroups in two dimensions, for work that may exceed one. */
export function flatGrid(count: number): readonly [number, number, number] {
  if (count <= mostWorkgroups) return [count, 1, 1];
  const width = Math.ceil(Math.sqrt(count));
  return [width, Math.ceil(count / width), 1];
}

/** The index of a workgroup in a `flatGrid`. It may be `count` or more in the last row. */
export function flatIndex(grid: readonly [number, number, number]): string {
  return grid[1] === 1 ? "t_group.x" : `(t_group.y * ${u(grid[0])} + t_group.x)`;
}
