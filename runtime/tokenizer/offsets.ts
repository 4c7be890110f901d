/** From the library's offsets, which count code points, to those of strings here, which count UTF-16 units. */

const surrogate = /[\ud800-\udfff]/;

export interface Spans {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** `offsets` are pairs of start and end in code points of `text`. */
export function utf16Spans(offsets: readonly (readonly number[])[], text: string): Spans {
  const starts = new Int32Array(offsets.length);
  const ends = new Int32Array(offsets.length);
  const unitOf = surrogate.test(text) ? unitsOf(text) : undefined;
  for (let token = 0; token < offsets.length; token++) {
    const [start, end] = offsets[token];
    starts[token] = unitOf === undefined ? start : unitOf[start];
    ends[token] = unitOf === undefined ? end : unitOf[end];
  }
  return { starts, ends };
}

/** For each code point, and for the end, the UTF-16 unit where it starts. */
function unitsOf(text: string): Int32Array {
  const units = new Int32Array(text.length + 1);
  let point = 0;
  let unit = 0;
  for (const character of text) {
    units[point++] = unit;
    unit += character.length;
  }
  units[point] = unit;
  return units;
}
