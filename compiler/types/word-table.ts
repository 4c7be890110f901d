/** Tables that are asked by the author's own words: what objects have from birth (`constructor`) is in none of them. */

export function entryOf<Entry>(
  table: Readonly<Record<string, Entry>>,
  word: string,
): Entry | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}
