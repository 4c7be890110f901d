/**
 * Plans on disk. A path that ends in `.json` is one file with the kernels inside; any other is a folder of
 * `plan.json` and one `.wgsl` file a kernel, which people can read and edit. What is read is checked against
 * plan.schema.json and for names that lead nowhere, and every complaint names the field.
 */

import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { complaintOf } from "./complaint.ts";
import { MachineError, messageOf } from "./errors.ts";
import { canonicalHash, isObject, type JsonObject, parsedObject } from "./json.ts";
import schema from "./plan.schema.json" with { type: "json" };
import type { Kernel, Plan } from "./plan.ts";
import { brokenReference } from "./plan-references.ts";
import { checkOf } from "./schema.ts";
import { writeTextAtomically } from "./weights/atomic.ts";

const inside = "plan.json";
/** A kernel's file, within the plan's folder and nowhere else. */
const kernelFile = /^kernels\/[\w.-]+\.wgsl$/;

/**
 * sha256 of the plan in hexadecimal: of equal plans the same, whatever files they were read from. How the pipeline's
 * file is called from where the command stands is for messages alone.
 */
export function planHash({ source: _, ...plan }: Plan): string {
  return canonicalHash(plan);
}

/** Writes a plan. `plan.json` comes last, so that a folder that has one is whole. */
export async function writePlan(path: string, plan: Plan): Promise<void> {
  if (path.endsWith(".json")) {
    await writeTextAtomically(path, textOf(plan));
    return;
  }
  const kernels: Record<string, unknown> = {};
  await mkdir(join(path, "kernels"), { recursive: true });
  for (const [index, [name, { wgsl, ...rest }]] of Object.entries(plan.kernels).entries()) {
    // The number keeps names apart that differ only in what file names cannot hold.
    const file = `kernels/${index}.${name.replace(/[^\w.-]/g, "_").slice(0, 80)}.wgsl`;
    await writeTextAtomically(join(path, file), wgsl);
    kernels[name] = { file, ...rest };
  }
  await writeTextAtomically(join(path, inside), textOf({ ...plan, kernels }));
}

/** @throws MachineError that names the file and the field */
export async function readPlan(path: string): Promise<Plan> {
  const isFile = path.endsWith(".json");
  const file = isFile ? path : join(path, inside);
  const found = parsedObject(await readText(file), file);
  return checkedPlan(isFile ? found : await withKernels(path, file, found), file);
}

/** A plan from the world outside. @throws MachineError that names the field, `place` in front */
export function checkedPlan(value: unknown, place: string): Plan {
  const validate = planCheck();
  if (!validate(value)) refuse(place, complaintOf(validate.errors ?? []));
  const broken = brokenReference(value);
  if (broken !== undefined) refuse(place, broken);
  return value;
}

const planCheck = checkOf<Plan>(schema);

async function withKernels(folder: string, file: string, plan: JsonObject): Promise<JsonObject> {
  if (!isObject(plan.kernels)) return plan;
  const kernels: Record<string, Kernel | unknown> = {};
  for (const [name, kernel] of Object.entries(plan.kernels)) {
    kernels[name] = isObject(kernel) ? await withText(folder, file, name, kernel) : kernel;
  }
  return { ...plan, kernels };
}

async function withText(
  folder: string,
  file: string,
  name: string,
  kernel: JsonObject,
): Promise<JsonObject> {
  const { file: path, ...rest } = kernel;
  if (typeof path !== "string") return kernel;
  if (!kernelFile.test(path)) refuse(file, `kernels.${name}.file is ${path}, outside its folder`);
  return { ...rest, wgsl: await readText(join(folder, path)) };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new MachineError(`reading the plan ${path}: ${messageOf(error)}`);
  }
}

function textOf(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}

function refuse(place: string, message: string): never {
  throw new MachineError(`${place} is no plan that this version can run: ${message}`, [
    "write it again with `ftc plan FILE -o PLAN`",
  ]);
}
