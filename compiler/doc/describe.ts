/**
 * A module as documentation: what `///` says of each item, and its signature as its author wrote it. Plain
 * data, made of the syntax alone, so a module with faults in its bodies has its documentation too.
 */

import type { Module, NamedItem } from "../names/module.ts";
import { type Span, textOf } from "../source/file.ts";
import type { Field, File, SizeParam, TransformItem } from "../syntax/ast.ts";

export interface ModuleDoc {
  /** `std/lora`, or the path of a file. */
  readonly path: string;
  /** What the comment at its top says. */
  readonly doc: string;
  readonly entries: readonly Entry[];
}

export interface Entry {
  /** `block`, `schedule`, …; `function` and `constant` are the language's own. */
  readonly kind: NamedItem["kind"] | "function" | "constant";
  readonly name: string;
  readonly signature: string;
  readonly doc: string;
  /** Fields, parameters, cases and what it consists of, in the order written. */
  readonly parts: readonly Part[];
}

export interface Part {
  readonly kind: "field" | "parameter" | "case" | "param" | "forward" | "rewrite" | "state";
  readonly signature: string;
  readonly doc: string;
}

export function describe(module: Module): ModuleDoc {
  return {
    path: module.path,
    doc: openingOf(module.file),
    entries: [...module.items.values()].map(entryOf),
  };
}

/** The comment that a file begins with, where an empty line parts it from what follows. */
function openingOf({ source, comments, items }: File): string {
  const lines: string[] = [];
  let next = 0;
  for (const comment of comments) {
    if (source.text.slice(next, comment.span.start).trim() !== "") break;
    if (lines.length > 0 && /\n\s*\n/.test(source.text.slice(next, comment.span.start))) break;
    lines.push(comment.text);
    next = comment.span.end;
  }
  const [first] = items;
  const isOfItem =
    first !== undefined &&
    first.kind !== "import" &&
    !/\n\s*\n/.test(source.text.slice(next, first.span.start));
  return isOfItem ? "" : lines.join("\n");
}

function entryOf(item: NamedItem): Entry {
  return {
    kind: item.kind,
    name: item.name.text,
    signature: signatureOf(item),
    doc: item.doc,
    parts: partsOf(item),
  };
}

function signatureOf(item: NamedItem): string {
  const name = item.name.text;
  switch (item.kind) {
    case "enum":
      return `enum ${name} { ${item.cases.map((one) => one.text).join(", ")} }`;
    case "record":
      return `record ${name}`;
    case "fn":
    case "metric": {
      const word = item.body === undefined ? `extern ${item.kind}` : item.kind;
      return `${word} ${name}${sizes(item.sizes)}${params(item.params)} -> ${flat(item.result.span)}`;
    }
    case "block":
      return `block ${name}${sizes(item.sizes)}${params(item.params)}`;
    case "adapter":
    case "optimizer":
    case "schedule":
      return `${item.kind} ${name}${params(item.params)}`;
    case "template": {
      const own = item.params.length === 0 ? "" : params(item.params);
      return `template ${name}${own} for ${item.row.text}`;
    }
    case "transform":
      return transformSignature(item);
    case "let":
      return `let ${name}${item.type === undefined ? "" : `: ${flat(item.type.span)}`} = ${flat(item.value.span)}`;
    case "model": {
      const from = item.from === undefined ? "" : ` from ${flat(item.from.span)}`;
      return `model ${name} = ${flat(item.value.span)}${from}`;
    }
    case "dataset": {
      const type = item.type === undefined ? "" : `: ${flat(item.type.span)}`;
      return `dataset ${name}${type} = ${flat(item.value.span)}`;
    }
    case "adapt":
      return `adapt ${name} = ${flat(item.model.span)}`;
    case "train":
    case "evaluate":
    case "export":
      return `${item.kind} ${name}`;
    default:
      return item satisfies never;
  }
}

function transformSignature(item: TransformItem): string {
  const word = item.extern ? "extern transform" : "transform";
  const row = item.row === undefined ? "" : `${item.row.text}: `;
  const from = item.from === undefined ? "" : ` from ${row}${flat(item.from.span)}`;
  const made = item.columns.map(({ name, value }) => `${name.text} = ${flat(value.span)}`);
  const rest = item.outputs.flatMap(({ row: { rest } }) => (rest === undefined ? [] : rest.span));
  const to = item.extern
    ? item.outputs
        .map(({ name, row }) => `${name === undefined ? "" : `${name.text}: `}${flat(row.span)}`)
        .join(", ")
    : `{ ${[...made, ...rest.map(flat)].join(", ")} }`;
  return `${word} ${item.name.text}${params(item.params)}${from} to ${to}`;
}

function partsOf(item: NamedItem): readonly Part[] {
  switch (item.kind) {
    case "record":
      return [
        ...item.fields.map((field) => fieldPart("field", field)),
        ...item.requires.map(({ condition, message }) => ({
          kind: "field" as const,
          signature: `require ${flat(condition.span)}`,
          doc: message === undefined ? "" : flat(message.span).slice(1, -1),
        })),
      ];
    case "block":
      return [...documented(item.params), ...item.members.flatMap(memberPart)];
    case "adapter":
      return [
        ...documented(item.params),
        ...item.rewrites.flatMap((rewrite) => [
          {
            kind: "rewrite" as const,
            signature: `rewrite ${rewrite.target.text}${sizes(rewrite.sizes)}`,
            doc: "",
          },
          ...rewrite.members.flatMap(memberPart),
        ]),
      ];
    case "optimizer":
      return [
        ...documented(item.params),
        ...item.members.flatMap((member): Part[] =>
          member.kind === "state" ? [{ kind: "state", signature: flat(member.span), doc: "" }] : [],
        ),
      ];
    case "fn":
    case "metric":
    case "schedule":
    case "template":
    case "transform":
      return documented(item.params);
    case "enum":
    case "let":
    case "model":
    case "dataset":
    case "adapt":
    case "train":
    case "evaluate":
    case "export":
      return [];
    default:
      return item satisfies never;
  }
}

/** Parameters that say something of their own; the signature has them all. */
function documented(fields: readonly Field[]): Part[] {
  return fields.filter((field) => field.doc !== "").map((field) => fieldPart("parameter", field));
}

function fieldPart(kind: "field" | "parameter", { span, doc }: Field): Part {
  return { kind, signature: flat(span), doc };
}

type BlockMember = Extract<NamedItem, { kind: "block" }>["members"][number];

function memberPart(member: BlockMember): Part[] {
  switch (member.kind) {
    case "param":
      return [{ kind: "param", signature: flat(member.span), doc: member.doc }];
    case "forward": {
      const { sizes: own, params: given, result } = member;
      const signature = `forward${sizes(own)}${params(given)} -> ${flat(result.span)}`;
      return [{ kind: "forward", signature, doc: "" }];
    }
    case "let":
    case "tie":
    case "require":
    case "merge":
    case "checkpoint":
      return [];
    default:
      return member satisfies never;
  }
}

function sizes(all: readonly SizeParam[]): string {
  return all.length === 0 ? "" : `[${all.map((size) => flat(size.span)).join(", ")}]`;
}

function params(fields: readonly Field[]): string {
  return `(${fields.map((field) => flat(field.span)).join(", ")})`;
}

/** As written, on one line. */
function flat(span: Span): string {
  return textOf(span)
    .replace(/^\s*\/\/.*$/gm, "")
    .replace(/\s+/g, " ")
    .trim();
}
