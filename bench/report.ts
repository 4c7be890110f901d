/** What the benchmarks share beside measuring: the device as a target, and tables. */

import type { KernelTarget } from "../compiler/wgsl/templates/template.ts";
import type { Device } from "../runtime/device.ts";

export function targetOf(device: Device): KernelTarget {
  const { subgroup, limits, isSoftware } = device.description;
  return {
    subgroupSize: subgroup.smallest === subgroup.largest ? subgroup.smallest : 0,
    hasSubgroups: device.has("subgroups"),
    workgroupStorage: limits.maxComputeWorkgroupStorageSize,
    maxInvocations: limits.maxComputeInvocationsPerWorkgroup,
    software: isSoftware,
  };
}

/** The first column to the left, numbers to the right. */
export function print(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ");
  console.log([title, line(head), ...rows.map(line), ""].join("\n"));
}
