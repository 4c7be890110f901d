/** Windows: the columns that a program's batch is cut from. Every window of a dataset has the same length. */

export type WindowColumn =
  | { readonly dtype: "i32"; readonly shape: readonly number[]; readonly data: Int32Array }
  | { readonly dtype: "f32"; readonly shape: readonly number[]; readonly data: Float32Array }
  /** 0 or 1. */
  | { readonly dtype: "bool"; readonly shape: readonly number[]; readonly data: Uint8Array };

/** The `segment` of padding; documents are numbered from 0 in each window. */
export const paddingSegment = -1;

/** The four columns that every window has, under construction: all padding at first. */
export interface WindowTokens {
  readonly tokens: Int32Array;
  readonly position: Int32Array;
  readonly segment: Int32Array;
  readonly learn: Uint8Array;
}

export function emptyWindows(count: number, length: number, padding: number): WindowTokens {
  const size = count * length;
  return {
    tokens: new Int32Array(size).fill(padding),
    position: new Int32Array(size),
    segment: new Int32Array(size).fill(paddingSegment),
    learn: new Uint8Array(size),
  };
}

/** Writes a document at `offset`, which counts tokens from the first window's start. */
export function place(
  windows: WindowTokens,
  offset: number,
  segment: number,
  document: { readonly tokens: Int32Array; readonly learn: Uint8Array },
): void {
  const { length } = document.tokens;
  windows.tokens.set(document.tokens, offset);
  windows.learn.set(document.learn, offset);
  windows.segment.fill(segment, offset, offset + length);
  for (let at = 0; at < length; at++) windows.position[offset + at] = at;
}

/** As the columns of windows of `length` tokens. */
export function windowColumns(
  windows: WindowTokens,
  length: number,
): Readonly<Record<string, WindowColumn>> {
  const shape = [length];
  return {
    tokens: { dtype: "i32", shape, data: windows.tokens },
    position: { dtype: "i32", shape, data: windows.position },
    segment: { dtype: "i32", shape, data: windows.segment },
    learn: { dtype: "bool", shape, data: windows.learn },
  };
}
