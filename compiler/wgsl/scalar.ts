/**
 * Scalar expressions as WGSL statements: each part bound once by `let`, since no compiler below does it for
 * us. A writer has a width: 1, or 4 where four neighbours along one variable are computed together.
 */

import { bug } from "../bug.ts";
import { type Index, indexText, isAligned, mentions, strideBy } from "../kernels/index.ts";
import type { Scalar } from "../kernels/kernel.ts";
import type { ScalarOp } from "../ops/op.ts";
import { type Dtype, dtypes } from "../tensor/dtype.ts";
import type { Bindings } from "./bindings.ts";
import { f } from "./templates/frame.ts";

export type Names = (variable: string) => string;

export interface Writing {
  readonly bindings: Bindings;
  readonly names: Names;
  /** The variable whose four neighbours are computed at once; it stands for the first of them. */
  readonly wide: string | undefined;
  /** What stands for the accumulator of an epilogue. */
  readonly accumulator: string;
}

/** Whether four neighbours along the variable can be computed at once with vec4 loads and no gathers. */
export function isWide(scalar: Scalar, along: string): boolean {
  switch (scalar.kind) {
    case "load":
      return loadWidth(scalar.index, along) !== undefined;
    case "operation":
      return scalar.args.every((argument) => isWide(argument, along));
    case "guard":
      return (
        !scalar.bounds.some((bound) => mentions(bound.index, along)) &&
        isWide(scalar.then, along) &&
        isWide(scalar.otherwise, along)
      );
    case "index":
      return !mentions(scalar.index, along);
    case "random":
      return false;
    case "constant":
    case "accumulator":
      return true;
    default:
      return scalar satisfies never;
  }
}

/** 4 for one aligned vec4, 1 for the same element four times, undefined for neither. */
function loadWidth(index: Index, along: string): 1 | 4 | undefined {
  const stride = strideBy(index, along);
  if (stride === 0) return 1;
  return stride === 1 && isAligned(index, along, 4) ? 4 : undefined;
}

export class ScalarWriter {
  readonly lines: string[] = [];
  readonly #writing: Writing;
  /** Names by the text that they are bound to, innermost block last. */
  readonly #bound: Map<string, string>[] = [new Map()];
  readonly #prefix: string;
  #count = 0;

  constructor(writing: Writing, prefix = "x") {
    this.#writing = writing;
    this.#prefix = prefix;
  }

  /** An expression for the scalar; statements that it needs are in `lines` by then. */
  write(scalar: Scalar): string {
    switch (scalar.kind) {
      case "load":
        return this.#load(scalar);
      case "constant":
        return this.#splat(literal(scalar.value, scalar.dtype));
      case "operation":
        return this.#bind(
          operationText(
            scalar.op,
            scalar.args.map((argument) => this.write(argument)),
            scalar,
            this.#width,
          ),
        );
      case "index": {
        const text = indexText(scalar.index, this.#writing.names);
        return this.#splat(scalar.dtype === "u32" ? text : `${dtypes[scalar.dtype].wgsl}(${text})`);
      }
      case "guard":
        return this.#guard(scalar);
      case "random":
        return this.#bind(
          `uniform_random(${this.write(scalar.seed)}, ${scalar.stream >>> 0}u, ${indexText(scalar.index, this.#writing.names)})`,
        );
      case "accumulator":
        return this.#writing.accumulator;
      default:
        return scalar satisfies never;
    }
  }

  get #width(): 1 | 4 {
    return this.#writing.wide === undefined ? 1 : 4;
  }

  #load(scalar: Extract<Scalar, { kind: "load" }>): string {
    const { bindings, names, wide } = this.#writing;
    const width =
      wide === undefined
        ? 1
        : (loadWidth(scalar.index, wide) ?? bug("a vec4 load of scattered elements"));
    const { name, wide: byFour } = bindings.read(scalar.value, scalar.dtype, width === 4);
    const text = indexText(scalar.index, names);
    const element = width === 4 ? `${name}[${text} / 4u]` : elementText(name, byFour, text);
    const value =
      scalar.dtype === "bool" ? `(${element} != ${width === 4 ? "vec4<u32>(0u)" : "0u"})` : element;
    const bound = this.#bind(value);
    return width === 1 ? this.#splatOf(bound, scalar.dtype) : bound;
  }

  #splat(text: string): string {
    return this.#width === 1 ? text : `vec4(${text})`;
  }

  #splatOf(text: string, dtype: Dtype): string {
    return this.#width === 1 ? text : `vec4<${valueType(dtype)}>(${text})`;
  }

  #guard(scalar: Extract<Scalar, { kind: "guard" }>): string {
    const conditions = scalar.bounds.map(({ index, lower, upper }) => {
      const text = indexText(index, this.#writing.names);
      const parts = [];
      if (index.low < lower) parts.push(`${text} >= ${lower}u`);
      if (index.high >= upper) parts.push(`${text} < ${upper}u`);
      return parts.join(" && ");
    });
    const name = this.#fresh();
    const type = this.#width === 1 ? valueType(scalar.dtype) : `vec4<${valueType(scalar.dtype)}>`;
    this.lines.push(`var ${name}: ${type};`, `if (${conditions.join(" && ")}) {`);
    this.#block(() => this.lines.push(`${name} = ${this.write(scalar.then)};`));
    this.lines.push("} else {");
    this.#block(() => this.lines.push(`${name} = ${this.write(scalar.otherwise)};`));
    this.lines.push("}");
    return name;
  }

  /** What is bound inside a block is not known after it. */
  #block(write: () => void): void {
    this.#bound.push(new Map());
    write();
    this.#bound.pop();
  }

  #bind(text: string): string {
    for (const names of this.#bound) {
      const known = names.get(text);
      if (known !== undefined) return known;
    }
    const name = this.#fresh();
    this.lines.push(`let ${name} = ${text};`);
    this.#bound[this.#bound.length - 1].set(text, name);
    return name;
  }

  #fresh(): string {
    return `${this.#prefix}${this.#count++}`;
  }
}

/** One element of an array that is declared by element or by four. */
export function elementText(name: string, byFour: boolean, index: string): string {
  return byFour ? `${name}[${index} / 4u][${index} % 4u]` : `${name}[${index}]`;
}

/** The type of a value in flight: bools are bools, whatever they are stored as. */
export function valueType(dtype: Dtype): string {
  return dtype === "bool" ? "bool" : dtypes[dtype].wgsl;
}

/** A value as it is stored. */
export function storedText(text: string, dtype: Dtype, width: 1 | 4): string {
  if (dtype !== "bool") return text;
  return width === 4 ? `select(vec4<u32>(0u), vec4<u32>(1u), ${text})` : `select(0u, 1u, ${text})`;
}

export function literal(value: number, dtype: Dtype): string {
  switch (dtype) {
    case "f32":
      return f(value);
    case "f16":
      return `f16(${f(value)})`;
    case "i32":
      // The least i32 has no literal of its own.
      return value === -(2 ** 31)
        ? "(-2147483647i - 1i)"
        : `${value < 0 ? `(${value}i)` : `${value}i`}`;
    case "u32":
      return `${value >>> 0}u`;
    case "bool":
      return value === 0 ? "false" : "true";
    default:
      return dtype satisfies never;
  }
}

function operationText(
  op: ScalarOp,
  args: readonly string[],
  scalar: Extract<Scalar, { kind: "operation" }>,
  width: 1 | 4,
): string {
  if (op === "cast") return castText(args[0], scalar.args[0].dtype, scalar.dtype, width);
  return operations[op](args, literalOne(scalar.args[0].dtype, width));
}

function literalOne(dtype: Dtype, width: 1 | 4): string {
  const one = literal(1, dtype);
  return width === 4 ? `vec4(${one})` : one;
}

function castText(text: string, from: Dtype, to: Dtype, width: 1 | 4): string {
  if (from === to) return text;
  const type = (dtype: Dtype) => (width === 4 ? `vec4<${valueType(dtype)}>` : valueType(dtype));
  if (to === "bool") return `(${text} != ${type(from)}(${literal(0, from)}))`;
  if (from === "bool")
    return `select(${type(to)}(${literal(0, to)}), ${type(to)}(${literal(1, to)}), ${text})`;
  return `${type(to)}(${text})`;
}

const infix =
  (symbol: string) =>
  ([a, b]: readonly string[]) =>
    `(${a} ${symbol} ${b})`;
const prefix = (name: string) => (args: readonly string[]) => `${name}(${args.join(", ")})`;

const operations: Readonly<
  Record<Exclude<ScalarOp, "cast">, (args: readonly string[], one: string) => string>
> = {
  negate: ([x]) => `(-${x})`,
  absolute: prefix("abs"),
  exp: prefix("exp"),
  log: prefix("log"),
  sqrt: prefix("sqrt"),
  rsqrt: prefix("inverseSqrt"),
  sin: prefix("sin"),
  cos: prefix("cos"),
  tanh: prefix("tanh"),
  sigmoid: ([x], one) => `(${one} / (${one} + exp(-${x})))`,
  floor: prefix("floor"),
  sign: prefix("sign"),
  not: ([x]) => `(!${x})`,
  add: infix("+"),
  subtract: infix("-"),
  multiply: infix("*"),
  divide: infix("/"),
  remainder: infix("%"),
  power: prefix("pow"),
  minimum: prefix("min"),
  maximum: prefix("max"),
  and: infix("&"),
  or: infix("|"),
  equal: infix("=="),
  notEqual: infix("!="),
  less: infix("<"),
  lessEqual: infix("<="),
  select: ([condition, yes, no]) => `select(${no}, ${yes}, ${condition})`,
};

/** The hash of ops/random.ts, for kernels that draw random numbers. */
export const randomText = `fn mixed(value: u32) -> u32 {
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
