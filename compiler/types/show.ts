/** Values and their types as messages write them: `float[B, T, D]`, `a number of steps`, `Linear[2048, 256]`. */

import { knownSize, show as showSize } from "../tensor/size.ts";
import { showQuantity, type Unit } from "./unit.ts";
import type { Axis, TensorValue, Value } from "./value.ts";

/** A word with its article: `an int`, `a block`. */
export function article(word: string): string {
  return /^[aeiou]/i.test(word) ? `an ${word}` : `a ${word}`;
}

export function showAxis(axis: Axis): string {
  return axis.kind === "run" ? `..${axis.key}` : showSize(axis.size);
}

export function showShape(shape: readonly Axis[]): string {
  return shape.map(showAxis).join(", ");
}

export function showTensor(value: TensorValue): string {
  const names = { i32: "int", u32: "uint" } as const;
  const name = value.dtype === "i32" || value.dtype === "u32" ? names[value.dtype] : value.dtype;
  return value.shape.length === 0 ? name : `${name}[${showShape(value.shape)}]`;
}

/** The type of a value: what it is called where one of another type was wanted. */
export function showType(value: Value): string {
  switch (value.kind) {
    case "tensor":
      return showTensor(value);
    case "number":
      return value.unit;
    case "case":
      return value.item.name.text;
    case "record":
      return value.item.name.text;
    case "instance":
      return showInstance(
        value.name,
        value.sizes.map(([, size]) => showSize(size)),
      );
    case "stack":
      return `a stack of ${value.copies.length === 0 ? "nothing" : value.copies[0].name}`;
    case "closure":
    case "definition":
      return `the ${value.item.kind} ${value.item.name.text}`;
    case "opaque":
      return value.type;
    case "dataset":
      return value.row === undefined ? "a dataset" : `a dataset of ${value.row}`;
    case "bool":
    case "string":
    case "list":
    case "mean":
    case "none":
      return value.kind;
    case "optional":
      return `${showType(value.of)}?`;
    case "error":
      return "something faulty";
    default:
      return value satisfies never;
  }
}

/** The value itself where it is known, its type where not. */
export function showValue(value: Value): string {
  switch (value.kind) {
    case "number": {
      const amount = value.value ?? (value.size === undefined ? undefined : knownSize(value.size));
      if (amount !== undefined) return showQuantity(value.unit, amount);
      return value.size === undefined ? value.unit : showSize(value.size);
    }
    case "bool":
      return value.value === undefined ? "bool" : String(value.value);
    case "string":
      return value.value === undefined ? "string" : JSON.stringify(value.value);
    case "case":
      return value.name ?? value.item.name.text;
    default:
      return showType(value);
  }
}

/** How a unit is asked for: `a number of steps`. */
export function showUnit(unit: Unit): string {
  switch (unit) {
    case "int":
      return "a whole number";
    case "float":
      return "a number";
    case "ratio":
      return "a ratio";
    case "span":
      return "a span of the run";
    default:
      return `a number of ${unit}`;
  }
}

function showInstance(name: string, sizes: readonly string[]): string {
  return sizes.length === 0 ? name : `${name}[${sizes.join(", ")}]`;
}
