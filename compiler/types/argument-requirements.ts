/**
 * What optimizers and schedules require of their arguments, said where these are written. What depends on the run is
 * unknown here, and is asked again once its length is known.
 */

import type { Span } from "../source/file.ts";
import type { Let, Require } from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import { anyWeight } from "./definition-optimizer.ts";
import { anyRun } from "./definition-schedule.ts";
import { checkRequirements } from "./instance.ts";
import { inner, moduleScope } from "./scope.ts";
import type { Closure, Value } from "./value.ts";

/** Reports, of a call at `at`, each requirement that its arguments break whatever the run is. */
export function requireOfArguments(context: Context, closure: Closure, at: Span): void {
  const { unknown, statements } = insideOf(closure);
  const names = new Map([...closure.arguments, ...unknown]);
  const scope = inner(moduleScope(closure.module), names);
  const { written } = closure;
  checkRequirements(context, scope, statements, {
    at,
    slug: "requirement-broken",
    labels: [],
    written,
  });
}

interface Inside {
  /** What is not known before the run. */
  readonly unknown: ReadonlyMap<string, Value>;
  readonly statements: readonly (Let | Require)[];
}

function insideOf({ item }: Closure): Inside {
  switch (item.kind) {
    case "optimizer":
      return {
        unknown: anyWeight(),
        statements: item.members.filter(
          (member) => member.kind === "let" || member.kind === "require",
        ),
      };
    case "schedule":
      return { unknown: anyRun(item), statements: item.body.statements };
    default:
      return { unknown: new Map(), statements: [] };
  }
}
