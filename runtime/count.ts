/** How many of something, as messages say it. */

/** `147,456` */
export function showCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** `3 rows`, `1 row` */
export function counted(count: number, thing: string): string {
  return `${showCount(count)} ${thing}${count === 1 ? "" : "s"}`;
}
