/**
 * What a definition declares and never reads: whoever sets such a parameter changes nothing, and a part that is
 * never called has weights that learn nothing. Both are usually a slip, so they are said.
 */

import { warning } from "../diagnostics/diagnostic.ts";
import type { NamedItem } from "../names/module.ts";
import type { Body, Field, Member, Name, SizeParam, TemplateLine } from "../syntax/ast.ts";
import { expressionsIn } from "../syntax/walk.ts";
import type { Context } from "./context.ts";
import { variablesOf } from "./template.ts";

interface Declared {
  readonly name: Name;
  readonly what: string;
  readonly why: string;
}

/** The parameters of `forward` are its caller's, and those of an `extern` item the runtime's. */
export function reportUnread(context: Context, item: NamedItem): void {
  const declared = declaredIn(item);
  if (declared.length === 0) return;
  const read = namesRead(item);
  for (const { name, what, why } of declared) {
    if (name.text === "" || read.has(name.text)) continue;
    context.report(
      warning("never-read", {
        at: name.span,
        title: `${what} \`${name.text}\` of \`${item.name.text}\` is never read`,
        notes: [why],
        fixes: [{ text: "read it, or leave it out" }],
      }),
    );
  }
}

function declaredIn(item: NamedItem): readonly Declared[] {
  switch (item.kind) {
    case "fn":
    case "metric":
      return item.body === undefined ? [] : [...parameters(item.params), ...lets([item.body])];
    case "transform":
      return item.extern ? [] : [...parameters(item.params), ...columns(item.from?.columns ?? [])];
    case "adapter":
      return [
        ...parameters(item.params),
        ...item.rewrites.flatMap((rule) => [
          ...parts(rule.members),
          ...lets(bodiesOf(rule.members)),
        ]),
      ];
    case "optimizer":
      return [...parameters(item.params), ...item.members.flatMap(statesAndLets)];
    case "schedule":
      return [...parameters(item.params), ...lets([item.body])];
    case "template":
      return [...parameters(item.params), ...variables(item.lines)];
    case "block":
      return [
        ...sizes(item.sizes),
        ...parameters(item.params),
        // Parts of a block that computes nothing itself are for whoever holds it.
        ...(bodiesOf(item.members).length === 0 ? [] : parts(item.members)),
        ...lets(bodiesOf(item.members)),
      ];
    default:
      return [];
  }
}

function parameters(fields: readonly Field[]): readonly Declared[] {
  const why = "Whoever sets it changes nothing.";
  return fields.map(({ name }) => ({ name, what: "the parameter", why }));
}

function sizes(params: readonly SizeParam[]): readonly Declared[] {
  const why = "Whoever gives it changes nothing.";
  return params.map(({ name }) => ({ name, what: "the size", why }));
}

function columns(fields: readonly Field[]): readonly Declared[] {
  const why = "It is taken from the rows, and is in none that are made.";
  return fields.map(({ name }) => ({ name, what: "the column", why }));
}

function parts(members: readonly Member[]): readonly Declared[] {
  const why = "Its weights would take memory and learn nothing.";
  return members.flatMap((member) =>
    member.kind === "let" || member.kind === "param"
      ? [{ name: member.name, what: "the part", why }]
      : [],
  );
}

function bodiesOf(members: readonly Member[]): readonly Body[] {
  return members.flatMap((member) => (member.kind === "forward" ? [member.body] : []));
}

const uselessLet = { what: "the value", why: "What it says is computed for nothing." };

function lets(bodies: readonly Body[]): readonly Declared[] {
  return bodies.flatMap(({ statements }) =>
    statements.flatMap((one) => (one.kind === "let" ? [{ name: one.name, ...uselessLet }] : [])),
  );
}

function statesAndLets(
  member: Extract<NamedItem, { kind: "optimizer" }>["members"][number],
): readonly Declared[] {
  if (member.kind === "let") return [{ name: member.name, ...uselessLet }];
  const why = "It would take memory for each element of the weights and change nothing.";
  return member.kind === "state" ? [{ name: member.name, what: "the state", why }] : [];
}

function variables(lines: readonly TemplateLine[]): readonly Declared[] {
  const why = "Its lines would say the same of each item.";
  return variablesOf(lines).map((name) => ({ name, what: "the variable", why }));
}

/** Names that expressions mention; `self.bias` reads `bias`, and `row.text` the column `text`. */
function namesRead(item: NamedItem): ReadonlySet<string> {
  const names = new Set<string>();
  const row = item.kind === "transform" ? item.row?.text : undefined;
  for (const expr of expressionsIn(item)) {
    if (expr.kind === "name") names.add(expr.text);
    if (expr.kind !== "member" || expr.object.kind !== "name") continue;
    if (expr.object.text === "self" || expr.object.text === row) names.add(expr.name.text);
  }
  return names;
}
