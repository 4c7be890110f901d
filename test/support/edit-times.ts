/** How long the real server takes from an edit to what it says of it, in milliseconds. */

import type { Editor } from "./language-client.ts";

/** Types a letter into a comment-free line and takes it out again, `count` times; the first edits warm the server up. */
export async function editTimes(
  editor: Editor,
  name: string,
  from: string,
  to: string,
  count: number,
): Promise<readonly number[]> {
  const warming = 10;
  const times: number[] = [];
  for (let edit = 0; edit < count + warming; edit++) {
    const start = performance.now();
    await (edit % 2 === 0 ? editor.type(name, from, to) : editor.type(name, to, from));
    await editor.diagnostics(name);
    if (edit >= warming) times.push(performance.now() - start);
  }
  return times.sort((one, other) => one - other);
}

export function median(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length / 2)];
}
