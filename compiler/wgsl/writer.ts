/**
 * Scalar expressions as WGSL statements. Each part is bound once by `let`, in the outermost block that knows its
 * variables, since no compiler below does either for us. What is guarded stays in its guard.
 */

import { bug } from "../bug.ts";
import {
  type Atom,
  type Index,
  indexText,
  ratioText,
  strideBy,
  variablesOf,
} from "../kernels/index.ts";
import {
  type Guard,
  insideOf,
  type Load,
  type Pick,
  type Random,
  type Scalar,
} from "../kernels/kernel.ts";
import { type Dtype, dtypes } from "../tensor/dtype.ts";
import { type Bindings, elementText } from "./bindings.ts";
import {
  castText,
  literal,
  loadedText,
  operationText,
  splat,
  valueType,
  type Width,
} from "./operations.ts";
import { widthOf } from "./width.ts";

export interface Writing {
  readonly bindings: Bindings;
  /** What stands for a loop variable where it is not its own name. */
  readonly names?: Readonly<Record<string, string>>;
  /** The variable whose four neighbours are computed at once; it stands for the first of them. */
  readonly wide?: string | undefined;
  /** What stands for the accumulator of an epilogue. */
  readonly accumulator?: string;
  /** What stands for each fold of a rows kernel, as far as they are found. */
  readonly folds?: readonly string[];
  /** The width of accumulators and folds. */
  readonly begun?: Width;
  /** Begins the names of what is bound. */
  readonly prefix?: string;
  /** Whether all of it is one expression: nothing is bound, and nothing may be guarded. */
  readonly isInline?: boolean;
}

interface Block {
  readonly lines: string[];
  /** Names by text, and by what they stand for. */
  readonly bound: Map<string, string>;
  readonly written: Map<Scalar, string>;
  readonly variables: ReadonlySet<string>;
  readonly isGuard: boolean;
}

export class Writer {
  readonly #writing: Writing;
  #blocks: Block[] = [blockOf([], false)];
  #count = 0;

  constructor(writing: Writing) {
    this.#writing = writing;
  }

  /** The statements of the outermost block so far. */
  get lines(): readonly string[] {
    return this.#blocks[0].lines;
  }

  /** Adds a statement to the block that is being written. */
  add(...lines: readonly string[]): void {
    this.#blocks[this.#blocks.length - 1].lines.push(...lines);
  }

  /** The statements of a block in which these variables change; what does not depend on them goes before it. */
  within(variables: readonly string[], write: () => void): readonly string[] {
    return this.#inside(blockOf(variables, false), write);
  }

  /** The scalar as an expression of that width. */
  write(scalar: Scalar, width: Width): string {
    const own = this.#widthOf(scalar);
    if (own > width) return bug("four numbers where there is room for one");
    const text = this.#written(scalar);
    return own === width ? text : splat(text, scalar.dtype);
  }

  index(index: Index): string {
    return indexText(index, (atom) => this.#atom(atom));
  }

  /** An expression of the scalar's own width. */
  #written(scalar: Scalar): string {
    for (const { written } of this.#blocks) {
      const known = written.get(scalar);
      if (known !== undefined) return known;
    }
    const depth = this.#depthOf(scalar);
    const text = this.#text(scalar, depth);
    this.#blocks[depth].written.set(scalar, text);
    return text;
  }

  #text(scalar: Scalar, depth: number): string {
    const { accumulator, folds = [] } = this.#writing;
    const width = this.#widthOf(scalar);
    switch (scalar.kind) {
      case "load":
        return this.#bind(this.#load(scalar, width), depth);
      case "pick":
        return this.#bind(this.#pick(scalar, width), depth);
      case "constant":
        return literal(scalar.value, scalar.dtype);
      case "operation": {
        const { op, dtype } = scalar;
        const args = scalar.args.map((argument) => this.write(argument, width));
        // A condition in front does not decide what is computed.
        const from = scalar.args[scalar.args.length - 1].dtype;
        const text =
          op === "cast"
            ? castText(args[0], from, dtype, width)
            : operationText(op, args, from, width);
        return this.#bind(text, depth);
      }
      case "index":
        return this.#bind(this.#count32(scalar.index, scalar.dtype, width), depth);
      case "guard":
        return this.#guard(scalar, width, depth);
      case "random":
        return this.#bind(this.#random(scalar, width), depth);
      case "fold":
        return folds[scalar.fold] ?? bug("a fold is used before it is found");
      case "accumulator":
        return accumulator ?? bug("an accumulator outside of an epilogue");
      default:
        return scalar satisfies never;
    }
  }

  #load({ value, dtype, index, most }: Load, width: Width): string {
    const array = this.#writing.bindings.read(value, dtype, width === 4);
    const place = most === undefined ? this.index(index) : `min(${this.index(index)}, ${most}u)`;
    return loadedText(
      width === 4 ? `${array.name}[${place} / 4u]` : elementText(array, place),
      dtype,
      width,
    );
  }

  #pick({ value, dtype, index, row, rows, width: length }: Pick, width: Width): string {
    const array = this.#writing.bindings.read(value, dtype, width === 4);
    const which = this.write(row, 1);
    const place = `(min(u32(max(${which}, 0i)), ${rows - 1}u) * ${length}u + ${this.index(index)})`;
    const element = loadedText(
      width === 4 ? `${array.name}[${place} / 4u]` : elementText(array, place),
      dtype,
      width,
    );
    const type = valueType(dtype, width);
    return `select(${type}(), ${element}, ${which} >= 0i && ${which} < ${rows}i)`;
  }

  #count32(index: Index, dtype: Dtype, width: Width): string {
    const first = this.index(index);
    const one = dtype === "u32" ? first : `${dtypes[dtype].wgsl}(${first})`;
    if (width === 1) return one;
    return `(${splat(one, dtype)} + ${valueType(dtype, 4)}(${this.#steps(index)
      .map((step) => literal(step, dtype))
      .join(", ")}))`;
  }

  #random({ seed, stream, index }: Random, width: Width): string {
    const of = `${this.write(seed, 1)}, ${this.write(stream, 1)}`;
    const first = this.index(index);
    if (width === 1) return `uniform_random(${of}, ${first})`;
    const four = this.#steps(index).map((step) => `uniform_random(${of}, ${first} + ${step}u)`);
    return `vec4<f32>(${four.join(", ")})`;
  }

  /** How far each of four neighbours is from the first. */
  #steps(index: Index): number[] {
    const stride = strideBy(index, this.#writing.wide ?? "") ?? bug("four neighbours out of step");
    return [0, 1, 2, 3].map((step) => step * stride);
  }

  #guard(scalar: Guard, width: Width, depth: number): string {
    const conditions = scalar.bounds.flatMap(({ index, lower, upper }) => {
      const place = this.index(index);
      // Below 0 an index of u32 wraps to the top.
      if (index.low < 0) return [`i32(${place}) >= ${lower}i`, `i32(${place}) < ${upper}i`];
      return [
        ...(index.low < lower ? [`${place} >= ${lower}u`] : []),
        ...(index.high >= upper ? [`${place} < ${upper}u`] : []),
      ];
    });
    if (this.#writing.isInline) return bug("a guard inside an expression");
    const name = this.#fresh();
    const lines = this.#blocks[depth].lines;
    const inner = this.#blocks.slice(depth + 1);
    this.#blocks = this.#blocks.slice(0, depth + 1);
    const branch = (body: Scalar) =>
      this.#inside(blockOf([], true), () => this.add(`${name} = ${this.write(body, width)};`));
    const [then, otherwise] = [branch(scalar.inside), branch(scalar.otherwise)];
    this.#blocks = [...this.#blocks, ...inner];
    // Said outright: in a loop, what a declaration leaves out may be what the last turn left.
    lines.push(`var ${name} = ${valueType(scalar.dtype, width)}();`);
    lines.push(`if (${conditions.join(" && ")}) {`, ...then);
    const isZero = scalar.otherwise.kind === "constant" && scalar.otherwise.value === 0;
    lines.push(...(isZero ? [] : ["} else {", ...otherwise]), "}");
    return name;
  }

  #atom(atom: Atom): string {
    if (atom.kind === "variable") return this.#writing.names?.[atom.name] ?? atom.name;
    const depth = this.#depthOfVariables(variablesOf(atom.of));
    return this.#bind(
      ratioText(atom, (inner) => this.#atom(inner)),
      depth,
    );
  }

  #bind(text: string, depth: number): string {
    if (this.#writing.isInline) return text.includes(" ") ? `(${text})` : text;
    for (const { bound } of this.#blocks) {
      const known = bound.get(text);
      if (known !== undefined) return known;
    }
    const name = this.#fresh();
    this.#blocks[depth].lines.push(`let ${name} = ${text};`);
    this.#blocks[depth].bound.set(text, name);
    return name;
  }

  #inside(block: Block, write: () => void): readonly string[] {
    this.#blocks.push(block);
    write();
    this.#blocks.pop();
    return block.lines;
  }

  #depthOf(scalar: Scalar): number {
    const guard = this.#blocks.findLastIndex(({ isGuard }) => isGuard);
    return Math.max(guard, this.#depthOfVariables(dependencies(scalar)));
  }

  /** The outermost block in which all of the variables are known. */
  #depthOfVariables(variables: ReadonlySet<string>): number {
    const depth = this.#blocks.findLastIndex((block) =>
      [...block.variables].some((name) => variables.has(name)),
    );
    return Math.max(0, depth);
  }

  #widthOf(scalar: Scalar): Width {
    const { wide, begun = 1 } = this.#writing;
    return widthOf(scalar, wide, begun);
  }

  #fresh(): string {
    return `${this.#writing.prefix ?? "x"}${this.#count++}`;
  }
}

function blockOf(variables: readonly string[], isGuard: boolean): Block {
  return {
    lines: [],
    bound: new Map(),
    written: new Map(),
    variables: new Set(variables),
    isGuard,
  };
}

const known = new WeakMap<Scalar, ReadonlySet<string>>();

/** The loop variables that a scalar depends on. */
function dependencies(scalar: Scalar): ReadonlySet<string> {
  const found = known.get(scalar);
  if (found !== undefined) return found;
  const names = new Set(insideOf(scalar).flatMap((part) => [...dependencies(part)]));
  const indices =
    scalar.kind === "guard"
      ? scalar.bounds.map(({ index }) => index)
      : "index" in scalar
        ? [scalar.index]
        : [];
  for (const index of indices) for (const name of variablesOf(index)) names.add(name);
  known.set(scalar, names);
  return names;
}
