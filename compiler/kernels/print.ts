/**
 * Kernels as text, a line a fold and a line a result:
 *
 *     rows norm: x * rsqrt(…)  [6 × 32]
 *       fold 0 = sum multiply(%0[32*i + r], %0[32*i + r])
 *       %9[32*i + r] = multiply(%0[32*i + r], rsqrt(add(multiply(fold 0, 0.03125), 0.000001)))
 */

import type { Atom, Index } from "./index.ts";
import type { Kernel, Result, Scalar } from "./kernel.ts";

export function printKernel(kernel: Kernel): string {
  return [headOf(kernel), ...linesOf(kernel).map((line) => `  ${line}`)].join("\n");
}

function headOf(kernel: Kernel): string {
  const { kind, label } = kernel;
  switch (kernel.kind) {
    case "map":
      return `${kind} ${label}  [${kernel.count}]`;
    case "rows":
      return `${kind} ${label}  [${kernel.rows} × ${kernel.columns}]`;
    case "contract":
      return `${kind} ${label}  [${kernel.batch} × ${kernel.m} × ${kernel.n}, ${kernel.k} summed]`;
    case "scatter-add":
      return `${kind} ${label}  [${kernel.count} into ${kernel.rows} × ${kernel.width}]`;
    case "write":
      return `${kind} ${label}  [${kernel.count}]`;
    case "attention":
    case "cross-entropy":
      return `${kind} ${label}  ${kernel.part}`;
    default:
      return kernel satisfies never;
  }
}

function linesOf(kernel: Kernel): string[] {
  const results = (all: readonly Result[]) => all.map(printResult);
  switch (kernel.kind) {
    case "map":
      return results(kernel.results);
    case "rows":
      return [
        ...kernel.folds.map(({ by, body }, at) => `fold ${at} = ${by} ${printScalar(body)}`),
        ...results(kernel.rowResults),
        ...results(kernel.elementResults),
      ];
    case "contract":
      return [
        `left = ${printScalar(kernel.left)}`,
        `right = ${printScalar(kernel.right)}`,
        ...results(kernel.results),
      ];
    case "scatter-add":
      return [`%${kernel.value}[${printScalar(kernel.row)}, c] += ${printScalar(kernel.update)}`];
    case "write": {
      const start = `${printScalar(kernel.at)} × ${kernel.stride}`;
      return [
        `%${kernel.value}[${printIndex(kernel.place)} + ${start}] = ${printScalar(kernel.body)}`,
      ];
    }
    case "attention":
    case "cross-entropy":
      return [
        ...kernel.operands.map(({ body }, at) => `operand ${at} = ${printScalar(body)}`),
        `→ ${kernel.results.map(({ value }) => `%${value}`).join(", ")}`,
      ];
    default:
      return kernel satisfies never;
  }
}

function printResult({ value, place, body }: Result): string {
  return `%${value}[${printIndex(place)}] = ${printScalar(body)}`;
}

export function printScalar(scalar: Scalar): string {
  switch (scalar.kind) {
    case "load":
      return `%${scalar.value}[${printIndex(scalar.index)}${scalar.most === undefined ? "" : ", clamped"}]`;
    case "pick":
      return `%${scalar.value}[${printScalar(scalar.row)}, ${printIndex(scalar.index)}]`;
    case "constant":
      return String(scalar.value);
    case "operation":
      return `${scalar.op}(${scalar.args.map(printScalar).join(", ")})`;
    case "index":
      return printIndex(scalar.index);
    case "guard": {
      const bounds = scalar.bounds.map(
        ({ index, lower, upper }) => `${lower} ≤ ${printIndex(index)} < ${upper}`,
      );
      return `(${bounds.join(" and ")} ? ${printScalar(scalar.inside)} : ${printScalar(scalar.otherwise)})`;
    }
    case "random":
      return `random(${printScalar(scalar.seed)}, ${printScalar(scalar.stream)}, ${printIndex(scalar.index)})`;
    case "fold":
      return `fold ${scalar.fold}`;
    case "accumulator":
      return "sum";
    default:
      return scalar satisfies never;
  }
}

export function printIndex({ constant, terms }: Index): string {
  const parts = terms.map(({ atom, by }) =>
    by === 1 ? printAtom(atom) : `${by}*${printAtom(atom)}`,
  );
  if (constant !== 0 || parts.length === 0) parts.push(String(constant));
  return parts.join(" + ");
}

function printAtom(atom: Atom): string {
  if (atom.kind === "variable") return atom.name;
  const inner = printIndex(atom.of);
  const shown = inner.includes(" + ") ? `(${inner})` : inner;
  return `(${shown} ${atom.kind === "divide" ? "/" : "%"} ${atom.by})`;
}
