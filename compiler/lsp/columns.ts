/**
 * Which names of a pipeline are one column: what a reader, a record or a transform calls it, and what transforms,
 * templates, models and losses that it goes to read it by. Followed through each dataset, stage by stage.
 */

import type { Pipeline } from "../core/pipeline.ts";
import { lookup, type Module, type NamedItem, type Program } from "../names/module.ts";
import { textOf } from "../source/file.ts";
import type { Argument, DatasetItem, Expr, Field, Name, RowType, StepItem } from "../syntax/ast.ts";
import { expressionsIn } from "../syntax/walk.ts";
import { forwardOf } from "../types/instance.ts";
import { columnsRead, recordOf } from "../types/template.ts";
import { type Declaration, declaration } from "./declaration.ts";

/** One column from where it is made to where it is read last. */
export interface Column {
  readonly declarations: readonly Declaration[];
  /** Why it is called what it is, where that is not this program's to say. */
  readonly reasons: readonly string[];
  /** Other names that its rows, and what reads them, have. */
  readonly beside: ReadonlySet<string>;
}

export interface Columns {
  /** Undefined for a name that no dataset has as a column. */
  of(name: Name): Column | undefined;
  /** Datasets of which it is not known what columns they have. */
  readonly broken: readonly string[];
}

type Columned = { readonly program: Program; readonly pipeline: Pipeline };

/** Of all these programs together. A module that several of them import has its columns in each. */
export function columnsIn(programs: readonly Columned[]): Columns {
  const links = new Links();
  const broken = programs.flatMap((one) => new Flow(one, links).follow());
  return { of: (name) => links.columnOf(name), broken };
}

interface Made {
  readonly declarations: Map<Name, Declaration>;
  readonly reasons: Set<string>;
  readonly beside: Set<string>;
}

/** Columns that grow together when one is read as another. */
class Links {
  readonly #of = new Map<Name, Made>();
  /** What one that was joined to another became. */
  readonly #joined = new Map<Made, Made>();

  made(declared: Declaration | undefined, reason?: string): Made {
    const known = declared && this.#of.get(declared.name);
    const column = known ?? { declarations: new Map(), reasons: new Set(), beside: new Set() };
    if (reason !== undefined) this.#now(column).reasons.add(reason);
    if (declared !== undefined && known === undefined) {
      column.declarations.set(declared.name, declared);
      this.#of.set(declared.name, column);
    }
    return column;
  }

  join(one: Made, other: Made): void {
    const [kept, gone] = [this.#now(one), this.#now(other)];
    if (kept === gone) return;
    for (const [name, declared] of gone.declarations) kept.declarations.set(name, declared);
    for (const reason of gone.reasons) kept.reasons.add(reason);
    for (const name of gone.beside) kept.beside.add(name);
    this.#joined.set(gone, kept);
  }

  because(column: Made, reason: string): void {
    this.#now(column).reasons.add(reason);
  }

  /** Names that stand beside it in a row, or that what reads the row would take from it. */
  stands(column: Made, names: Iterable<string>): void {
    for (const name of names) this.#now(column).beside.add(name);
  }

  columnOf(name: Name): Column | undefined {
    const found = this.#of.get(name);
    if (found === undefined) return undefined;
    const { declarations, reasons, beside } = this.#now(found);
    return { declarations: [...declarations.values()], reasons: [...reasons], beside };
  }

  #now(column: Made): Made {
    const next = this.#joined.get(column);
    return next === undefined ? column : this.#now(next);
  }
}

type Row = ReadonlyMap<string, Made>;

/** What a dataset has: one kind of rows, or several under names of their own. */
interface Rows {
  readonly row: Row;
  readonly outputs: ReadonlyMap<string, Row>;
}

class Flow {
  readonly #module: Module;
  readonly #pipeline: Pipeline;
  readonly #links: Links;
  readonly #known = new Map<DatasetItem, Rows | undefined>();
  readonly #broken: string[] = [];

  constructor({ program, pipeline }: Columned, links: Links) {
    this.#module = program.entry;
    this.#pipeline = pipeline;
    this.#links = links;
  }

  /** The names of datasets that could not be followed. */
  follow(): readonly string[] {
    for (const item of this.#module.items.values()) {
      if (item.kind === "dataset") this.#dataset(item, this.#module);
      else if (item.kind === "train" || item.kind === "evaluate") this.#step(item);
      else if (item.kind === "let") this.#tokenizers(item.value);
    }
    return this.#broken;
  }

  #dataset(item: DatasetItem, module: Module): Rows | undefined {
    if (this.#known.has(item)) return this.#known.get(item);
    // One that is made of itself has no columns.
    this.#known.set(item, undefined);
    const rows = this.#rows(item.value, module, item);
    if (rows === undefined) this.#broken.push(item.name.text);
    this.#known.set(item, rows);
    return rows;
  }

  #rows(expr: Expr, module: Module, made?: DatasetItem): Rows | undefined {
    switch (expr.kind) {
      case "name": {
        const found = itemOf(expr, module);
        return found?.item.kind === "dataset" ? this.#dataset(found.item, found.module) : undefined;
      }
      case "member": {
        const row = this.#rows(expr.object, module)?.outputs.get(expr.name.text);
        return row && single(row);
      }
      case "pipe": {
        const input = this.#rows(expr.value, module, made)?.row;
        const { call } = expr;
        const args = call.kind === "call" ? call.arguments : [];
        return input && this.#stage(call.kind === "call" ? call.callee : call, args, input, module);
      }
      case "call": {
        const found = itemOf(expr.callee, module);
        if (found?.item.kind !== "transform") return undefined;
        if (found.item.from === undefined)
          return this.#read(found, textOf(expr.span), module, made);
        const [first, ...rest] = expr.arguments;
        const input = first && this.#rows(first.value, module, made)?.row;
        return input && this.#stage(expr.callee, rest, input, module);
      }
      default:
        return undefined;
    }
  }

  /** The columns of files: what the annotation of the dataset says of them, or the reader itself. */
  #read(
    { item, module: own }: Found,
    written: string,
    module: Module,
    made: DatasetItem | undefined,
  ): Rows | undefined {
    if (item.kind !== "transform") return undefined;
    const type = made?.type;
    const record = type?.kind === "named-type" ? recordNamed(type.name.text, module) : undefined;
    const asked = type?.kind === "row-type" ? type : item.outputs[0]?.row;
    const [owner, fields] = record ?? [type === undefined ? own : module, asked?.columns];
    if (fields === undefined) return undefined;
    const reason = `the rows that \`${written}\` reads call it so`;
    const role = record === undefined ? "column" : "field";
    return single(this.#row(fields, owner, role, reason));
  }

  #row(fields: readonly Field[], module: Module, role: "column" | "field", reason?: string): Row {
    const row = new Map(
      fields.map((field) => [
        field.name.text,
        this.#links.made(declaration(role, module, field), reason),
      ]),
    );
    return this.#beside(row);
  }

  #beside(row: Row): Row {
    for (const column of row.values()) this.#links.stands(column, row.keys());
    return row;
  }

  #stage(callee: Expr, args: readonly Argument[], input: Row, module: Module): Rows | undefined {
    const found = itemOf(callee, module);
    if (found?.item.kind !== "transform" || found.item.from === undefined) return undefined;
    const { item, module: own } = found;
    const read = this.#row(item.from?.columns ?? [], own, "column");
    for (const [name, column] of read) this.#join(input, name, column);
    const used = args.flatMap((argument) => this.#argument(argument, input, module));
    const carries = item.from?.rest !== undefined;
    const others = [...input].filter(([name]) => !read.has(name) && !used.includes(name));
    const made = (row: RowType, columns: Row): Row =>
      this.#beside(new Map([...(carries && row.rest !== undefined ? others : []), ...columns]));
    if (!item.extern) {
      const [output] = item.outputs;
      const columns = new Map(
        item.columns.map((binding) => [
          binding.name.text,
          this.#links.made(declaration("column", own, binding)),
        ]),
      );
      return output && single(made(output.row, columns));
    }
    const outputs = item.outputs.map(
      ({ name, row }) => [name?.text, made(row, this.#row(row.columns, own, "column"))] as const,
    );
    const [first] = outputs;
    if (first?.[0] === undefined) return first && single(first[1]);
    return {
      row: new Map(),
      outputs: new Map(outputs.flatMap(([name, row]) => (name === undefined ? [] : [[name, row]]))),
    };
  }

  /** The columns that an argument uses up: a template writes them. Other datasets have the same columns. */
  #argument({ value }: Argument, input: Row, module: Module): readonly string[] {
    if (value.kind === "member" && value.name.text === "chat_template") {
      const messages = input.get("messages");
      if (messages !== undefined)
        this.#links.because(messages, `chat templates of models read \`messages\``);
      return ["messages"];
    }
    if (value.kind === "list") {
      for (const one of value.items) {
        for (const [name, column] of this.#rows(one, module)?.row ?? [])
          this.#join(input, name, column);
      }
      return [];
    }
    const found = itemOf(value.kind === "call" ? value.callee : value, module);
    if (found?.item.kind !== "template") return [];
    const record = recordOf(found.module, found.item);
    const read = columnsRead(found.module, found.item);
    for (const field of record?.item.fields ?? []) {
      if (record === undefined || !read.has(field.name.text)) continue;
      const column = this.#links.made(declaration("field", record.module, field));
      this.#join(input, field.name.text, column);
    }
    return [...read];
  }

  #join(row: Row, name: string, column: Made): void {
    const own = row.get(name);
    if (own !== undefined) this.#links.join(own, column);
  }

  /** A tokenizer is trained on the column that is called `text`. */
  #tokenizers(value: Expr): void {
    for (const expr of expressionsIn(value)) {
      if (expr.kind !== "call" || expr.callee.kind !== "name" || expr.callee.text !== "bpe")
        continue;
      const rows = expr.arguments.map((argument) => this.#rows(argument.value, this.#module));
      const text = rows.find((one) => one !== undefined)?.row.get("text");
      if (text !== undefined)
        this.#links.because(text, "`bpe` trains a tokenizer on the column that is called `text`");
    }
  }

  // Steps -----------------------------------------------------------------------------------------

  /** Columns go by their names to parameters of the model, the loss and the metrics. */
  #step(item: StepItem): void {
    const fieldValue = (name: string) =>
      item.fields.find((field) => field.name.text === name)?.value;
    const models = [fieldValue("model"), fieldValue("models")].flatMap(partsOf);
    const readers = [
      ...models.flatMap((expr) => this.#forward(textOf(expr.span))),
      ...[fieldValue("loss"), fieldValue("metrics")]
        .flatMap(partsOf)
        .flatMap((expr) => parametersOf(itemOf(expr, this.#module))),
    ];
    const on = expressionsIn(item).flatMap((expr) =>
      expr.kind === "call" ? expr.arguments.filter(({ name }) => name?.text === "on") : [],
    );
    const datasets = [fieldValue("dataset"), ...on.map(({ value }) => value)];
    for (const expr of datasets) {
      const row = expr && this.#rows(expr, this.#module)?.row;
      for (const column of row?.values() ?? [])
        this.#links.stands(
          column,
          readers.map(({ name }) => name.text),
        );
      for (const reader of readers)
        if (row?.has(reader.name.text) === true)
          this.#join(row, reader.name.text, this.#links.made(reader));
    }
  }

  #forward(name: string): readonly Declaration[] {
    const root = this.#pipeline.models.find((one) => one.name === name)?.model.root;
    const forward = root && forwardOf(root);
    if (root === undefined || forward === undefined) return [];
    return forward.params.map((param) => declaration("parameter", root.module, param));
  }
}

function single(row: Row): Rows {
  return { row, outputs: new Map() };
}

interface Found {
  readonly item: NamedItem;
  readonly module: Module;
}

/** What a name, or a name of a module that is imported whole, stands for. */
function itemOf(expr: Expr, module: Module): Found | undefined {
  if (expr.kind === "name") {
    const found = lookup(module, expr.text);
    return found?.kind === "item" ? found : undefined;
  }
  if (expr.kind !== "member" || expr.object.kind !== "name") return undefined;
  const whole = lookup(module, expr.object.text);
  const item = whole?.kind === "module" ? whole.module.items.get(expr.name.text) : undefined;
  return whole?.kind === "module" && item !== undefined
    ? { item, module: whole.module }
    : undefined;
}

function recordNamed(
  name: string,
  module: Module,
): readonly [Module, readonly Field[]] | undefined {
  const found = lookup(module, name);
  return found?.kind === "item" && found.item.kind === "record"
    ? [found.module, found.item.fields]
    : undefined;
}

function parametersOf(found: Found | undefined): readonly Declaration[] {
  if (found?.item.kind !== "fn" && found?.item.kind !== "metric") return [];
  const { item, module } = found;
  return item.params.map((param) => declaration("parameter", module, param));
}

/** Of a list its items. */
function partsOf(expr: Expr | undefined): readonly Expr[] {
  if (expr === undefined) return [];
  return expr.kind === "list" ? expr.items : [expr];
}
