/** What is said of a number whose unit is not the one wanted, or that has none: `0.03 of what?` */

import { type Diagnostic, error, type Fix, replace } from "../diagnostics/diagnostic.ts";
import { type Span, textOf } from "../source/file.ts";
import { amountOf } from "./number.ts";
import { showUnit } from "./show.ts";
import { isPlain, isSpan, isWhole, showQuantity, type Unit } from "./unit.ts";
import type { NumberValue } from "./value.ts";

export interface UnitWanted {
  /** What the number is for: `` `warmup` of `cosine` ``. */
  readonly what: string;
  /** Any of these. */
  readonly units: readonly Unit[];
  /** Where that was written, if it was in a signature. */
  readonly declared?: Span;
}

/** `at` is the number as it is written. */
export function wrongUnit(
  value: NumberValue,
  at: Span,
  { what, units, declared }: UnitWanted,
): Diagnostic {
  const amount = amountOf(value);
  const isBare = units.some((unit) => lacksUnit(value.unit, unit));
  const asked = isAnySpan(units) ? showUnit("span") : units.map(showUnit).join(" or ");
  const secondary = declared === undefined ? [] : [{ span: declared, text: "asked here" }];
  if (isBare) {
    return error("bare-number", {
      at,
      title: `${amount ?? textOf(at)} of what? ${what} is ${asked}`,
      secondary,
      fixes: amount === undefined ? [] : withUnits(units, amount, at),
    });
  }
  const areNumbers = units.every(isPlain) && isPlain(value.unit);
  return error(areNumbers ? "type-mismatch" : "unit-mismatch", {
    at,
    title: `${what} is ${asked} and this is ${showUnit(value.unit)}`,
    secondary,
    fixes: amount === undefined ? [] : inItsUnit(units, value.unit, amount, at),
  });
}

/** Things that are counted. Somebody who counts the wrong ones mostly has the number right. */
const counts: readonly Unit[] = ["int", "steps", "tokens", "seq"];

function inItsUnit(units: readonly Unit[], unit: Unit, amount: number, at: Span): Fix[] {
  const [wanted] = units;
  if (units.length === 1 && counts.includes(wanted) && counts.includes(unit))
    return [replace(at, showQuantity(wanted, amount))];
  // The length of a run is no share of it.
  if (unit === "ratio" && units.includes("epochs"))
    return [replace(at, showQuantity("epochs", amount))];
  const known = units.flatMap((one) => examples[one] ?? []);
  return known.length === 0 ? [] : [{ text: known.join(" or ") }];
}

/** What people mostly want of each unit. */
const examples: Readonly<Partial<Record<Unit, string>>> = {
  bytes: "10GiB",
  epochs: "2epochs",
  ratio: "3%",
  seq: "32seq",
  span: "3% or 200steps",
  steps: "200steps",
  tokens: "1Mtok",
};

function lacksUnit(unit: Unit, wanted: Unit): boolean {
  return (unit === "int" || unit === "float") && (wanted === "ratio" || !isPlain(wanted));
}

/** Whether any time of a run will do, or nearly any. */
function isAnySpan(units: readonly Unit[]): boolean {
  return units.includes("span") || (units.length > 2 && units.every(isSpan));
}

/** The number with each unit that it may have; below 1 it is read as a share. */
function withUnits(units: readonly Unit[], amount: number, at: Span): Fix[] {
  const isShare = amount > 0 && amount < 1;
  const written = (unit: Unit) =>
    showQuantity(unit, unit === "ratio" && !isShare ? amount / 100 : amount);
  if (isAnySpan(units)) {
    const mayBe = (unit: Unit) => units.includes("span") || units.includes(unit);
    if (!isShare) {
      const others = (["epochs", "ratio"] as const).filter(mayBe).map(written);
      return [replace(at, written("steps")), { text: others.join(" or ") }];
    }
    return mayBe("ratio")
      ? [replace(at, written("ratio")), { text: "200steps, 1Mtok or 0.1epochs" }]
      : [replace(at, written("epochs")), { text: "200steps or 1Mtok" }];
  }
  // Nobody has so few bytes.
  if (units.includes("bytes") && amount < 1024) return [replace(at, `${amount}GiB`)];
  return units
    .filter((unit) => !isWhole(unit) || Number.isInteger(amount))
    .map((unit) => replace(at, written(unit)));
}
