/** The matmul template: which variant a shape gets on a target, and its kernels. */

import { bug } from "../../bug.ts";
import { type BroadcastTile, broadcastMatmul } from "./matmul-broadcast.ts";
import {
  allOfK,
  chunkOf,
  combineParts,
  type KPart,
  partOf,
  storingPartials,
} from "./matmul-split.ts";
import { tileBytes, tileMatmul, type WorkgroupTile } from "./matmul-tile.ts";
import { transposedSpec } from "./matmul-transpose.ts";
import { cheapest, loadCost, rowCost } from "./software.ts";
import type {
  Declarations,
  KernelTarget,
  KernelText,
  MatmulShape,
  MatmulSpec,
  MatmulStage,
} from "./template.ts";

export type MatmulChoice = BroadcastChoice | TileChoice;

interface CommonChoice {
  /** Computes the transposed product, so that the longer side lies along the lanes. */
  readonly transposed: boolean;
  /** Parts that k is cut into; 1 is one kernel. */
  readonly parts: number;
}

export interface BroadcastChoice extends CommonChoice, BroadcastTile {
  readonly kind: "broadcast";
}

export interface TileChoice extends CommonChoice, WorkgroupTile {
  readonly kind: "tile";
}

export interface StagedKernel extends KernelText {
  readonly stage: MatmulStage;
}

/** The variant for a shape. It depends on nothing else but the target, and so does the order of sums. */
export function chooseMatmul(shape: MatmulShape, target: KernelTarget): MatmulChoice {
  requireShape(shape);
  const { hasSubgroups, subgroupSize, software } = target;
  // Where loads cost as much as arithmetic, tiles in workgroup memory win over broadcasts.
  const canBroadcast = hasSubgroups && subgroupSize >= 4 && subgroupSize % 4 === 0;
  return software && canBroadcast
    ? chooseBroadcast(shape, subgroupSize)
    : chooseTile(shape, target);
}

/** The kernels in the order in which they run: `whole`, or `partial` and `combine`. */
export function matmulKernels(spec: MatmulSpec, choice: MatmulChoice): readonly StagedKernel[] {
  requireShape(spec);
  const oriented = choice.transposed ? transposedSpec(spec) : spec;
  const { parts } = choice;
  if (parts === 1) {
    return [{ stage: "whole", ...kernelOf(oriented, choice, allOfK, spec.declarations("whole")) }];
  }
  const part = partOf(parts, chunkOf(spec.k, parts, turnOf(choice)));
  const partial = storingPartials(oriented, parts);
  return [
    { stage: "partial", ...kernelOf(partial, choice, part, spec.declarations("partial")) },
    { stage: "combine", ...combineParts(oriented, parts) },
  ];
}

/** Elements of f32 that the kernels keep between them; 0 for one kernel. */
export function scratchElements({ batch, m, n }: MatmulShape, { parts }: MatmulChoice): number {
  return parts === 1 ? 0 : batch * parts * m * n;
}

function kernelOf(
  spec: MatmulSpec,
  choice: MatmulChoice,
  part: KPart,
  declarations: Declarations,
): KernelText {
  switch (choice.kind) {
    case "broadcast":
      return broadcastMatmul(spec, choice, part, declarations);
    case "tile":
      return tileMatmul(spec, choice, part, declarations);
    default:
      return choice satisfies never;
  }
}

/** Steps of k that a kernel takes at once. */
function turnOf(choice: MatmulChoice): number {
  return choice.kind === "broadcast" ? 4 : choice.depth;
}

function requireShape({ batch, m, n, k }: MatmulShape): void {
  const isPositive = (size: number) => Number.isInteger(size) && size > 0;
  if (![batch, m, n, k].every(isPositive)) bug(`a matmul of ${batch} × ${m} × ${n} × ${k}`);
}

// Software adapters -----------------------------------------------------------------------------

function chooseBroadcast(shape: MatmulShape, lanes: number): BroadcastChoice {
  const { batch, k } = shape;
  const columns = 4 * lanes;
  const candidate = (rows: number, transposed: boolean) => {
    const [down, across] = transposed ? [shape.n, shape.m] : [shape.m, shape.n];
    const tiles = batch * Math.ceil(down / rows) * Math.ceil(across / columns);
    const turn = (Math.ceil(rows / lanes) + 4) * loadCost + 4 * rows * rowCost;
    const run = tiles * Math.ceil(k / 4) * turn;
    return { rows, transposed, tiles, run, compile: (100 + 35 * rows) * 1e6 };
  };
  // Of equals the one that is not transposed, since that stores by vec4.
  const best = cheapest([
    candidate(1, false),
    ...[2, 4, 8, 16].map((rows) => candidate(rows, false)),
    ...[1, 2, 4, 8, 16].map((rows) => candidate(rows, true)),
  ]);
  return {
    kind: "broadcast",
    transposed: best.transposed,
    rows: best.rows,
    lanes,
    parts: partsFor(best.tiles, 8, k, 512),
  };
}

/** Enough parts for `wanted` workgroups, none shorter than `least` steps of k. */
function partsFor(tiles: number, wanted: number, k: number, least: number): number {
  return Math.max(1, Math.min(Math.ceil(wanted / tiles), Math.floor(k / least)));
}

// Others ----------------------------------------------------------------------------------------

/** Workgroups that keep a large GPU busy: an H100 has 132 multiprocessors. */
const busy = 128;

function chooseTile(shape: MatmulShape, target: KernelTarget): TileChoice {
  const { batch, m, n, k } = shape;
  const tilesOf = (edge: number) => batch * Math.ceil(m / edge) * Math.ceil(n / edge);
  const depth = 16;
  const fits = (edge: 64 | 128) => tileBytes({ edge, depth }) <= target.workgroupStorage;
  if (target.maxInvocations < 256 || !fits(64)) {
    bug("the device offers less than WebGPU's least workgroup");
  }
  const edge = tilesOf(128) >= busy && fits(128) ? 128 : 64;
  return {
    kind: "tile",
    transposed: false,
    edge,
    depth,
    parts: partsFor(tilesOf(edge), busy, k, 256),
  };
}
