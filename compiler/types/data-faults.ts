/** What is said when rows and transforms do not go together. */

import { error, type Fix, replace } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/suggest.ts";
import { type Span, textOf } from "../source/file.ts";
import type { CallExpr, Expr, TemplateItem } from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import { showColumn, showColumns } from "./rows.ts";
import type { Column } from "./value.ts";

type Columns = ReadonlyMap<string, Column>;

export interface MissingColumn {
  readonly expr: CallExpr;
  readonly transform: string;
  readonly name: string;
  readonly wanted: Column;
  /** What the rows have under that name instead. */
  readonly found: Column | undefined;
}

export function reportMissing(context: Context, fault: MissingColumn, columns: Columns): void {
  const { expr, transform, name, wanted, found } = fault;
  const near = nearest(name, [...columns.keys()]);
  context.report(
    error("missing-column", {
      at: expr.callee.span,
      title:
        found === undefined
          ? `\`${transform}\` needs a column \`${name}\` and these rows have none`
          : `\`${transform}\` needs \`${name}: ${showColumn(wanted)}\` and here it is ${showColumn(found)}`,
      notes: [
        `These rows have ${showColumns(columns)}.`,
        ...(near === undefined || found !== undefined ? [] : [`Is \`${near}\` meant?`]),
      ],
      fixes: maker(wanted),
    }),
  );
}

/** The stage that makes a column of this kind. */
function maker(wanted: Column): Fix[] {
  switch (wanted.kind) {
    case "marked":
      return [{ text: "render(…) before it, which writes each row as text" }];
    case "tokens":
      return [{ text: "tokenize(…) before it, which makes tokens of text" }];
    case "window":
      return [{ text: "pack(…) or pad(…) before it, which make windows" }];
    case "value":
      return [];
    default:
      return wanted satisfies never;
  }
}

export interface LostColumn {
  readonly expr: CallExpr;
  readonly transform: string;
  readonly name: string;
  readonly row: string | undefined;
  /** Whether it is one value a row where a window holds many rows. */
  readonly manyRows: boolean;
}

export function reportLost(
  context: Context,
  { expr, transform, name, row, manyRows }: LostColumn,
): void {
  const at = expr.callee.span;
  if (manyRows) {
    context.report(
      error("row-column-in-window", {
        at,
        title: `\`${name}\` has one value for a row, and \`${transform}\` puts many rows in a window`,
        fixes: [replace(at, "pad", textOf(expr.span).replace(textOf(at), "pad"))],
      }),
    );
    return;
  }
  const home = row === undefined ? "the transform before" : row;
  context.report(
    error("column-lost", {
      at,
      title: `the rows have \`${name}\`, and it ends at \`${transform}\``,
      notes: [
        "What nobody reads may be what you meant to learn from, so it does not vanish in silence.",
      ],
      fixes: [{ text: `leave \`${name}\` out of ${home}, if that is what you want` }],
    }),
  );
}

export function reportSeveral(context: Context, expr: Expr, names: readonly string[]): void {
  context.report(
    error("not-that-kind", {
      at: expr.span,
      title: `this is several datasets, ${names.join(" and ")}`,
      fixes:
        expr.kind === "name" ? names.map((name) => replace(expr.span, `${expr.text}.${name}`)) : [],
      notes: expr.kind === "name" ? [] : ["Give it a name of its own, and choose one by its name."],
    }),
  );
}

export function reportUnlike(
  context: Context,
  at: Expr,
  transform: string,
  found: Columns,
  wanted: Columns,
): void {
  context.report(
    error("row-does-not-fit", {
      at: at.span,
      title: `\`${transform}\` puts rows together, and these are not like the others`,
      notes: [`These have ${showColumns(found)}.`, `The others have ${showColumns(wanted)}.`],
      fixes: [{ text: "bring them to the same columns first, by a transform" }],
    }),
  );
}

export function reportUntyped(context: Context, at: Span, reader: string): void {
  context.report(
    error("untyped-rows", {
      at,
      title: `nothing says what the rows of this \`${reader}\` are`,
      notes: ["Each row is checked against a record before a model sees it."],
      fixes: [{ text: "dataset chats: Chat = …, with the record after the colon" }],
    }),
  );
}

export interface UnfitTemplate {
  readonly at: Expr;
  readonly item: TemplateItem;
  readonly lacking: readonly string[];
}

export function reportTemplate(
  context: Context,
  { at, item, lacking }: UnfitTemplate,
  columns: Columns,
): void {
  const isText = columns.get("text");
  const plain = isText !== undefined && showColumn(isText) === "string";
  context.report(
    error("template-does-not-fit", {
      at: at.span,
      title: `\`${item.name.text}\` is a template for ${item.row.text}, and these rows have no \`${lacking.join("`, `")}\` of its kind`,
      notes: [
        `These rows have ${showColumns(columns)}.`,
        ...(plain ? ["A column of plain text needs no template."] : []),
      ],
      fixes: plain
        ? [{ text: "tokenize(…) without render" }]
        : [{ text: `a template for these rows: template … for … { … }` }],
    }),
  );
}
