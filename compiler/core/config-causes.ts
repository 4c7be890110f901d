/**
 * Which number of a config.json a checkpoint's header disagrees with: a size that one axis should have, or how many
 * layers there are. Nothing is said where two numbers of the config could be the one.
 */

import type { JsonObject } from "./json.ts";

export interface Cause {
  /** `vocab_size = 1026`, as the config says it. */
  readonly said: string;
  /** The same of the files. */
  readonly instead: string;
}

/** For a tensor that has another shape than the config gives it. */
export function shapeCause(
  config: JsonObject,
  found: readonly number[],
  wanted: readonly number[],
): Cause | undefined {
  if (found.length !== wanted.length) return undefined;
  const axis = wanted.findIndex((size, at) => size !== found[at]);
  return causeOf(config, wanted[axis], found[axis]);
}

/** For a tensor that one side lacks, where it belongs to one of a number of layers. */
export function countCause(
  config: JsonObject,
  name: string,
  own: Iterable<string>,
  inFile: Iterable<string>,
): Cause | undefined {
  const stack = /^(.+?)\.\d+\./.exec(name)?.[1];
  if (stack === undefined) return undefined;
  return causeOf(config, copiesIn(own, stack), copiesIn(inFile, stack));
}

function copiesIn(names: Iterable<string>, stack: string): number {
  const numbers = [...names].flatMap((name) =>
    name.startsWith(`${stack}.`) ? [name.slice(stack.length + 1).split(".")[0]] : [],
  );
  return new Set(numbers).size;
}

function causeOf(config: JsonObject, said: number, instead: number): Cause | undefined {
  const [key, ...others] = Object.keys(config).filter((one) => config[one] === said);
  if (key === undefined || others.length > 0 || said === instead) return undefined;
  return { said: `${key} = ${said}`, instead: `${key} = ${instead}` };
}
