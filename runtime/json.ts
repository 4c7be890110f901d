/** JSON from files of the world outside, at the edge where it is still `unknown`. */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { MachineError, messageOf } from "./errors.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** Neither a list nor null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Undefined where there is no such file; a MachineError where it holds no JSON object. */
export async function readObject(path: string): Promise<JsonObject | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw new MachineError(`reading ${path}: ${messageOf(thrown)}`);
  }
  return parsedObject(text, path);
}

/** Throws a MachineError that names the place where the text is from. */
export function parsedObject(text: string, place: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw new MachineError(`reading ${place}: ${messageOf(thrown)}`);
  }
  if (isObject(value)) return value;
  throw new MachineError(`reading ${place}: it does not hold a JSON object`);
}

/** The same data with every object's fields in one order. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, part]) => [name, sorted(part)]));
}

/** sha256 in hexadecimal: of equal data the same, in whatever order and layout they were written. */
export function canonicalHash(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(sorted(value)))
    .digest("hex");
}

/** Whether a file system call failed because the file is not there. */
export function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
}
