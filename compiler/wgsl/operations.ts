/** Operations on numbers as WGSL, on one at a time or on four. Bools in flight are bools, and u32 in memory. */

import type { ReduceBy, ScalarOp } from "../ops/op.ts";
import { type Dtype, dtypes } from "../tensor/dtype.ts";
import { f } from "./templates/frame.ts";

export type Width = 1 | 4;

/** The type of values in flight. */
export function valueType(dtype: Dtype, width: Width): string {
  const one = dtype === "bool" ? "bool" : dtypes[dtype].wgsl;
  return width === 1 ? one : `vec4<${one}>`;
}

export function splat(text: string, dtype: Dtype): string {
  return `${valueType(dtype, 4)}(${text})`;
}

/** A value as memory holds it, and back. */
export function storedText(text: string, dtype: Dtype, width: Width): string {
  if (dtype !== "bool") return text;
  return width === 1 ? `select(0u, 1u, ${text})` : `select(vec4<u32>(0u), vec4<u32>(1u), ${text})`;
}

export function loadedText(text: string, dtype: Dtype, width: Width): string {
  if (dtype !== "bool") return text;
  return width === 1 ? `(${text} != 0u)` : `(${text} != vec4<u32>(0u))`;
}

const largestHalf = 65504;
const largestFloat = 3.4028234663852886e38;

/** The nearest finite value, since WGSL has no infinities. */
export function literal(value: number, dtype: Dtype): string {
  const within = (most: number) => Math.max(-most, Math.min(most, value));
  switch (dtype) {
    case "f32":
      return enclosed(f(within(largestFloat)));
    case "f16":
      return `f16(${f(within(largestHalf))})`;
    case "i32":
      // The least i32 has no literal of its own.
      return value === -(2 ** 31) ? "(-2147483647i - 1i)" : enclosed(`${value}i`);
    case "u32":
      return `${value >>> 0}u`;
    case "bool":
      return value === 0 ? "false" : "true";
    default:
      return dtype satisfies never;
  }
}

function enclosed(text: string): string {
  return text.startsWith("-") ? `(${text})` : text;
}

export function operationText(
  op: Exclude<ScalarOp, "cast">,
  args: readonly string[],
  dtype: Dtype,
  width: Width,
): string {
  if (op === "power") return powerOf(args, dtype, width);
  if (op === "finite") return finiteOf(args[0], width);
  const one = width === 1 ? literal(1, dtype) : splat(literal(1, dtype), dtype);
  return operations[op](args, one);
}

export function castText(text: string, from: Dtype, to: Dtype, width: Width): string {
  if (from === to) return text;
  const number = (value: number, dtype: Dtype) =>
    `${valueType(dtype, width)}(${literal(value, dtype)})`;
  if (to === "bool") return `(${text} != ${number(0, from)})`;
  if (from === "bool") return `select(${number(0, to)}, ${number(1, to)}, ${text})`;
  return `${valueType(to, width)}(${text})`;
}

type Text = (args: readonly string[], one: string) => string;

const infix =
  (symbol: string): Text =>
  ([a, b]) =>
    `(${a} ${symbol} ${b})`;
const call =
  (name: string): Text =>
  (args) =>
    `${name}(${args.join(", ")})`;

const operations: Readonly<Record<Exclude<ScalarOp, "cast" | "power" | "finite">, Text>> = {
  negate: ([x]) => `(-${x})`,
  absolute: call("abs"),
  exp: call("exp"),
  log: call("log"),
  sqrt: call("sqrt"),
  rsqrt: call("inverseSqrt"),
  sin: call("sin"),
  cos: call("cos"),
  tanh: call("tanh"),
  sigmoid: ([x], one) => `(${one} / (${one} + exp(-${x})))`,
  floor: call("floor"),
  sign: call("sign"),
  not: ([x]) => `(!${x})`,
  add: infix("+"),
  subtract: infix("-"),
  multiply: infix("*"),
  divide: infix("/"),
  remainder: infix("%"),
  minimum: call("min"),
  maximum: call("max"),
  and: infix("&"),
  or: infix("|"),
  equal: infix("=="),
  notEqual: infix("!="),
  less: infix("<"),
  lessEqual: infix("<="),
  select: ([condition, yes, no]) => `select(${no}, ${yes}, ${condition})`,
};

/** By bits, an exponent of all ones: WGSL lets compilers assume that there are finite numbers alone. */
function finiteOf(text: string, width: Width): string {
  const bits = valueType("u32", width);
  const exponent = `${bits}(0x7f800000u)`;
  return `((bitcast<${bits}>(${text}) & ${exponent}) != ${exponent})`;
}

// Powers ----------------------------------------------------------------------------------------

const powerNames: Readonly<Record<Width, string>> = { 1: "power_of_one", 4: "power_of_four" };

function powerOf(args: readonly string[], dtype: Dtype, width: Width): string {
  const wide = args.map((text) => castText(text, dtype, "f32", width));
  return castText(`${powerNames[width]}(${wide.join(", ")})`, "f32", dtype, width);
}

/**
 * WGSL's `pow` is of numbers above 0 alone. The bits of what is not a number come from an operand, since WGSL
 * refuses constants that are none.
 */
function powerFunction(width: Width): string {
  const [type, bits] = [valueType("f32", width), valueType("u32", width)];
  return `fn ${powerNames[width]}(a: ${type}, b: ${type}) -> ${type} {
  let size = select(pow(abs(a), b), ${type}(1.0), b == ${type}(0.0));
  let is_negative = a < ${type}(0.0);
  let is_odd = abs(b) % ${type}(2.0) == ${type}(1.0);
  let signed = select(size, -size, is_negative & is_odd);
  let none = bitcast<${type}>(${bits}(0x7fc00000u) | (bitcast<${bits}>(b) & ${bits}(0u)));
  return select(signed, none, is_negative & (trunc(b) != b));
}`;
}

// Folds -----------------------------------------------------------------------------------------

/** What a fold begins with. The largest floats stand for infinities. */
export function neutral(by: ReduceBy, dtype: Dtype, width: Width): string {
  const [least, most] =
    dtype === "i32"
      ? [-(2 ** 31), 2 ** 31 - 1]
      : dtype === "u32"
        ? [0, 2 ** 32 - 1]
        : [-largestFloat, largestFloat];
  const text = literal(by === "sum" ? 0 : by === "max" ? least : most, dtype);
  return width === 1 ? text : splat(text, dtype);
}

export function foldText(by: ReduceBy, a: string, b: string): string {
  return by === "sum" ? `(${a} + ${b})` : `${by}(${a}, ${b})`;
}

/** The fold of the four numbers of a vector. */
export function acrossText(by: ReduceBy, vector: string): string {
  const pair = (a: string, b: string) => foldText(by, `${vector}.${a}`, `${vector}.${b}`);
  return foldText(by, pair("x", "y"), pair("z", "w"));
}

/** Functions that a kernel's body may call: each is declared where its name is found. */
export function functionsFor(body: string): readonly string[] {
  const powers = ([1, 4] as const).filter((width) => body.includes(`${powerNames[width]}(`));
  return [...powers.map(powerFunction), ...(body.includes("uniform_random(") ? [randomText] : [])];
}

/** The numbers of ops/random.ts. */
const randomText = `fn mixed(value: u32) -> u32 {
  var x = value;
  x = (x ^ (x >> 16u)) * 0x7feb352du;
  x = (x ^ (x >> 15u)) * 0x846ca68bu;
  return x ^ (x >> 16u);
}
fn uniform_random(seed: u32, stream: u32, counter: u32) -> f32 {
  let keyed = mixed(seed + 0x9e3779b9u);
  let bits = mixed(mixed(keyed ^ ((stream + 1u) * 0x85ebca6bu)) ^ ((counter + 1u) * 0xc2b2ae35u));
  return f32(bits >> 8u) / 16777216.0;
}`;
