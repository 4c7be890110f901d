/**
 * Verifies planned programs: what lives at the same time shares no bytes, no dispatch reads and writes one
 * buffer, what is read was written or uploaded or lives between programs, and all of it is within the device's
 * limits.
 */

import type { Dispatch, Program, Slice } from "../../runtime/plan.ts";
import { alignment } from "./arena.ts";
import type { PlannedPrograms } from "./programs.ts";
import type { Target } from "./target.ts";

/** WebGPU's default for each dimension of a grid. */
const mostWorkgroups = 65_535;

/** What is wrong, a line each. */
export function verifyPlan(planned: PlannedPrograms, target: Target): string[] {
  const faults: string[] = [];
  for (const [name, { slice }] of Object.entries(planned.tensors)) {
    checkSlice(`tensor ${name}`, slice, planned, faults);
  }
  const tensors = Object.entries(planned.tensors).map(([name, { slice }]) => ({ name, slice }));
  for (const [at, one] of tensors.entries()) {
    for (const other of tensors.slice(at + 1)) {
      if (overlaps(one.slice, other.slice))
        faults.push(`tensors ${one.name} and ${other.name} share bytes`);
    }
  }
  for (const [name, program] of Object.entries(planned.programs)) {
    checkProgram(name, program, planned, target, faults);
  }
  return faults;
}

function checkProgram(
  name: string,
  program: Program,
  planned: PlannedPrograms,
  target: Target,
  faults: string[],
): void {
  const written: Slice[] = [
    ...Object.values(planned.tensors).map(({ slice }) => slice),
    ...Object.values(program.batch).map(({ slice }) => slice),
    ...Object.values(program.scalars).map(({ slice }) => slice),
  ];
  const lives = new Lives();
  for (const [at, dispatch] of program.dispatches.entries()) {
    const where = `${name}, dispatch ${at}, ${dispatch.label}`;
    const accesses = accessesOf(dispatch, planned);
    if (accesses === undefined) {
      faults.push(`${where}: its kernel binds other than the dispatch gives`);
      continue;
    }
    if (accesses.length > target.mostBindings)
      faults.push(`${where}: binds ${accesses.length} buffers`);
    if (dispatch.grid.some((count) => count < 1 || count > mostWorkgroups)) {
      faults.push(`${where}: a grid of ${dispatch.grid.join(" × ")}`);
    }
    for (const { slice } of accesses) {
      checkSlice(where, slice, planned, faults);
      if (slice.bytes > target.mostBound)
        faults.push(`${where}: binds ${slice.bytes} bytes at once`);
    }
    const reads = accesses.filter(({ isWrite }) => !isWrite);
    const writes = accesses.filter(({ isWrite }) => isWrite);
    for (const [place, { slice }] of writes.entries()) {
      if (reads.some((read) => read.slice.buffer === slice.buffer)) {
        faults.push(`${where}: reads and writes buffer ${slice.buffer}`);
      }
      if (writes.slice(place + 1).some((other) => overlaps(other.slice, slice))) {
        faults.push(`${where}: writes the same bytes twice`);
      }
    }
    for (const { slice } of reads) {
      if (!written.some((other) => covers(other, slice)))
        faults.push(`${where}: reads what nothing wrote`);
    }
    for (const { slice } of writes) written.push(slice);
    for (const { slice, isWrite } of accesses) lives.use(slice, at, isWrite);
  }
  for (const [result, { slice }] of Object.entries(program.results)) {
    if (!written.some((other) => covers(other, slice)))
      faults.push(`${name}: nothing writes result ${result}`);
    lives.use(slice, program.dispatches.length, false);
  }
  for (const fault of lives.faults) faults.push(`${name}: ${fault}`);
}

/** Whether what a dispatch reads is still what was last written there: nothing else has been written over it. */
class Lives {
  readonly faults: string[] = [];
  /** By place: who wrote there last. Slices of one value are equal. */
  readonly #owners: { slice: Slice; at: number }[] = [];

  use(slice: Slice, at: number, isWrite: boolean): void {
    const isSame = (other: Slice) => other.buffer === slice.buffer && other.offset === slice.offset;
    if (isWrite) {
      for (let place = this.#owners.length - 1; place >= 0; place--) {
        if (overlaps(this.#owners[place].slice, slice)) this.#owners.splice(place, 1);
      }
      this.#owners.push({ slice, at });
      return;
    }
    const owner = this.#owners.find((one) => overlaps(one.slice, slice));
    if (owner !== undefined && !isSame(owner.slice)) {
      this.faults.push(
        `dispatch ${at} reads bytes that dispatch ${owner.at} wrote for another value`,
      );
    }
  }
}

interface Access {
  readonly slice: Slice;
  readonly isWrite: boolean;
}

/** As the kernel's text declares its bindings; undefined where the plan says otherwise. */
function accessesOf(
  { kernel, bindings, writes }: Dispatch,
  planned: PlannedPrograms,
): Access[] | undefined {
  const wgsl = planned.kernels[kernel]?.wgsl ?? "";
  const modes = [...wgsl.matchAll(/@binding\((\d+)\) var<storage, (read|read_write)>/g)];
  const isWritten = (at: number) => modes[at]?.[2] === "read_write";
  if (modes.length !== bindings.length) return undefined;
  if (!writes.every(({ binding }) => isWritten(binding))) return undefined;
  return bindings.map((slice, at) => ({ slice, isWrite: isWritten(at) }));
}

function checkSlice(where: string, slice: Slice, planned: PlannedPrograms, faults: string[]): void {
  const buffer = planned.buffers[slice.buffer];
  const isInside = buffer !== undefined && slice.offset + slice.bytes <= buffer.bytes;
  if (!isInside) faults.push(`${where}: a slice lies outside of its buffer`);
  if (slice.offset % alignment !== 0 || slice.bytes % 4 !== 0)
    faults.push(`${where}: a slice is out of step`);
}

function overlaps(a: Slice, b: Slice): boolean {
  return a.buffer === b.buffer && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}

/** Bindings end at whole vectors, slices at whole words. */
function covers(whole: Slice, part: Slice): boolean {
  return (
    whole.buffer === part.buffer && whole.offset === part.offset && whole.bytes + 16 > part.bytes
  );
}
