/**
 * Every name of a module and what it means: items by the module, parameters, sizes and lets by the definition that they
 * stand in, members and named arguments by what the checker found the value before them to be.
 */

import type { Pipeline } from "../core/pipeline.ts";
import { importPath, lookup, type Module, type NamedItem } from "../names/module.ts";
import type { Span } from "../source/file.ts";
import type {
  AdaptItem,
  Argument,
  BinaryExpr,
  BlockItem,
  Body,
  CallExpr,
  EnumItem,
  Expr,
  Extent,
  Field,
  Import,
  Let,
  Member,
  MemberExpr,
  Name,
  OptimizerItem,
  Path,
  PathStep,
  RecordItem,
  Rewrite,
  RowType,
  SizeParam,
  TemplateLine,
  TransformItem,
  Type,
} from "../syntax/ast.ts";
import { expressionsIn } from "../syntax/walk.ts";
import { builtins, constantNames } from "../types/builtins.ts";
import { enumOf } from "../types/cases.ts";
import type { Findings } from "../types/findings.ts";
import { recordOf } from "../types/template.ts";
import {
  bareDeclaration,
  configOf,
  type Declaration,
  declaration,
  isPart,
  itemDeclaration,
  type Meaning,
  membersOf,
  ownerOf,
  type Parameters,
  parametersOf,
  partDeclaration,
} from "./declaration.ts";
import { type Block, declaredPart, isBlock, partsAlong } from "./part-paths.ts";
import { modelUnder } from "./tree-path.ts";

export interface Use {
  readonly span: Span;
  /** The module that it stands in. */
  readonly module: Module;
  readonly meaning: Meaning;
  /** Whether this is where it is declared. */
  readonly declares: boolean;
  /** Whether the name alone says what it means: it is no member, no argument and no step of a path. */
  readonly isBare: boolean;
}

/** What a check found, by which members, arguments and paths are understood. */
export interface Facts {
  readonly findings: Findings;
  /** Of the program whose own module is asked about. */
  readonly pipeline?: Pipeline;
}

type Names = ReadonlyMap<string, Declaration>;

/** The block that a rewrite wraps, under the name that it has there. */
interface Base {
  readonly name: Name;
  readonly item: BlockItem;
  readonly module: Module;
}

/** What members of a block or of a rewrite may name beside one another. */
interface Around {
  readonly base?: Base | undefined;
  /** The record that a block is made from. */
  readonly config?: Parameters | undefined;
}

/** In the order of the text. */
export function usesIn(module: Module, facts: Facts): readonly Use[] {
  const walker = new Walker(module, facts);
  for (const item of module.file.items) walker.item(item);
  return walker.found.sort((one, other) => one.span.start - other.span.start);
}

/** The use that a place is in or at the end of. */
export function useAt(uses: readonly Use[], offset: number): Use | undefined {
  return uses.find(({ span }) => span.start <= offset && offset <= span.end);
}

class Walker {
  readonly found: Use[] = [];
  readonly #module: Module;
  readonly #findings: Findings;
  readonly #pipeline: Pipeline | undefined;
  /** Local names, the innermost last. */
  #scopes: readonly Names[] = [];

  constructor(module: Module, { findings, pipeline }: Facts) {
    this.#module = module;
    this.#findings = findings;
    this.#pipeline = pipeline;
  }

  item(item: Import | NamedItem): void {
    if (item.kind === "import") {
      this.#import(item);
      return;
    }
    this.#add(item.name.span, itemDeclaration(this.#module, item), true);
    switch (item.kind) {
      case "enum":
        for (const name of item.cases) this.#declare(bareDeclaration("case", this.#module, name));
        return;
      case "record":
        this.#record(item);
        return;
      case "fn":
      case "metric":
        this.#signature(item.sizes, item.params, () => {
          this.#type(item.result);
          if (item.body !== undefined) this.#body(item.body);
        });
        return;
      case "block":
        this.#signature(item.sizes, item.params, () =>
          this.#members(item.members, { config: configOf(this.#module, item) }),
        );
        return;
      case "adapter":
        this.#signature([], item.params, () => {
          for (const rule of item.rewrites) this.#rewrite(rule);
        });
        return;
      case "optimizer":
        this.#signature([], item.params, () => this.#optimizer(item));
        return;
      case "schedule":
        this.#signature([], item.params, () => this.#body(item.body));
        return;
      case "template":
        this.#named(item.row);
        this.#within(this.#columnsOf(recordOf(this.#module, item)), () =>
          this.#signature([], item.params, () => this.#lines(item.lines)),
        );
        return;
      case "transform":
        this.#signature([], item.params, () => this.#transform(item));
        return;
      case "let":
        if (item.type !== undefined) this.#type(item.type);
        this.#expr(item.value);
        return;
      case "model":
        this.#exprs([item.value, item.from, item.storage]);
        return;
      case "dataset":
        if (item.type !== undefined) this.#type(item.type);
        this.#expr(item.value);
        return;
      case "adapt":
        this.#expr(item.model);
        this.#adapt(item);
        return;
      case "train":
      case "evaluate":
      case "export":
        for (const field of item.fields) this.#expr(field.value);
        return;
      default:
        item satisfies never;
    }
  }

  #import(item: Import): void {
    const path = importPath(item);
    const names = item.names.map((name) => name.text);
    const [first] = [...this.#module.imports].flatMap(([name, { module }]) =>
      module.path === path && (names.length === 0 || names.includes(name)) ? [module] : [],
    );
    const last = item.path.at(-1);
    if (first === undefined || last === undefined) return;
    const span = { ...last.span, start: item.path[0].span.start };
    this.#add(span, { kind: "module", module: first }, false);
    for (const name of item.names) {
      const found = first.items.get(name.text);
      if (found !== undefined) this.#add(name.span, itemDeclaration(first, found), false);
    }
  }

  // Definitions -----------------------------------------------------------------------------------

  #record({ fields, requires }: RecordItem): void {
    this.#signature(
      [],
      fields,
      () => {
        for (const require of requires) this.#exprs([require.condition, require.message]);
      },
      "field",
    );
  }

  #signature(
    sizes: readonly SizeParam[],
    params: readonly Field[],
    inside: () => void,
    role: "parameter" | "field" = "parameter",
  ): void {
    const own = [
      ...sizes.map((size) => declaration("size", this.#module, size)),
      ...params.map((param) => declaration(role, this.#module, param)),
    ];
    for (const one of own) this.#declare(one);
    this.#within(named(own), () => {
      for (const { type, value } of params) {
        this.#type(type);
        this.#exprs([value]);
      }
      inside();
    });
  }

  #adapt(item: AdaptItem): void {
    const root = this.#pipeline && modelUnder(this.#pipeline, item);
    for (const line of item.lines) {
      if (line.kind === "rewrite-on") this.#expr(line.adapter);
      if (root !== undefined) this.#steps([root], line.path.steps);
    }
  }

  #members(members: readonly Member[], around: Around): void {
    const parts = members.filter(isPart).map((part) => partDeclaration(this.#module, part));
    for (const part of parts) this.#declare(part);
    this.#within(named(parts), () => {
      for (const member of members) this.#member(member, members, around);
    });
  }

  #member(member: Member, members: readonly Member[], { base, config }: Around): void {
    switch (member.kind) {
      case "param":
        this.#type(member.type);
        this.#exprs([member.init, member.condition]);
        return;
      case "let":
        if (member.type !== undefined) this.#type(member.type);
        this.#expr(member.value);
        return;
      case "tie":
        this.#path(member.path, members);
        this.#path(member.to, members);
        this.#exprs([member.condition]);
        return;
      case "require":
        this.#exprs([member.condition, member.message]);
        return;
      case "forward":
        this.#signature(member.sizes, member.params, () => {
          this.#type(member.result);
          this.#body(member.body);
        });
        return;
      case "merge":
        this.#path(member.path, members, base);
        this.#expr(member.value);
        return;
      case "checkpoint":
        for (const { name, value } of member.config) {
          if (config !== undefined) this.#parameterName(name, config);
          this.#expr(value);
        }
        for (const { path } of member.weights) this.#path(path, members);
        return;
      default:
        member satisfies never;
    }
  }

  /** A path inside of a block begins with one of its parts, or with the block that it rewrites. */
  #path({ steps: [first, ...rest] }: Path, members: readonly Member[], base?: Base): void {
    if (first?.kind !== "name") return;
    const meaning = this.#local(first.text);
    if (meaning === undefined) return;
    this.#add(first.span, meaning, false);
    if (meaning.name === base?.name) this.#partsOf(base, rest);
    const part = members.find((one) => one.kind === "let" && one.name === meaning.name);
    const value = part?.kind === "let" ? this.#findings.of(part.value)?.value : undefined;
    if (isBlock(value)) this.#steps([value], rest);
  }

  #partsOf({ item, module }: Base, [step]: readonly PathStep[]): void {
    const part = step?.kind === "name" ? declaredPart(item, module, step.text) : undefined;
    if (step !== undefined && part !== undefined) this.#add(step.span, part, false, false);
  }

  #steps(starts: readonly Block[], steps: readonly PathStep[]): void {
    for (const { span, declared } of partsAlong(starts, steps))
      this.#add(span, declared, false, false);
  }

  #rewrite(rule: Rewrite): void {
    this.#named(rule.target);
    const declared = bareDeclaration("value", this.#module, rule.base);
    this.#declare(declared);
    const target = lookup(this.#module, rule.target.text);
    const isOfBlock = target?.kind === "item" && target.item.kind === "block";
    const base = isOfBlock
      ? { name: rule.base, item: target.item, module: target.module }
      : undefined;
    this.#within(named([declared]), () =>
      this.#signature(rule.sizes, [], () => this.#members(rule.members, { base })),
    );
  }

  #optimizer({ members }: OptimizerItem): void {
    const own = members.flatMap((member) => {
      if (member.kind === "state") return [declaration("state", this.#module, member)];
      return member.kind === "let" ? [declaration("value", this.#module, member)] : [];
    });
    for (const one of own) this.#declare(one);
    this.#within(named(own), () => {
      for (const member of members) {
        if (member.kind === "state") this.#type(member.type);
        if (member.kind === "next") this.#named(member.name);
        if (member.kind === "require") this.#exprs([member.condition, member.message]);
        else this.#expr(member.value);
      }
    });
  }

  #lines(lines: readonly TemplateLine[]): void {
    for (const line of lines) {
      switch (line.kind) {
        case "text":
          this.#expr(line.value);
          break;
        case "each": {
          this.#expr(line.list);
          const each = bareDeclaration("value", this.#module, line.name);
          this.#declare(each);
          this.#within(named([each]), () => this.#lines(line.lines));
          break;
        }
        case "learn":
          this.#exprs([line.condition]);
          this.#lines(line.lines);
          break;
        case "when":
          this.#expr(line.condition);
          this.#lines(line.lines);
          this.#lines(line.otherwise);
          break;
        default:
          line satisfies never;
      }
    }
  }

  #columnsOf(record: ReturnType<typeof recordOf>): Names {
    if (record === undefined) return new Map();
    const { module, item } = record;
    return named(item.fields.map((field) => declaration("field", module, field)));
  }

  #transform(item: TransformItem): void {
    if (item.from !== undefined) this.#rowType(item.from);
    for (const { row, name } of item.outputs) {
      if (name !== undefined) this.#declare(bareDeclaration("output", this.#module, name));
      this.#rowType(row);
    }
    const row = item.row && bareDeclaration("row", this.#module, item.row);
    if (row !== undefined) this.#declare(row);
    const columns = named(
      (item.from?.columns ?? []).map((column) => declaration("column", this.#module, column)),
    );
    this.#within(named(row === undefined ? [] : [row]), () => {
      for (const column of item.columns) {
        this.#declare(declaration("column", this.#module, column));
        this.#expr(column.value, columns);
      }
    });
  }

  #body({ statements, result }: Body): void {
    const lets = statements.filter((one): one is Let => one.kind === "let");
    const own = lets.map((one) => declaration("value", this.#module, one));
    for (const one of own) this.#declare(one);
    this.#within(named(own), () => {
      for (const statement of statements) {
        if (statement.kind === "require") this.#exprs([statement.condition, statement.message]);
        else {
          if (statement.type !== undefined) this.#type(statement.type);
          this.#expr(statement.value);
        }
      }
      this.#expr(result);
    });
  }

  // Types and expressions -------------------------------------------------------------------------

  #type(type: Type): void {
    if (type.kind === "row-type") {
      this.#rowType(type);
      return;
    }
    const item = lookup(this.#module, type.name.text);
    if (item?.kind === "item")
      this.#add(type.name.span, itemDeclaration(item.module, item.item), false);
    this.#extents(type.extents ?? []);
  }

  #rowType({ columns }: RowType): void {
    for (const column of columns) {
      this.#declare(declaration("column", this.#module, column));
      this.#type(column.type);
    }
  }

  #extents(extents: readonly Extent[]): void {
    for (const extent of extents) {
      if (extent.kind === "size") this.#expr(extent.value);
      else if (extent.name !== undefined) this.#named(extent.name);
    }
  }

  #exprs(exprs: readonly (Expr | undefined)[]): void {
    for (const expr of exprs) if (expr !== undefined) this.#expr(expr);
  }

  /** Scopes stay the same inside of an expression. `columns` are those of the row that a transform names. */
  #expr(expr: Expr, columns: Names = new Map()): void {
    for (const one of expressionsIn(expr)) {
      if (one.kind === "name") this.#named(one);
      else if (one.kind === "member") this.#memberName(one, columns);
      else if (one.kind === "call") this.#call(one);
      else if (one.kind === "binary") this.#sides(one);
    }
  }

  #memberName({ object, name }: MemberExpr, columns: Names): void {
    const whole = object.kind === "name" ? this.#whole(object.text) : undefined;
    if (whole !== undefined) {
      const item = whole.items.get(name.text);
      if (item !== undefined) this.#add(name.span, itemDeclaration(whole, item), false, false);
      return;
    }
    const declared = this.#declaredMember(object, name.text, columns);
    if (declared !== undefined) this.#add(name.span, declared, false, false);
  }

  #declaredMember(object: Expr, name: string, columns: Names): Declaration | undefined {
    if (object.kind === "name") {
      if (this.#local(object.text)?.role === "row") return columns.get(name);
      if (object.text === "next" || object.text === "self") return this.#local(name);
    }
    const value = this.#findings.of(object)?.value;
    const members = value === undefined ? [] : membersOf(value, this.#module);
    return members.find((one) => one.name === name)?.declared;
  }

  /** A module that is imported whole, by its name. */
  #whole(name: string): Module | undefined {
    const found = this.#local(name) === undefined ? lookup(this.#module, name) : undefined;
    return found?.kind === "module" ? found.module : undefined;
  }

  #call({ callee, sizes, arguments: args }: CallExpr): void {
    for (const extent of sizes ?? [])
      if (extent.kind === "run" && extent.name !== undefined) this.#named(extent.name);
    const value = this.#findings.of(callee)?.value;
    const parameters = value && parametersOf(value);
    if (parameters === undefined) return;
    for (const argument of args) this.#argument(argument, parameters);
  }

  #argument({ name, value }: Argument, parameters: Parameters): void {
    if (name === undefined) return;
    const field = this.#parameterName(name, parameters);
    const item = field && enumOf(parameters.module, field.type);
    if (item !== undefined) this.#case(value, item);
  }

  #parameterName(name: Name, { fields, module, role }: Parameters): Field | undefined {
    const field = fields.find((one) => one.name.text === name.text);
    if (field !== undefined) this.#add(name.span, declaration(role, module, field), false, false);
    return field;
  }

  /** `m.role == assistant`: a case by its bare name, of the enum on the other side. */
  #sides({ left, right }: BinaryExpr): void {
    const enumIn = (side: Expr) => {
      const value = this.#findings.of(side)?.value;
      return value?.kind === "case" ? value.item : undefined;
    };
    const [ofLeft, ofRight] = [enumIn(left), enumIn(right)];
    if (ofLeft !== undefined) this.#case(right, ofLeft);
    if (ofRight !== undefined) this.#case(left, ofRight);
  }

  #case(expr: Expr, item: EnumItem): void {
    if (expr.kind !== "name" || this.#meaningOf(expr.text) !== undefined) return;
    const name = item.cases.find((one) => one.text === expr.text);
    if (name === undefined) return;
    this.#add(expr.span, bareDeclaration("case", ownerOf(item, this.#module), name), false);
  }

  // Names -----------------------------------------------------------------------------------------

  #named({ text, span }: { readonly text: string; readonly span: Span }): void {
    const meaning = this.#meaningOf(text);
    if (meaning !== undefined) this.#add(span, meaning, false);
  }

  #meaningOf(name: string): Meaning | undefined {
    const local = this.#local(name);
    if (local !== undefined) return local;
    const found = lookup(this.#module, name);
    if (found?.kind === "item") return itemDeclaration(found.module, found.item);
    if (found !== undefined) return { kind: "module", module: found.module };
    const isOurs = Object.hasOwn(builtins, name) || constantNames.includes(name);
    return isOurs ? { kind: "language", name } : undefined;
  }

  #local(name: string): Declaration | undefined {
    return this.#scopes.findLast((names) => names.has(name))?.get(name);
  }

  #within(names: Names, inside: () => void): void {
    const outer = this.#scopes;
    this.#scopes = [...outer, names];
    inside();
    this.#scopes = outer;
  }

  #declare(declared: Declaration): void {
    this.#add(declared.name.span, declared, true);
  }

  /** Recovery leaves names without letters. */
  #add(span: Span, meaning: Meaning, declares: boolean, isBare = !declares): void {
    if (span.end > span.start)
      this.found.push({ span, module: this.#module, meaning, declares, isBare });
  }
}

function named(declarations: readonly Declaration[]): Names {
  return new Map(declarations.map((one) => [one.name.text, one]));
}
