/** What the attention kernels share around their tiles: indices, segments, loops over tiles, masks. */

import { bug } from "../../bug.ts";
import {
  type AttentionTile,
  anyLane,
  channelPositions,
  columnPositions,
  groupsFor,
  ofRow,
  type Plane,
  placement,
  rowLoads,
  rowPositions,
  unknownOne,
} from "./attention-tile.ts";
import { kernelText, range, u } from "./frame.ts";
import type { AttentionShape, AttentionSpec, KernelText } from "./template.ts";

/** Which axis the rows of the tile are, and so the other of the columns. */
export type RowAxis = "query" | "key";

export function attentionKernel(
  spec: AttentionSpec,
  tile: AttentionTile,
  rowAxis: RowAxis,
  scope: readonly string[],
  body: readonly string[],
): KernelText {
  const { lanes, threads } = tile;
  requireShape(spec);
  const positions = rowAxis === "query" ? spec.queries : spec.keys;
  return kernelText({
    enables: lanes === 1 ? [] : ["subgroups"],
    // A tile is passed over by all lanes of a subgroup or by none, which WGSL's rules cannot see.
    diagnostics: lanes === 1 ? [] : ["subgroup_uniformity"],
    declarations: spec.declarations,
    scope: [
      anyLane(tile),
      ...scope,
      "fn t_segmentOr(t_absent: i32, t_segment: i32) -> i32 { return select(t_segment, t_absent, t_segment < 0i); }",
    ],
    builtins: lanes === 1 ? ["t_group", "t_thread"] : ["t_group", "t_lane"],
    body: [
      unknownOne,
      "let t_batch = t_group.z;",
      ...headsOf(spec, rowAxis),
      ...placement(tile),
      ...rowPositions(positions, tile),
      ...rowLoads(tile).map(
        (at) => `let t_rowSegment${at} = ${segment(spec, rowAxis, `t_row${at}`)};`,
      ),
      ...channelPositions(spec, tile),
      ...(spec.causal ? [`let t_offset = ${spec.offset};`] : []),
      ...body,
    ],
    workgroup: [threads, 1, 1],
    grid: [groupsFor(positions, tile), rowAxis === "query" ? spec.heads : spec.groups, spec.batch],
  });
}

function requireShape(shape: AttentionShape): void {
  const { batch, heads, groups, queries, keys, channels } = shape;
  const isPositive = (size: number) => Number.isInteger(size) && size > 0;
  if (![batch, heads, groups, queries, keys, channels].every(isPositive) || heads % groups !== 0) {
    bug(`attention of ${batch} × ${heads}/${groups} × ${queries} × ${keys} × ${channels}`);
  }
}

function headsOf({ heads, groups }: AttentionSpec, rowAxis: RowAxis): readonly string[] {
  return rowAxis === "query"
    ? ["let t_head = t_group.y;", `let t_keyHead = t_head / ${u(heads / groups)};`]
    : ["let t_keyHead = t_group.y;"];
}

export function queryPlane({ query }: AttentionSpec): Plane {
  return { tensor: query, head: "t_head" };
}

export function keyPlane({ key }: AttentionSpec): Plane {
  return { tensor: key, head: "t_keyHead" };
}

export function valuePlane({ value }: AttentionSpec): Plane {
  return { tensor: value, head: "t_keyHead" };
}

/** A segment of either axis, where a negative one is unlike any of the other axis. */
function segment(spec: AttentionSpec, axis: RowAxis, position: string): string {
  return axis === "query"
    ? `t_segmentOr(-2i, ${spec.querySegment("t_batch", position)})`
    : `t_segmentOr(-1i, ${spec.keySegment("t_batch", position)})`;
}

/**
 * The loop over tiles of keys that the rows, which are queries, may see. Declares `t_see` row: which of a
 * lane's columns a row sees. Tiles of which nothing is seen, as between packed texts, are passed over.
 */
export function overKeys(
  spec: AttentionSpec,
  tile: AttentionTile,
  body: readonly string[],
): readonly string[] {
  const { keys, queries, causal } = spec;
  // The last row sees the most.
  const last = `i32(min(t_first + ${u(tile.rows)}, ${u(queries)}))`;
  const end = causal ? `u32(clamp(${last} + t_offset, 0i, ${keys}i))` : u(keys);
  return overColumns(spec, tile, "key", { begin: "0u", end }, body);
}

/** The same over tiles of queries that may see the rows, which are keys. */
export function overQueries(
  spec: AttentionSpec,
  tile: AttentionTile,
  body: readonly string[],
): readonly string[] {
  // The first row is seen by the most.
  const begin = spec.causal ? "u32(max(i32(t_first) - t_offset, 0i))" : "0u";
  return overColumns(spec, tile, "query", { begin, end: u(spec.queries) }, body);
}

function overColumns(
  spec: AttentionSpec,
  tile: AttentionTile,
  axis: RowAxis,
  { begin, end }: { readonly begin: string; readonly end: string },
  body: readonly string[],
): readonly string[] {
  const positions = axis === "query" ? spec.queries : spec.keys;
  const absent = axis === "query" ? "-2i" : "-1i";
  const segments = range(4).map(
    (at) =>
      `select(${absent}, ${segment(spec, axis, `t_column${at}`)}, t_at${at} < ${u(positions)})`,
  );
  const places = range(4).map((at) => `i32(t_at${at})`);
  const some = range(tile.rows)
    .map((row) => `t_see${row}`)
    .join(" | ");
  return [
    `let t_end = ${end} * t_one;`,
    `for (var t_base = ${begin}; t_base < t_end; t_base += ${u(4 * tile.lanes)}) {`,
    ...columnPositions(positions, tile),
    `let t_columnSegment = vec4<i32>(${segments.join(", ")});`,
    ...(spec.causal ? [`let t_columnAt = vec4<i32>(${places.join(", ")});`] : []),
    ...range(tile.rows).map((row) => visible(spec, tile, axis, row)),
    `if (!t_any(any(${some}))) { continue; }`,
    ...body,
    "}",
  ];
}

function visible(
  { causal }: AttentionSpec,
  tile: AttentionTile,
  columnAxis: RowAxis,
  row: number,
): string {
  const same = `t_columnSegment == vec4<i32>(${ofRow("t_rowSegment", row, tile)})`;
  const at = `i32(t_first + ${u(row)})`;
  const before =
    columnAxis === "key"
      ? `t_columnAt <= vec4<i32>(${at} + t_offset)`
      : `vec4<i32>(${at} - t_offset) <= t_columnAt`;
  return `let t_see${row} = ${causal ? `(${same}) & (${before})` : same};`;
}
