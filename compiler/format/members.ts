/** What stands inside of items: members of blocks, statements, lines of templates and of adapted models. */

import type {
  AdaptLine,
  Binding,
  Body,
  Checkpoint,
  Expr,
  Forward,
  Let,
  Member,
  NextMember,
  Require,
  StateMember,
  TemplateLine,
} from "../syntax/ast.ts";
import { hasComments } from "./comments.ts";
import { type Doc, firm, group, line, nest } from "./document.ts";
import { assigned, condition, value } from "./expressions.ts";
import { block, braced, nextLetter, type Part, type Printing, written } from "./sequence.ts";
import { type Row, table } from "./table.ts";
import { path, sizesAndParameters, type } from "./types.ts";

export type AnyMember = Member | StateMember | NextMember;

export function memberPart(printing: Printing, member: AnyMember): Part {
  return { span: member.span, print: () => memberDoc(printing, member) };
}

function memberDoc(printing: Printing, member: AnyMember): Doc {
  switch (member.kind) {
    case "param":
      return withClauses(
        printing,
        [`param ${member.name.text}: `, type(printing, member.type)],
        [
          ["init", member.init],
          ["if", member.condition],
        ],
      );
    case "let":
      return definition(printing, "let", member);
    case "tie":
      return withClauses(
        printing,
        ["tie ", path(printing, member.path), " = ", path(printing, member.to)],
        [["if", member.condition]],
      );
    case "require":
      return requirement(printing, member);
    case "forward":
      return forward(printing, member);
    case "merge":
      return assigned(printing, ["merge ", path(printing, member.path)], member.value);
    case "checkpoint":
      return checkpoint(printing, member);
    case "state":
      return definition(printing, "state", member);
    case "next":
      return assigned(printing, `next ${member.name.text}`, member.value);
    default:
      return member satisfies never;
  }
}

/** `let x: type = value` */
export function definition(
  printing: Printing,
  word: string,
  { name, type: declared, value: given }: Pick<Let, "name" | "type" | "value">,
): Doc {
  const head = `${word} ${name.text}`;
  return assigned(
    printing,
    declared === undefined ? head : [head, ": ", firm(type(printing, declared))],
    given,
  );
}

export function requirement(printing: Printing, { condition: asked, message }: Require): Doc {
  const what = ["require ", value(printing, asked)];
  if (message === undefined) return what;
  return group([what, ",", nest([line, written(printing, message.span)])]);
}

/** Words with a value each, after what a line begins with: all beside it, or a line each. */
export function withClauses(
  printing: Printing,
  head: Doc,
  clauses: readonly (readonly [word: string, expr: Expr | undefined])[],
): Doc {
  const given = clauses.map(([word, expr]) =>
    expr === undefined ? "" : [line, word, " ", value(printing, expr)],
  );
  return group([head, nest(given)]);
}

function forward(printing: Printing, member: Forward): Doc {
  const at = nextLetter(printing, member.span.start + "forward".length);
  return [
    "forward",
    sizesAndParameters(printing, member.sizes, member.params, at),
    " -> ",
    type(printing, member.result),
    " ",
    body(printing, member.body),
  ];
}

export function body(printing: Printing, { statements, result, span }: Body): Doc {
  const parts = statements.map((statement) => memberPart(printing, statement));
  const word = nextLetter(printing, statements.at(-1)?.span.end ?? span.start + 1);
  const last = {
    span: { ...result.span, start: word },
    print: () => ["return ", value(printing, result)],
  };
  return block(printing, [...parts, last], span.end - 1);
}

function checkpoint(printing: Printing, { format, config, weights, span }: Checkpoint): Doc {
  const parts: Part[] = [];
  let start = nextLetter(printing, nextLetter(printing, format.span.end) + 1);
  const add = (word: string, rows: readonly Row[]) => {
    const last = rows.at(-1);
    if (last === undefined) return;
    const close = nextLetter(printing, last.span.end);
    const whole = { ...span, start, end: close + 1 };
    parts.push({ span: whole, print: () => [word, " ", table(printing, rows, close)] });
    start = nextLetter(printing, close + 1);
  };
  add(
    "config",
    config.map((binding) => bindingRow(printing, binding)),
  );
  add(
    "weights",
    weights.map(({ path: to, name, span }) => ({
      span,
      cells: () => [path(printing, to), ["= ", written(printing, name.span)]],
    })),
  );
  return ["checkpoint ", written(printing, format.span), " ", block(printing, parts, span.end - 1)];
}

/** `name = value` */
export function bindingRow(printing: Printing, binding: Binding): Row {
  return {
    span: binding.span,
    cells: () => [binding.name.text, ["= ", value(printing, binding.value)]],
  };
}

// Templates --------------------------------------------------------------------------------------

/** The lines of a template in their braces, of which the last stands at `close`. */
export function templateLines(
  printing: Printing,
  lines: readonly TemplateLine[],
  close: number,
): Doc {
  return block(
    printing,
    lines.map((one) => ({ span: one.span, print: () => templateLine(printing, one) })),
    close,
  );
}

function templateLine(printing: Printing, one: TemplateLine): Doc {
  const close = one.span.end - 1;
  switch (one.kind) {
    case "text":
      return written(printing, one.span);
    case "each":
      return [
        `for ${one.name.text} in `,
        condition(printing, one.list),
        " ",
        templateLines(printing, one.lines, close),
      ];
    case "learn":
      return group([
        "learn ",
        one.condition === undefined ? "" : ["if ", condition(printing, one.condition), " "],
        shortLines(printing, one.lines, close),
      ]);
    case "when":
      return group(whenLine(printing, one));
    default:
      return one satisfies never;
  }
}

/** In one group, so that all branches stand on one line or none does. */
function whenLine(printing: Printing, one: TemplateLine & { readonly kind: "when" }): Doc {
  const { condition: asked, lines, otherwise, span } = one;
  const close = span.end - 1;
  const head = ["if ", condition(printing, asked), " "];
  const [other] = otherwise;
  if (other === undefined) return [head, shortLines(printing, lines, close)];
  const end = lines.at(-1)?.span.end;
  const then = shortLines(printing, lines, end === undefined ? 0 : nextLetter(printing, end));
  if (other.kind === "when" && otherwise.length === 1)
    return [head, then, " else ", whenLine(printing, other)];
  return [head, then, " else ", shortLines(printing, otherwise, close)];
}

/** One text may stand on the line of its braces. */
function shortLines(printing: Printing, lines: readonly TemplateLine[], close: number): Doc {
  const { comments } = printing;
  const elements = lines.map((one) =>
    comments.element(one.span, "", () => templateLine(printing, one)),
  );
  const dangling = comments.dangling(close);
  const [only] = elements;
  const isShort = elements.length === 1 && lines[0].kind === "text" && !hasComments(only);
  return isShort && dangling.length === 0
    ? ["{", nest([line, only.doc]), line, "}"]
    : braced([...elements, ...dangling]);
}

// Adapted models ---------------------------------------------------------------------------------

export function adaptRow(printing: Printing, one: AdaptLine): Row {
  const cells = (): readonly Doc[] => {
    switch (one.kind) {
      case "rewrite-on":
        return [value(printing, one.adapter), ["on ", path(printing, one.path)]];
      case "train-path":
        return [["train ", path(printing, one.path)]];
      case "freeze-path":
        return [["freeze ", path(printing, one.path)]];
      default:
        return one satisfies never;
    }
  };
  return { span: one.span, cells };
}
