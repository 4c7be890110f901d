/**
 * Attributes as operations declare them. A graph holds plain data; a codec reads one attribute from it, typed,
 * or says what was wanted.
 */

import { bug } from "../bug.ts";
import { type Dtype, dtypes } from "../tensor/dtype.ts";
import type { Attr, Attrs } from "./op.ts";

export interface Codec<T> {
  /** For messages: `a list of sizes`. */
  readonly wanted: string;
  /** Undefined where the attribute is not such a value. An absent one is undefined as well. */
  read(attr: Attr | undefined): { readonly value: T } | undefined;
}

export type Schema = Readonly<Record<string, Codec<unknown>>>;
export type Decoded<S extends Schema> = {
  readonly [K in keyof S]: S[K] extends Codec<infer T> ? T : never;
};

export const real: Codec<number> = {
  wanted: "a finite number",
  read: (attr) => (typeof attr === "number" && Number.isFinite(attr) ? { value: attr } : undefined),
};

/** A whole number that is not negative: a size, an axis, a stream. */
export const whole: Codec<number> = {
  wanted: "a whole number from 0",
  read: (attr) => (isWhole(attr) ? { value: attr } : undefined),
};

/** Sizes, axes, starts or labels. */
export const wholes: Codec<readonly number[]> = {
  wanted: "a list of whole numbers from 0",
  read: (attr) => (isList(attr) && attr.every(isWhole) ? { value: attr } : undefined),
};

export const flag: Codec<boolean> = {
  wanted: "true or false",
  read: (attr) => (typeof attr === "boolean" ? { value: attr } : undefined),
};

export const dtype: Codec<Dtype> = {
  wanted: "a dtype",
  read: (attr) => (isDtype(attr) ? { value: attr } : undefined),
};

/** An attribute that may be left out. */
export function optional<T>(codec: Codec<T>): Codec<T | undefined> {
  return {
    wanted: codec.wanted,
    read: (attr) => (attr === undefined ? { value: undefined } : codec.read(attr)),
  };
}

/** A node's attributes by the schema of its operation; a bug if one is missing, wrong or unknown. */
export function decode<S extends Schema>(name: string, schema: S, attrs: Attrs): Decoded<S> {
  for (const key of Object.keys(attrs)) {
    if (!(key in schema)) bug(`${name} has no attribute ${key}`, JSON.stringify(attrs));
  }
  const decoded: Record<string, unknown> = {};
  for (const [key, codec] of Object.entries(schema)) {
    const read = codec.read(attrs[key]);
    if (read === undefined) {
      bug(`${name}: ${key} is ${JSON.stringify(attrs[key])}, and should be ${codec.wanted}`);
    }
    decoded[key] = read.value;
  }
  // Every key was read by its own codec, which the type of an object built key by key cannot show.
  return decoded as Decoded<S>;
}

export function isDtype(value: unknown): value is Dtype {
  return typeof value === "string" && Object.hasOwn(dtypes, value);
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isList(attr: Attr | undefined): attr is readonly number[] {
  return Array.isArray(attr);
}
