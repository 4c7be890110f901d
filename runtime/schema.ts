/**
 * Checks of JSON against our own schemas. A schema is compiled when it is first asked for, and is taken to be sound:
 * a test holds ours to the schema of schemas, which no start need wait for.
 */

import { Ajv, type AnySchemaObject, type ValidateFunction } from "ajv";

export type Check<T> = ValidateFunction<T>;

/** Unions are told apart by `kind`, and a type may be a list of types. */
export const dialect = { discriminator: true, allowUnionTypes: true } as const;

export function checkOf<T>(schema: AnySchemaObject): () => Check<T> {
  let made: Check<T> | undefined;
  return () => {
    made ??= new Ajv({
      ...dialect,
      meta: false,
      validateSchema: false,
      code: { optimize: false },
    }).compile<T>(schema);
    return made;
  };
}
