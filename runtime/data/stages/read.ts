/** What every reader does with a row: checks it against its record and counts what does not fit. */

import type { JsonObject } from "../../json.ts";
import type { Origin } from "../fault.ts";
import type { RowSchema } from "../plan.ts";
import type { Row, RowFlow, Value } from "../row.ts";
import { fittedRow, type Misfit } from "../schema.ts";
import type { StageContext } from "../stage.ts";

/** Rows under way. Rows that do not fit are left out; each reason is one fault with its count. */
export class RowReader {
  private readonly rows: Row[] = [];
  private readonly misfits: { readonly misfit: Misfit; readonly origin: Origin }[] = [];
  private readonly schema: RowSchema | undefined;
  private readonly context: StageContext;

  constructor(schema: RowSchema | undefined, context: StageContext) {
    this.schema = schema;
    this.context = context;
  }

  take(values: JsonObject, origin: Origin): void {
    if (this.schema === undefined) {
      // The row came out of JSON, so its values are what JSON can hold.
      this.rows.push({
        values: values as Readonly<Record<string, Value>>,
        marked: undefined,
        origin,
      });
      return;
    }
    const fitted = fittedRow(values, this.schema);
    if (fitted.fits) this.rows.push({ values: fitted.value, marked: undefined, origin });
    else this.misfits.push({ misfit: fitted.misfit, origin });
  }

  finish(): RowFlow {
    const name = this.schema?.name ?? "row";
    const isMissingEverywhere =
      this.rows.length === 0 && this.misfits.every(lacksWhatTheFirstLacks);
    for (const { misfit, origin } of this.misfits) {
      const { kind, column } = misfit;
      if (kind === "unfit") {
        this.context.log.add("row-does-not-fit", "error", misfit.message, origin, column);
      } else if (isMissingEverywhere) {
        const present = misfit.present.map((each) => `\`${each}\``).join(", ");
        const message = `no row has the column \`${column}\` of ${name}; the first has ${present || "none"}`;
        this.context.log.add("missing-column", "error", message, origin, column);
      } else {
        const message = `there is no \`${column}\`, which every ${name} has`;
        this.context.log.add("row-does-not-fit", "error", message, origin);
      }
    }
    return { kind: "rows", rows: this.rows, schema: this.schema, literals: [] };
  }
}

function lacksWhatTheFirstLacks(
  { misfit }: { readonly misfit: Misfit },
  _index: number,
  [first]: readonly { readonly misfit: Misfit }[],
): boolean {
  return misfit.kind === "missing" && misfit.column === first.misfit.column;
}
