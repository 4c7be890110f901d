/**
 * Reads what print.ts writes, so that a pass can be tested from text. Types and numbers are taken as they stand:
 * whether they are right is what verify.ts says. Text that has another form is a bug that names the line.
 */

import { bug } from "../bug.ts";
import { isDtype } from "../ops/attrs.ts";
import { isOpName } from "../ops/table.ts";
import { type SourceFile, sourceFile } from "../source/file.ts";
import type {
  Attrs,
  Graph,
  Input,
  InputKind,
  Node,
  Origin,
  Output,
  TensorType,
  ValueId,
} from "./graph.ts";

const token =
  /\s+|"(?:[^"\\]|\\.)*"|%\d+|-?(?:Infinity|\d+(?:\.\d+)?(?:e[+-]?\d+)?)|\w+|[={}[\],:]/gy;
const originComment = /\s+\/\/ (.*?):(\d+)(?: in (.*))?$/;
const inputKinds: readonly InputKind[] = ["weight", "state", "batch", "scalar"];

export function parseGraph(text: string): Graph {
  const lines = text.split("\n").map((line) => line.trim());
  const fileOf = originFiles(lines);
  const inputs: Input[] = [];
  const nodes: Node[] = [];
  const outputs: Output[] = [];
  const types: TensorType[] = [];
  let name: string | undefined;
  lines.forEach((line, at) => {
    const reader = new LineReader(line.replace(originComment, ""), at + 1);
    if (line === "" || line === "}") return;
    if (name === undefined) {
      name = readHeader(reader);
    } else if (reader.skip("return")) {
      outputs.push(readOutput(reader));
    } else {
      const results = reader.list(() => reader.value());
      reader.expect("=");
      const word = reader.word();
      const kind = inputKinds.find((known) => known === word);
      if (kind !== undefined) {
        inputs.push({ name: reader.text(), kind, value: results[0] });
      } else {
        nodes.push({ ...readCall(reader, word), results, origin: originOf(line, fileOf) });
      }
      reader.expect(":");
      const read = reader.list(() => readType(reader));
      if (read.length !== results.length) reader.fault("a type for each result");
      results.forEach((result, which) => {
        types[result] = read[which];
      });
    }
    reader.end();
  });
  if (name === undefined) bug("a graph begins with its name", text);
  return { name, inputs, nodes, outputs, types };
}

function readHeader(reader: LineReader): string {
  reader.expect("graph");
  const name = reader.text();
  reader.expect("{");
  return name;
}

function readOutput(reader: LineReader): Output {
  const isState = reader.skip("state");
  const name = reader.isText() ? reader.text() : reader.word();
  reader.expect("=");
  const value = reader.value();
  if (isState) return { name, value, replaces: name };
  return { name, value, replaces: reader.skip("replaces") ? reader.text() : undefined };
}

function readCall(reader: LineReader, op: string): Pick<Node, "op" | "args" | "attrs"> {
  if (!isOpName(op)) reader.fault(`an operation instead of ${op}`);
  const args = reader.isValue() ? reader.list(() => reader.value()) : [];
  return { op, args, attrs: readAttrs(reader) };
}

function readAttrs(reader: LineReader): Attrs {
  if (!reader.skip("{")) return {};
  const attrs = reader.list((): [string, Attrs[string]] => {
    const name = reader.word();
    reader.expect("=");
    return [name, readAttr(reader)];
  });
  reader.expect("}");
  return Object.fromEntries(attrs);
}

function readAttr(reader: LineReader): Attrs[string] {
  if (reader.skip("true")) return true;
  if (reader.skip("false")) return false;
  if (reader.isText()) return reader.text();
  return reader.skip("[") ? readNumbers(reader) : reader.number();
}

function readType(reader: LineReader): TensorType {
  const dtype = reader.word();
  if (!isDtype(dtype)) reader.fault(`a dtype instead of ${dtype}`);
  reader.expect("[");
  return { dtype, shape: readNumbers(reader) };
}

/** The rest of a list of numbers, its bracket read. */
function readNumbers(reader: LineReader): readonly number[] {
  if (reader.skip("]")) return [];
  const numbers = reader.list(() => reader.number());
  reader.expect("]");
  return numbers;
}

// Origins ---------------------------------------------------------------------------------------

/** Files as long as the origins need them, with nothing in them: only the line of an origin is printed. */
function originFiles(lines: readonly string[]): ReadonlyMap<string, SourceFile> {
  const lengths = new Map<string, number>();
  for (const line of lines) {
    const found = originComment.exec(line);
    if (found !== null) {
      const [, path, number] = found;
      lengths.set(path, Math.max(lengths.get(path) ?? 0, Number(number)));
    }
  }
  return new Map([...lengths].map(([path, length]) => [path, emptyFile(path, length)]));
}

function emptyFile(path: string, lines: number): SourceFile {
  return sourceFile(path, "\n".repeat(lines));
}

function originOf(line: string, files: ReadonlyMap<string, SourceFile>): Origin | undefined {
  const found = originComment.exec(line);
  if (found === null) return undefined;
  const [, path, number, part = ""] = found;
  const file = files.get(path) ?? bug(`no file for the origin of ${line}`);
  const start = file.lines[Number(number) - 1];
  return { span: { file, start, end: start }, part };
}

// Tokens ----------------------------------------------------------------------------------------

class LineReader {
  readonly #line: string;
  readonly #number: number;
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(line: string, number: number) {
    this.#line = line;
    this.#number = number;
    const tokens = [...line.matchAll(token)].map(([found]) => found);
    if (tokens.join("") !== line) this.fault("known characters");
    this.#tokens = tokens.filter((found) => found.trim() !== "");
  }

  fault(expected: string): never {
    bug(`line ${this.#number} of a graph's text: expected ${expected}`, this.#line);
  }

  skip(text: string): boolean {
    if (this.#tokens[this.#at] !== text) return false;
    this.#at++;
    return true;
  }

  expect(text: string): void {
    if (!this.skip(text)) this.fault(text);
  }

  end(): void {
    if (this.#at < this.#tokens.length) this.fault("the end of the line");
  }

  isText(): boolean {
    return this.#next().startsWith('"');
  }

  isValue(): boolean {
    return this.#next().startsWith("%");
  }

  text(): string {
    // A token that begins with a quote is what JSON.stringify made of a string.
    return JSON.parse(this.#take(this.isText(), "a quoted name"));
  }

  value(): ValueId {
    return Number(this.#take(this.isValue(), "a value").slice(1));
  }

  word(): string {
    return this.#take(/^[A-Za-z_]/.test(this.#next()), "a word");
  }

  number(): number {
    const number = Number(this.#next() || "none");
    this.#take(!Number.isNaN(number), "a number");
    return number;
  }

  /** One or more, with commas between. */
  list<T>(read: () => T): readonly T[] {
    const items = [read()];
    while (this.skip(",")) items.push(read());
    return items;
  }

  #next(): string {
    return this.#tokens[this.#at] ?? "";
  }

  #take(fits: boolean, expected: string): string {
    if (!fits) this.fault(expected);
    return this.#tokens[this.#at++];
  }
}
