/**
 * What optimizers and schedules require of their arguments, said where these are written. What depends on the run is
 * unknown here, and is asked again once its length is known.
 */

import type { Span } from "../source/file.ts";
import type { Let, Require } from "../syntax/ast.ts";
import { type Context, silenced } from "./context.ts";
import { anyWeight } from "./definition-optimizer.ts";
import { anyRun } from "./definition-schedule.ts";
import { brokenOnly, letValue } from "./instance.ts";
import { passed } from "./require.ts";
import { inner, moduleScope } from "./scope.ts";
import type { Closure, Value } from "./value.ts";

/** Reports, of a call at `at`, each requirement that its arguments break whatever the run is. */
export function requireOfArguments(context: Context, closure: Closure, at: Span): void {
  const { names, statements } = insideOf(closure);
  const silent = silenced(context);
  const asking = { ...context, report: brokenOnly(context) };
  let scope = inner(moduleScope(closure.module), names);
  const blame = { at, slug: "requirement-broken", labels: [], written: closure.written } as const;
  for (const statement of statements) {
    if (statement.kind === "let")
      names.set(statement.name.text, letValue(silent, scope, statement));
    else scope = passed(asking, scope, statement, blame).scope;
  }
}

interface Inside {
  /** Arguments, and what is not known yet. */
  readonly names: Map<string, Value>;
  readonly statements: readonly (Let | Require)[];
}

function insideOf({ item, arguments: given }: Closure): Inside {
  switch (item.kind) {
    case "optimizer":
      return {
        names: new Map([...given, ...anyWeight()]),
        statements: item.members.filter(
          (member) => member.kind === "let" || member.kind === "require",
        ),
      };
    case "schedule":
      return { names: new Map([...given, ...anyRun(item)]), statements: item.body.statements };
    default:
      return { names: new Map(), statements: [] };
  }
}
