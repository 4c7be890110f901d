/** Types, paths, and what is declared by name and type: fields, parameters, sizes. */

import type { Field, Path, PathStep, RowType, SizeParam, Type } from "../syntax/ast.ts";
import { type Doc, firm, group } from "./document.ts";
import { assigned, extents, run } from "./expressions.ts";
import { type Bracketed, bracketed, nextLetter, type Part, type Printing } from "./sequence.ts";

export function type(printing: Printing, type: Type): Doc {
  const mark = type.optional ? "?" : "";
  if (type.kind === "row-type") return [rowType(printing, type), mark];
  const { name } = type;
  if (type.extents === undefined) return [name.text, mark];
  const at = nextLetter(printing, name.span.end);
  return [name.text, extents(printing, type.extents, at).doc, mark];
}

/** `{ text: string, ..R }` */
export function rowType(printing: Printing, { columns, rest, span }: RowType): Doc {
  const fields = columns.map((field) => ({
    span: field.span,
    print: () => parameter(printing, field),
  }));
  return row(printing, fields, rest, span.start);
}

/** Columns and what stands for the others, which comes last. */
export function row(
  printing: Printing,
  columns: readonly Part[],
  rest: RowType["rest"],
  at: number,
): Doc {
  const others = rest === undefined ? [] : [{ span: rest.span, print: () => run(rest.name) }];
  const brackets = { open: "{", close: "}", at, isLoose: true };
  return bracketed(printing, [...columns, ...others], brackets).doc;
}

/** `name: type = value` */
export function parameter(printing: Printing, field: Field): Doc {
  const declared = type(printing, field.type);
  return field.value === undefined
    ? [field.name.text, ": ", declared]
    : assigned(printing, [field.name.text, ": ", firm(declared)], field.value);
}

/** `(x: float[B], …)`; `at` is the offset of the parenthesis. */
export function parameters(printing: Printing, params: readonly Field[], at: number): Bracketed {
  const parts = params.map((field) => ({
    span: field.span,
    print: () => parameter(printing, field),
  }));
  return bracketed(printing, parts, { open: "(", close: ")", at });
}

/** `[B, ..S](x: float[B, ..S])`, the sizes only where there are some; `at` is where the first of the two begins. */
export function sizesAndParameters(
  printing: Printing,
  sizes: readonly SizeParam[],
  params: readonly Field[],
  at: number,
): Doc {
  if (sizes.length === 0) return parameters(printing, params, at).doc;
  const own = sizeParameters(printing, sizes, at);
  // Of the two, it is the parameters that break.
  return group([own.doc, parameters(printing, params, nextLetter(printing, own.end)).open]);
}

export function sizeParameters(
  printing: Printing,
  sizes: readonly SizeParam[],
  at: number,
): Bracketed {
  const parts = sizes.map(({ span, run, name }) => ({
    span,
    print: () => `${run ? ".." : ""}${name.text}`,
  }));
  return bracketed(printing, parts, { open: "[", close: "]", at });
}

// Paths ------------------------------------------------------------------------------------------

/** `layers.*.self_attn.{q_proj, v_proj}` */
export function path(printing: Printing, { steps }: Path): Doc {
  return steps.map((one, at) => [at === 0 ? "" : ".", step(printing, one)]);
}

function step(printing: Printing, one: PathStep): Doc {
  switch (one.kind) {
    case "name":
      return one.text;
    case "any":
      return "*";
    case "any-depth":
      return "**";
    case "choice": {
      const parts = one.choices.map(({ span, text, last }) => ({
        span,
        print: () => (last === undefined ? text : `${text}..${last}`),
      }));
      const brackets = { open: "{", close: "}", at: one.span.start, isFilled: true };
      return bracketed(printing, parts, brackets).doc;
    }
    default:
      return one satisfies never;
  }
}
