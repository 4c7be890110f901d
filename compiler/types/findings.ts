/**
 * What the checker found each expression to stand for, by node: what an editor shows of it. Definitions are checked
 * before anything is built of them, and the first value stays, so a library's sizes show by their own names.
 */

import type { Expr } from "../syntax/ast.ts";
import type { Scope, Value } from "./value.ts";

export interface Finding {
  readonly value: Value;
  /** What could be named there. */
  readonly scope: Scope;
}

export class Findings {
  readonly #found = new WeakMap<Expr, Finding>();
  /** What was found in definitions, module by module. */
  readonly #modules: Findings[] = [];

  /** Takes in what was found when a module's definitions were checked. */
  include(module: Findings): void {
    this.#modules.push(module);
  }

  /** A value that is no error takes the place of one that is. */
  note(expr: Expr, value: Value, scope: Scope): void {
    const known = this.#found.get(expr);
    if (known === undefined || known.value.kind === "error")
      this.#found.set(expr, { value, scope });
  }

  of(expr: Expr): Finding | undefined {
    let broken: Finding | undefined;
    for (const module of this.#modules) {
      const found = module.of(expr);
      if (found !== undefined && found.value.kind !== "error") return found;
      broken ??= found;
    }
    return this.#found.get(expr) ?? broken;
  }
}
