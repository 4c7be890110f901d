/** Items: a header, and a block of lines that are always lines of their own. */

import type { Item, Name, TransformItem } from "../syntax/ast.ts";
import { type Doc, group, line, nest } from "./document.ts";
import { assigned, value } from "./expressions.ts";
import {
  adaptRow,
  bindingRow,
  body,
  definition,
  memberPart,
  requirement,
  templateLines,
  withClauses,
} from "./members.ts";
import { block, bracketed, nextLetter, type Part, type Printing } from "./sequence.ts";
import { type Row, table } from "./table.ts";
import { parameters, row, rowType, sizeParameters, sizesAndParameters, type } from "./types.ts";

export function itemDoc(printing: Printing, item: Item): Doc {
  const close = item.span.end - 1;
  switch (item.kind) {
    case "import":
      return importDoc(printing, item.path, item.names);
    case "enum": {
      const at = nextLetter(printing, item.name.span.end);
      return [`enum ${item.name.text} `, names(printing, item.cases, at, true)];
    }
    case "record":
      return [`record ${item.name.text} `, recordDoc(printing, item, close)];
    case "fn":
    case "metric": {
      const head = `${item.body === undefined ? "extern " : ""}${item.kind} `;
      return [head, signature(printing, item), item.body ? [" ", body(printing, item.body)] : ""];
    }
    case "block":
      return [
        `block ${item.name.text}`,
        sizesAndParameters(printing, item.sizes, item.params, after(printing, item.name)),
        " ",
        members(printing, item.members, close),
      ];
    case "adapter":
      return [
        header(printing, "adapter", item),
        block(
          printing,
          item.rewrites.map((rewrite) => rewritePart(printing, rewrite)),
          close,
        ),
      ];
    case "optimizer":
      return [header(printing, "optimizer", item), members(printing, item.members, close)];
    case "schedule":
      return [header(printing, "schedule", item), body(printing, item.body)];
    case "template":
      return [
        `template ${item.name.text}`,
        item.params.length === 0
          ? ""
          : parameters(printing, item.params, after(printing, item.name)).doc,
        ` for ${item.row.text} `,
        templateLines(printing, item.lines, close),
      ];
    case "transform":
      return transform(printing, item);
    case "let":
    case "dataset":
      return definition(printing, item.kind, item);
    case "model":
      return withClauses(printing, assigned(printing, `model ${item.name.text}`, item.value), [
        ["from", item.from],
        ["as", item.storage],
      ]);
    case "adapt":
      return [
        assigned(printing, `adapt ${item.name.text}`, item.model),
        " ",
        table(
          printing,
          item.lines.map((one) => adaptRow(printing, one)),
          close,
        ),
      ];
    case "train":
    case "evaluate":
    case "export": {
      const rows = item.fields.map((field) => bindingRow(printing, field));
      return [`${item.kind} ${item.name.text} `, table(printing, rows, close)];
    }
    default:
      return item satisfies never;
  }
}

function after(printing: Printing, { span }: Name): number {
  return nextLetter(printing, span.end);
}

function importDoc(printing: Printing, path: readonly Name[], imported: readonly Name[]): Doc {
  const module = `import ${path.map(({ text }) => text).join("/")}`;
  if (imported.length === 0) return module;
  const dot = nextLetter(printing, path[path.length - 1].span.end);
  return [module, ".", names(printing, imported, nextLetter(printing, dot + 1), false)];
}

function names(printing: Printing, given: readonly Name[], at: number, isLoose: boolean): Doc {
  const parts = given.map(({ span, text }) => ({ span, print: () => text }));
  return bracketed(printing, parts, { open: "{", close: "}", at, isLoose, isFilled: true }).doc;
}

function recordDoc(
  printing: Printing,
  { fields, requires }: Item & { readonly kind: "record" },
  close: number,
): Doc {
  const rows: Row[] = [
    ...fields.map((field) => ({
      span: field.span,
      cells: () => [
        `${field.name.text}:`,
        type(printing, field.type),
        ...(field.value === undefined ? [] : [["= ", value(printing, field.value)]]),
      ],
    })),
    ...requires.map((require) => ({
      span: require.span,
      cells: () => [requirement(printing, require)],
    })),
  ];
  rows.sort((one, other) => one.span.start - other.span.start);
  return table(printing, rows, close);
}

function signature(printing: Printing, item: Item & { readonly kind: "fn" | "metric" }): Doc {
  return [
    item.name.text,
    sizesAndParameters(printing, item.sizes, item.params, after(printing, item.name)),
    " -> ",
    type(printing, item.result),
  ];
}

function header(
  printing: Printing,
  word: string,
  { name, params }: Item & { readonly kind: "adapter" | "optimizer" | "schedule" },
): Doc {
  return [`${word} ${name.text}`, parameters(printing, params, after(printing, name)).doc, " "];
}

function members(
  printing: Printing,
  given: readonly Parameters<typeof memberPart>[1][],
  close: number,
): Doc {
  return block(
    printing,
    given.map((member) => memberPart(printing, member)),
    close,
  );
}

function rewritePart(
  printing: Printing,
  rewrite: (Item & { readonly kind: "adapter" })["rewrites"][number],
): Part {
  const { target, sizes, base, span } = rewrite;
  const print = () => [
    `rewrite ${target.text}`,
    sizes.length === 0 ? "" : sizeParameters(printing, sizes, after(printing, target)).doc,
    ` as ${base.text} `,
    members(printing, rewrite.members, span.end - 1),
  ];
  return { span, print };
}

/** What it reads and what it makes stand on lines of their own where one line is not enough. */
function transform(printing: Printing, item: TransformItem): Doc {
  const { name, params, from, row: named, extern } = item;
  // Comments are taken in the order of the text, so the parts are printed in it.
  const head = [
    `${extern ? "extern " : ""}transform ${name.text}`,
    parameters(printing, params, after(printing, name)).doc,
  ];
  const source =
    from === undefined
      ? ""
      : [line, "from ", named === undefined ? "" : `${named.text}: `, rowType(printing, from)];
  const made = extern ? outputTypes(printing, item) : outputRow(printing, item);
  return group([head, nest([source, line, "to ", made])]);
}

function outputTypes(printing: Printing, { outputs }: TransformItem): Doc {
  return outputs.map(({ name, row }, at) => [
    at === 0 ? "" : ", ",
    name === undefined ? "" : `${name.text}: `,
    rowType(printing, row),
  ]);
}

function outputRow(printing: Printing, { columns, outputs, span }: TransformItem): Doc {
  const parts = columns.map((column) => ({
    span: column.span,
    print: () => assigned(printing, column.name.text, column.value),
  }));
  const [output] = outputs;
  return row(printing, parts, output?.row.rest, output?.row.span.start ?? span.start);
}
