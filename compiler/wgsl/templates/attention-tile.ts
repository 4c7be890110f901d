/**
 * What the attention kernels are made of. A subgroup of W lanes works on `rows` positions of one axis
 * (queries, or keys) and 4·W positions of the other at a time. A value for each pair lies in a vec4 a row
 * in every lane: position `t_base` + i·W + lane in component i. Two loops do the work:
 *
 * - `dots` fills such a tile with inner products over the channels,
 * - `sums` multiplies such a tile with a tensor, summing over the 4·W positions, into `rows` × channels.
 *
 * What a lane loads of the rows goes round by broadcasts, as in the broadcast matmul and for its reasons;
 * no workgroup memory, no barriers. With one lane the same text works without subgroups.
 */

import { clamped, f, range, u } from "./frame.ts";
import type { AttentionShape, HeadTensor } from "./template.ts";

export interface AttentionTile {
  /** At most sixteen. */
  readonly rows: number;
  /** Threads of a subgroup, a power of two; 1 for a kernel without subgroups. */
  readonly lanes: number;
  /** Threads of a workgroup: one subgroup, or so many threads that know nothing of one another. */
  readonly threads: number;
}

/** Threads of a workgroup where each works alone. */
export const alone = 64;

/** How the channels of a result lie in the lanes: `width` neighbours in each, `blocks` times. */
export interface Channels {
  readonly width: 1 | 2 | 4;
  readonly blocks: number;
  readonly type: string;
}

export function channelsOf(channels: number, lanes: number): Channels {
  const width = channels > 2 * lanes ? 4 : channels > lanes ? 2 : 1;
  const type = width === 1 ? "f32" : `vec${width}<f32>`;
  return { width, blocks: Math.ceil(channels / (lanes * width)), type };
}

/** A function of all lanes' values, by halves: subgroupMax takes lavapipe 15 ns and this nearly nothing. */
export function acrossLanes(operation: "max" | "add", { lanes }: AttentionTile): string {
  const steps = range(Math.log2(lanes)).map((step) => {
    const other = `subgroupShuffleXor(t_value, ${u(2 ** step)})`;
    return operation === "max"
      ? `t_value = max(t_value, ${other});`
      : `t_value = t_value + ${other};`;
  });
  return `fn t_${operation}(t_own: f32) -> f32 { var t_value = t_own; ${steps.join(" ")} return t_value; }`;
}

/** A function: whether a claim holds in any lane. */
export function anyLane({ lanes }: AttentionTile): string {
  const steps = range(Math.log2(lanes)).map(
    (step) => `t_all = t_all | subgroupShuffleXor(t_all, ${u(2 ** step)});`,
  );
  return `fn t_any(t_own: bool) -> bool { var t_all = u32(t_own); ${steps.join(" ")} return t_all != 0u; }`;
}

export const components = ["x", "y", "z", "w"] as const;

/** A tensor at one batch entry and head. */
export interface Plane {
  readonly tensor: HeadTensor;
  /** A name. */
  readonly head: string;
}

/** Declares `t_lane`, and `t_first`: the first of the rows. */
export function placement({ rows, lanes }: AttentionTile): readonly string[] {
  return lanes === 1
    ? ["let t_lane = 0u;", `let t_first = (t_group.x * ${u(alone)} + t_thread) * ${u(rows)};`]
    : [`let t_first = t_group.x * ${u(rows)};`];
}

/** Workgroups for so many positions of the row axis. */
export function groupsFor(positions: number, { rows, lanes, threads }: AttentionTile): number {
  return Math.ceil(positions / (rows * (threads / lanes)));
}

/** The rows that a lane loads: row `t_first` + i·W + lane in load i. */
export function rowLoads({ rows, lanes }: AttentionTile): readonly number[] {
  return range(Math.ceil(rows / lanes));
}

/** Declares `t_row0`, …: a lane's rows, the last one repeated past the end. */
export function rowPositions(positions: number, tile: AttentionTile): readonly string[] {
  const { rows, lanes, threads } = tile;
  const loads = rowLoads(tile);
  const lastFirst = (groupsFor(positions, tile) * (threads / lanes) - 1) * rows;
  const most = lastFirst + loads.length * lanes - 1;
  return loads.map(
    (at) => `let t_row${at} = ${clamped(`t_first + ${u(at * lanes)} + t_lane`, most, positions)};`,
  );
}

/** The value of a row, where load i of every row is named `name` i. */
export function ofRow(name: string, row: number, { lanes }: AttentionTile): string {
  const load = `${name}${Math.floor(row / lanes)}`;
  return lanes === 1 ? load : `subgroupBroadcast(${load}, ${u(row % lanes)})`;
}

/** Declares `t_at0` … `t_at3`: a lane's positions of the other axis; and `t_column0` …, kept inside. */
export function columnPositions(positions: number, { lanes }: AttentionTile): readonly string[] {
  return range(4).flatMap((at) => [
    `let t_at${at} = t_base + ${u(at * lanes)} + t_lane;`,
    `let t_column${at} = min(t_at${at}, ${u(positions - 1)});`,
  ]);
}

/**
 * A loop's bound that the driver cannot know, or it unrolls the loop: see the broadcast matmul. `t_one` is
 * declared by `unknownOne`.
 */
export const unknownOne = "let t_one = min(1u, t_group.x + 1u);";

function bound(count: number): string {
  return `${u(count)} * t_one`;
}

/** Declares `t_c0` … `t_c3` around a body: four channels of all, none past the end. */
export function overChannels(channels: number, body: readonly string[]): readonly string[] {
  const last = Math.floor((channels - 1) / 4) * 4;
  return [
    `for (var t_c = 0u; t_c < ${bound(channels)}; t_c += 4u) {`,
    ...range(4).map((at) => `let t_c${at} = ${clamped(`t_c + ${u(at)}`, last + at, channels)};`),
    ...body,
    "}",
  ];
}

/** Four channels from t_c on as a vec4; past the end zeros, so that they add nothing to a product. */
export function fourChannels({ tensor, head }: Plane, position: string, channels: number): string {
  const { load, loadVector } = tensor;
  if (channels % 4 === 0 && loadVector !== undefined) {
    return loadVector("t_batch", head, position, "t_c0");
  }
  const last = Math.floor((channels - 1) / 4) * 4;
  const values = range(4).map((at) => {
    const value = load("t_batch", head, position, `t_c${at}`);
    return last + at < channels
      ? value
      : `select(${f(0)}, ${value}, t_c + ${u(at)} < ${u(channels)})`;
  });
  return `vec4<f32>(${values.join(", ")})`;
}

/**
 * Declares `name`0, …: a vec4 a row of inner products with the lane's columns. `more` are statements for
 * each four channels; they find the columns' channels in `t_four0` … `t_four3`.
 */
export function dots(
  name: string,
  rowPlane: Plane,
  columnPlane: Plane,
  { channels }: AttentionShape,
  tile: AttentionTile,
  more: readonly string[] = [],
): readonly string[] {
  const { rows, lanes } = tile;
  const loads = rowLoads(tile);
  const products = range(4).flatMap((step) => {
    const component = components[step];
    const columns = range(4).map((at) => `t_four${at}.${component}`);
    return [
      `let t_columns${step} = vec4<f32>(${columns.join(", ")});`,
      ...range(rows).map((row) => {
        const mine = `t_mine${Math.floor(row / lanes)}.${component}`;
        const value = lanes === 1 ? mine : `subgroupBroadcast(${mine}, ${u(row % lanes)})`;
        return `${name}${row} = fma(vec4<f32>(${value}), t_columns${step}, ${name}${row});`;
      }),
    ];
  });
  return [
    ...range(rows).map((row) => `var ${name}${row} = vec4<f32>();`),
    ...overChannels(channels, [
      ...loads.map((at) => `let t_mine${at} = ${fourChannels(rowPlane, `t_row${at}`, channels)};`),
      ...range(4).map(
        (at) => `let t_four${at} = ${fourChannels(columnPlane, `t_column${at}`, channels)};`,
      ),
      ...products,
      ...more,
    ]),
  ];
}

export function resultNames(name: string, rows: number, { blocks }: Channels): readonly string[] {
  return range(rows).flatMap((row) => range(blocks).map((block) => `${name}${row}_${block}`));
}

/** Declares the registers of a result of rows × channels, zeros. */
export function results(
  name: string,
  { channels }: AttentionShape,
  { rows, lanes }: AttentionTile,
): readonly string[] {
  const lying = channelsOf(channels, lanes);
  return resultNames(name, rows, lying).map((result) => `var ${result} = ${lying.type}();`);
}

/** Declares `t_channel0`, …: the first of a lane's channels in each block, kept inside for loads. */
export function channelPositions(
  { channels }: AttentionShape,
  { lanes }: AttentionTile,
): readonly string[] {
  const { width, blocks } = channelsOf(channels, lanes);
  return range(blocks).flatMap((block) =>
    range(width).map((at) => {
      const channel = `${u(block * lanes * width + at)} + t_lane * ${u(width)}`;
      const most = (block + 1) * lanes * width - width + at;
      return `let t_channel${block}_${at} = ${clamped(channel, most, channels)};`;
    }),
  );
}

/**
 * Adds to a result the weights' products with a tensor at the positions of the columns. Weights are names
 * of a vec4 a row; those of positions past the end are zeros.
 */
export function sums(
  name: string,
  weights: string,
  plane: Plane,
  positions: number,
  shape: AttentionShape,
  { rows, lanes }: AttentionTile,
): readonly string[] {
  const lying = channelsOf(shape.channels, lanes);
  const own = (block: number) => ownChannels(plane, "t_from", block, shape, lying, lanes);
  const shared = (row: number) =>
    lanes === 1 ? `t_part${row}` : `subgroupShuffle(t_part${row}, t_turn)`;
  // One load a turn and two rolled loops: loads are what a kernel takes long to compile for.
  return [
    `for (var t_quarter = 0u; t_quarter < ${bound(4)}; t_quarter++) {`,
    ...range(rows).map((row) => `let t_part${row} = ${weights}${row}[t_quarter];`),
    `for (var t_turn = 0u; t_turn < ${bound(lanes)}; t_turn++) {`,
    `let t_from = min(t_base + t_quarter * ${u(lanes)} + t_turn, ${u(positions - 1)});`,
    ...range(lying.blocks).map((block) => `let t_with${block} = ${own(block)};`),
    ...range(rows).flatMap((row) => [
      `let t_weight${row} = ${lying.type}(${shared(row)});`,
      ...range(lying.blocks).map((block) => {
        const result = `${name}${row}_${block}`;
        return `${result} = fma(t_weight${row}, t_with${block}, ${result});`;
      }),
    ]),
    "}",
    "}",
  ];
}

/** A lane's own channels of a block. */
function ownChannels(
  { tensor, head }: Plane,
  position: string,
  block: number,
  { channels }: AttentionShape,
  { width, type, blocks }: Channels,
  lanes: number,
): string {
  const { load, loadVector } = tensor;
  // A clamped first channel must stay a multiple of four.
  const isWhole = channels % 4 === 0 && (block < blocks - 1 || channels % (4 * lanes) === 0);
  if (width === 4 && isWhole && loadVector !== undefined) {
    return loadVector("t_batch", head, position, `t_channel${block}_0`);
  }
  const values = range(width).map((at) =>
    load("t_batch", head, position, `t_channel${block}_${at}`),
  );
  return `${type}(${values.join(", ")})`;
}

/**
 * Stores results of rows × channels in a loop over the rows that exist, so that a fused store is there
 * once a channel of a lane and not once a row as well.
 */
export function storeRows(
  positions: number,
  shape: AttentionShape,
  { rows, lanes }: AttentionTile,
  stored: readonly {
    readonly name: string;
    readonly store: (row: string, channel: string, value: string) => string;
  }[],
): readonly string[] {
  const { channels } = shape;
  const lying = channelsOf(channels, lanes);
  const { width, blocks, type } = lying;
  const arrays = stored.flatMap(({ name }) =>
    range(blocks).map((block) => {
      const all = range(rows).map((row) => `${name}${row}_${block}`);
      return `var ${name}All${block} = array<${type}, ${rows}>(${all.join(", ")});`;
    }),
  );
  const inside = stored.flatMap(({ name, store }) =>
    range(blocks).flatMap((block) => [
      `let ${name}${block} = ${name}All${block}[t_stored];`,
      ...range(width).map((at) => {
        const channel = `t_own${block}_${at}`;
        const value = width === 1 ? `${name}${block}` : `${name}${block}.${components[at]}`;
        const isInside = (block + 1) * lanes * width <= channels;
        const when = isInside ? "" : `if (${channel} < ${u(channels)}) `;
        return `${when}{ ${store("t_storedRow", channel, value)} }`;
      }),
    ]),
  );
  return [
    ...arrays,
    ...range(blocks).flatMap((block) =>
      range(width).map(
        (at) =>
          `let t_own${block}_${at} = ${u(block * lanes * width + at)} + t_lane * ${u(width)};`,
      ),
    ),
    ...overRows(positions, rows, inside),
  ];
}

/** A loop over the rows that exist: `t_stored` of the tile, `t_storedRow` of the axis. */
export function overRows(
  positions: number,
  rows: number,
  body: readonly string[],
): readonly string[] {
  return [
    // Threads that work alone may begin past the end.
    `let t_rows = min(${u(rows)}, ${u(positions)} - min(t_first, ${u(positions)}));`,
    "for (var t_stored = 0u; t_stored < t_rows; t_stored++) {",
    "let t_storedRow = t_first + t_stored;",
    ...body,
    "}",
  ];
}
