/** What expressions stand for: the shapes of axis patterns, the units of arithmetic, and how arguments are bound. */

import { expect, test } from "vitest";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { constant } from "../../compiler/tensor/size.ts";
import { checking } from "../../compiler/types/check.ts";
import type { Emitter } from "../../compiler/types/context.ts";
import { insideOf } from "../../compiler/types/definition-signature.ts";
import { evaluate } from "../../compiler/types/expr.ts";
import { moduleScope } from "../../compiler/types/scope.ts";
import { showType, showValue } from "../../compiler/types/show.ts";
import { axis, type Scope, tensor, type Value } from "../../compiler/types/value.ts";
import { loaded } from "../support/library.ts";

/** The value of an expression in a function of these sizes and parameters. */
function inside(
  signature: string,
  expression: string,
  items = "",
): { value: Value; slugs: string[] } {
  const program = loaded(`${items}\nfn case${signature} -> float {\n  return ${expression}\n}\n`);
  const item = program.entry.items.get("case");
  if (item?.kind !== "fn" || item.body === undefined) throw new Error("the case is no function");
  const found: Diagnostic[] = [...program.diagnostics];
  const { context, scope } = insideOf(
    checking(found),
    moduleScope(program.entry),
    item.sizes,
    item.params,
  );
  const value = evaluate(context, scope, item.body.result);
  return { value, slugs: found.map((one) => one.slug) };
}

function typeIn(signature: string, expression: string): string {
  const { value, slugs } = inside(signature, expression);
  expect(slugs).toEqual([]);
  return showType(value);
}

function shown(expression: string, items = ""): string {
  const { value, slugs } = inside("()", expression, items);
  expect(slugs).toEqual([]);
  return showValue(value);
}

const attention =
  "[B, T, H, K](x: float[B, T, H * K], q: float[B, H, T, K], k: float[B, H, T + 1, K])";

test.each([
  ["einsum(q: b h t k, k: b h s k -> b h t s)", "float[B, H, T, T + 1]"],
  ["einsum(q: b h t k -> b k)", "float[B, K]"],
  ["einsum(q: .. k, k: b h s k -> .. s)", "float[B, H, T, T + 1]"],
  ["rearrange(x: b t (h k) -> b h t k, h = H)", "float[B, H, T, K]"],
  ["rearrange(q: b h t k -> b t (h k))", "float[B, T, H * K]"],
  ["rearrange(x: b t c -> b t 1 c)", "float[B, T, 1, H * K]"],
  ["reduce(q: .. k -> .., by = max)", "float[B, H, T]"],
  ["reduce(q: b h t k -> t b, by = sum)", "float[T, B]"],
  ["repeat(reduce(q: .. k -> .., by = mean): .. -> .. k, k = K)", "float[B, H, T, K]"],
  ["q[:, 0, 1 : T, ..]", "float[B, T - 1, K]"],
  ["concat([q, k], axis = 2)", "float[B, H, 2 * T + 1, K]"],
])("%s is %s", (expression, type) => {
  expect(typeIn(attention, expression)).toBe(type);
});

test("a rest in a pattern stands for a run of axes", () => {
  expect(typeIn("[..S, D](x: float[..S, D])", "reduce(x: .. d -> .., by = sum)")).toBe(
    "float[..S]",
  );
});

test("a vector meets the last axis of a matrix, and a matrix does not meet its first", () => {
  expect(typeIn("[B, D](x: float[B, D], y: float[D])", "x * y")).toBe("float[B, D]");
  const { slugs } = inside("[B, D](x: float[2 * D, D], y: float[2 * D])", "x * y");
  expect(slugs).toEqual(["broadcast-refused"]);
});

test.each([
  ["10steps + 5steps", "15steps"],
  ["10steps / 4steps", "2.5"],
  ["2 * 10steps", "20steps"],
  ["3 + 4 * 2", "11"],
  ["7 / 2", "3"],
  ["7.0 / 2", "3.5"],
  ["2ktok", "2000tok"],
  ["50% * 3.0", "1.5"],
  ["min(3, 5)", "3"],
  ["if 3 < 5 { 1 } else { 2 }", "1"],
])("%s is %s", (expression, text) => {
  expect(shown(expression)).toBe(text);
});

test.each([
  ["10steps + 5tok", "unit-mismatch"],
  ["10steps * 2steps", "unit-mismatch"],
  ["10steps < 5", "unit-mismatch"],
  ["3 && true", "type-mismatch"],
  ['"a" + 1', "type-mismatch"],
  ["3bananas", "no-such-unit"],
])("%s is refused as %s", (expression, slug) => {
  expect(inside("()", expression).slugs).toEqual([slug]);
});

const config = `
record Config {
  width: dim
  half:  dim   = width / 2
  rate:  ratio = 10%
}
`;

test("arguments go by place, then by name, and a default reads what is before it", () => {
  expect(shown("Config(8).half", config)).toBe("4");
  expect(shown("Config(rate = 5%, width = 6).half", config)).toBe("3");
  expect(shown("Config(8, 3).half", config)).toBe("3");
});

test.each([
  ["Config()", "missing-argument"],
  ["Config(8, 4, 10%, 1)", "too-many-arguments"],
  ["Config(8, width = 4)", "defined-twice"],
  ["Config(8, halv = 4)", "no-such-field"],
  ["Config(8, rate = 0.1)", "bare-number"],
  ["Config(8.5)", "type-mismatch"],
  ["Config(0)", "type-mismatch"],
])("%s is refused as %s", (expression, slug) => {
  expect(inside("()", expression, config).slugs).toContain(slug);
});

test("what is piped is the first argument", () => {
  expect(shown("8 |> Config(rate = 5%)", `${config}`)).toBe("Config");
  expect(
    shown(
      "(2.0 |> double) + (3.0 |> double())",
      "fn double(x: float) -> float {\n  return 2.0 * x\n}",
    ),
  ).toBe("10");
});

test("a default of true for a tensor of bools is a tensor that holds it everywhere", () => {
  const program = loaded(`
fn kept[B](x: float[B], keep: bool[B] = true) -> bool[B - 1] {
  return keep[1 : B]
}

fn case[B](x: float[B]) -> bool[B - 1] {
  return kept(x)
}
`);
  const item = program.entry.items.get("case");
  if (item?.kind !== "fn" || item.body === undefined) throw new Error("the case is no function");
  const found: Diagnostic[] = [];
  const applied: string[] = [];
  const emit: Emitter = {
    inside: () => emit,
    apply(op, _args, attrs) {
      applied.push(`${op} ${JSON.stringify(attrs)}`);
      return [applied.length];
    },
    parameter: () => 0,
    attend: () => 0,
    random: () => 0,
    training: false,
  };
  const x = tensor("f32", [axis(constant(4))], 0);
  const scope: Scope = { ...moduleScope(program.entry), names: new Map([["x", x]]) };
  const value = evaluate({ ...checking(found), emit }, scope, item.body.result);
  expect(found).toEqual([]);
  expect(showType(value)).toBe("bool[3]");
  expect(applied).toEqual([
    'constant {"value":1,"dtype":"bool","shape":[]}',
    'broadcast {"shape":[4],"axes":[]}',
    'slice {"starts":[1],"sizes":[3]}',
  ]);
});
