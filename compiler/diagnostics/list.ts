/** Names in a row and counts, as messages say what there is. */

/** Nobody reads more, and a file that has thousands of names may have thousands of faults that list them. */
const most = 100;

/** `a, b, c`, and of very many how many more there are. */
export function listed(names: readonly string[]): string {
  if (names.length <= most) return names.join(", ");
  const more = names.length - most;
  return `${names.slice(0, most).join(", ")} and ${showCount(more)} more`;
}

/** `147,456` */
export function showCount(count: number): string {
  return count.toLocaleString("en-US");
}
