/** Schedules checked: a number that depends on `step` and `length`, which are steps by the time the body runs. */

import { error } from "../diagnostics/diagnostic.ts";
import type { Module } from "../names/module.ts";
import type { ScheduleItem } from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import { insideOf, letsOf, reportTaken, reportTwice } from "./definition-signature.ts";
import { evaluateBody } from "./instance.ts";
import { unknown } from "./number.ts";
import { inner, moduleScope } from "./scope.ts";
import { showType, showUnit } from "./show.ts";
import { isPlain } from "./unit.ts";
import type { Value } from "./value.ts";

const implicit: ReadonlyMap<string, string> = new Map([
  ["step", "the step that the rate is for"],
  ["length", "the number of steps of the run"],
]);

/** What a schedule's body sees of a run that may be any: its steps, and its spans as steps. */
export function anyRun({ params }: ScheduleItem): Map<string, Value> {
  const spans = params.filter(
    ({ type }) => type.kind === "named-type" && type.name.text === "span",
  );
  const names = ["step", "length", ...spans.map(({ name }) => name.text)];
  return new Map(names.map((name) => [name, unknown("steps")]));
}

export function checkSchedule(context: Context, module: Module, item: ScheduleItem): void {
  const params = item.params.map((param) => param.name);
  const lets = letsOf(item.body);
  reportTaken(context, [...params, ...lets], implicit, "schedule");
  reportTwice(context, lets);
  if ([...params, ...lets].some(({ text }) => implicit.has(text))) return;
  const inside = insideOf(context, moduleScope(module), [], item.params);
  const scope = inner(inside.scope, anyRun(item));
  const value = evaluateBody(inside.context, scope, item.body, undefined);
  if (value.kind === "error" || (value.kind === "number" && isPlain(value.unit))) return;
  const given = value.kind === "number" ? showUnit(value.unit) : showType(value);
  context.report(
    error(value.kind === "number" ? "unit-mismatch" : "type-mismatch", {
      at: item.body.result.span,
      title: `a schedule gives a rate, which is a plain number, and this is ${given}`,
      notes:
        value.kind === "number"
          ? ["One time divided by another, `step / length`, is a plain number."]
          : [],
    }),
  );
}
