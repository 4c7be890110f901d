/** What a name can mean: something that a text declares, a module, or what the language itself has. */

import { lookup, type Module, type NamedItem } from "../names/module.ts";
import type { Span } from "../source/file.ts";
import type { BlockItem, Field, Let, Member, Name, ParamMember } from "../syntax/ast.ts";
import { forwardOf } from "../types/instance.ts";
import type { Instance, Value } from "../types/value.ts";

/** What people call it; a `part` is a `let` or `param` of a block. */
export type Role =
  | NamedItem["kind"]
  | "parameter"
  | "size"
  | "value"
  | "part"
  | "field"
  | "case"
  | "column"
  | "state"
  | "row"
  | "output";

/** Two names mean the same where the `name` of what they mean is one object. */
export interface Declaration {
  readonly kind: "declaration";
  readonly role: Role;
  readonly name: Name;
  readonly module: Module;
  /** The whole of what declares it. */
  readonly span: Span;
  readonly doc: string;
}

export type Meaning =
  | Declaration
  | { readonly kind: "module"; readonly module: Module }
  | { readonly kind: "language"; readonly name: string };

type Declaring = { readonly name: Name; readonly span: Span; readonly doc?: string };

export function declaration(role: Role, module: Module, node: Declaring): Declaration {
  const { name, span, doc = "" } = node;
  return { kind: "declaration", role, name, module, span, doc };
}

export function itemDeclaration(module: Module, item: NamedItem): Declaration {
  return declaration(item.kind, module, item);
}

/** A case, a row, a loop's variable: a name that is all there is of it. */
export function bareDeclaration(role: Role, module: Module, name: Name): Declaration {
  return declaration(role, module, { name, span: name.span });
}

/** The names that a call binds its arguments by, and where their types are read. */
export interface Parameters {
  readonly module: Module;
  readonly fields: readonly Field[];
  readonly role: "parameter" | "field";
}

export function parametersOf(value: Value): Parameters | undefined {
  switch (value.kind) {
    case "definition":
      return parametersOfItem(value);
    case "instance":
      return parametersOfForward(value);
    case "stack":
      return value.copies.length === 0 ? undefined : parametersOfForward(value.copies[0]);
    default:
      return undefined;
  }
}

/** Undefined for what is not called. */
export function parametersOfItem({
  item,
  module,
}: {
  readonly item: NamedItem;
  readonly module: Module;
}): Parameters | undefined {
  switch (item.kind) {
    case "record":
      return { module, fields: item.fields, role: "field" };
    case "metric":
      return { module, fields: [], role: "parameter" };
    default:
      return "params" in item ? { module, fields: item.params, role: "parameter" } : undefined;
  }
}

/** The fields of the one record that a block is made from, which are the keys of its config.json. */
export function configOf(
  module: Module,
  { params: [param, ...others] }: BlockItem,
): Parameters | undefined {
  if (param?.type.kind !== "named-type" || others.length > 0) return undefined;
  const found = lookup(module, param.type.name.text);
  return found?.kind === "item" && found.item.kind === "record"
    ? { module: found.module, fields: found.item.fields, role: "field" }
    : undefined;
}

function parametersOfForward(instance: Instance): Parameters | undefined {
  const forward = forwardOf(instance);
  return forward && { module: instance.module, fields: forward.params, role: "parameter" };
}

/** What stands after a value and a dot: its name, what it is, and where that is written if it is written anywhere. */
export interface MemberOf {
  readonly name: string;
  readonly value: Value | undefined;
  readonly declared: Declaration | undefined;
}

export function membersOf(value: Value, module: Module): readonly MemberOf[] {
  switch (value.kind) {
    case "record": {
      const owner = ownerOf(value.item, module);
      return value.item.fields.map((field) => ({
        name: field.name.text,
        value: value.fields.get(field.name.text),
        declared: declaration("field", owner, field),
      }));
    }
    case "instance":
      return value.item.members.filter(isPart).map((part) => ({
        name: part.name.text,
        value: value.children.get(part.name.text),
        declared: partDeclaration(value.module, part),
      }));
    case "definition": {
      const { item, module: owner } = value;
      if (item.kind !== "enum") return [];
      return item.cases.map((name) => ({
        name: name.text,
        value: { kind: "case", item, name: name.text },
        declared: bareDeclaration("case", owner, name),
      }));
    }
    case "dataset":
      return [...value.outputs].map(([name, value]) => ({ name, value, declared: undefined }));
    case "opaque":
      return [...value.members].map(([name, value]) => ({ name, value, declared: undefined }));
    default:
      return [];
  }
}

export function isPart(member: Member): member is Let | ParamMember {
  return member.kind === "let" || member.kind === "param";
}

export function partDeclaration(module: Module, part: Let | ParamMember): Declaration {
  return declaration("part", module, part);
}

/** The module that an item is of, among those that the given one can see. */
export function ownerOf(item: NamedItem, from: Module): Module {
  const seen = new Set<Module>();
  const look = (module: Module): Module | undefined => {
    if (seen.has(module)) return undefined;
    seen.add(module);
    if (module.items.get(item.name.text) === item) return module;
    for (const imported of module.imports.values()) {
      const found = look(imported.module);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return look(from) ?? from;
}
