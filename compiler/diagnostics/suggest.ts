/**
 * The name that was probably meant. A file may have very many names, and very many that are misspelt, so what is
 * asked about again and again is an index: it is sorted once, and names that begin alike are looked at together.
 */

/** Names in the order in which they are offered where two are equally near. */
type Names = Iterable<string> | NameIndex;

/**
 * The name nearest to `name`: the same but for its case, or else the one the fewest slips away (a letter added,
 * left out, changed, or two swapped), if at most a third of the letters slipped. Of equally near ones it is the
 * first, and those of an earlier group come first.
 */
export function nearest(name: string, ...groups: readonly Names[]): string | undefined {
  let best: Found | undefined;
  for (const names of groups) {
    const most = Math.min(mostSlips(name), (best?.slips ?? Number.POSITIVE_INFINITY) - 1);
    const found =
      names instanceof NameIndex ? names.find(name, most) : findIn(name, [...names], most);
    if (found?.slips === 0) return found.name;
    best = found ?? best;
  }
  return best?.name;
}

/** Many names, of which many things will be asked. */
export class NameIndex {
  /** By how long they are. */
  readonly #lists = new Map<number, Sorted>();
  readonly #byCase = new Map<string, string[]>();
  readonly #effort: Effort = { left: mostEffort };

  constructor(names: Iterable<string>) {
    const orders = new Map<string, number>();
    for (const name of names) if (!orders.has(name)) orders.set(name, orders.size);
    for (const name of [...orders.keys()].sort()) {
      const list = this.#lists.get(name.length) ?? { names: [], orders: [] };
      this.#lists.set(name.length, list);
      list.names.push(name);
      list.orders.push(orders.get(name) ?? 0);
    }
    for (const name of orders.keys()) {
      const lower = name.toLowerCase();
      const alike = this.#byCase.get(lower);
      if (alike === undefined) this.#byCase.set(lower, [name]);
      else alike.push(name);
    }
  }

  /** What is at most so many slips away; first those that are close, of which there are few to look at. */
  find(name: string, most: number): Found | undefined {
    const alike = mostAlike(name, this.#byCase.get(name.toLowerCase()) ?? []);
    if (alike !== undefined) return { name: alike, slips: 0, order: 0 };
    const far = this.#effort.left > 0 ? most : Math.min(most, 2);
    for (let limit = Math.min(1, far); ; limit = Math.min(2 * limit, far)) {
      const found = search(name, this.#near(name.length, limit), limit, this.#effort);
      if (found !== undefined || limit >= far) return found;
    }
  }

  #near(length: number, limit: number): Sorted[] {
    const lists: Sorted[] = [];
    for (let one = length - limit; one <= length + limit; one++) {
      const list = this.#lists.get(one);
      if (list !== undefined) lists.push(list);
    }
    return lists;
  }
}

/** Names of one length in the order of their letters, and the place of each among those that were given. */
interface Sorted {
  readonly names: string[];
  readonly orders: number[];
}

export interface Found {
  readonly name: string;
  readonly slips: number;
  readonly order: number;
}

/** What may still be spent on looking for names that are far from what is written. */
interface Effort {
  left: number;
}

/**
 * Cells of tables of distances, about a second of them. Whoever has written thousands of names that are nowhere is
 * told of them, and then offered only names that are one or two slips away.
 */
const mostEffort = 100_000_000;

/** No slip of the hand makes a name of more letters than this, and comparing them would take long. */
const longest = 200;

/** A longer name may have more slips than a third of this one's letters, which are then half of them at most. */
function mostSlips(name: string): number {
  return name.length > longest ? 0 : Math.floor(name.length / 2);
}

function findIn(name: string, names: readonly string[], most: number): Found | undefined {
  const lower = name.toLowerCase();
  const alike = mostAlike(
    name,
    names.filter((one) => one.toLowerCase() === lower),
  );
  if (alike !== undefined) return { name: alike, slips: 0, order: 0 };
  return search(name, [{ names, orders: undefined }], most, { left: 0 });
}

/** Of names that differ from this one in case alone, the one of most equal letters: `Lora` for `LoRA`, and not `lora`. */
function mostAlike(name: string, names: readonly string[]): string | undefined {
  const same = (one: string) => [...one].filter((letter, at) => letter === name[at]).length;
  return names
    .filter((one) => one !== name)
    .reduce<string | undefined>(
      (best, one) => (best === undefined || same(one) > same(best) ? one : best),
      undefined,
    );
}

/**
 * The nearest of the names that is at most `most` slips away. Distances are those of optimal string alignment:
 * edits, where a swap of neighbours counts once. Row by row, a table says how far the beginnings of a candidate
 * are from the beginnings of the name; only what is within the limit of its diagonal matters, and rows are kept
 * for a next candidate that begins alike. Of names that are sorted, those that share a beginning that is too far
 * away are left out at once.
 */
function search(
  name: string,
  lists: readonly {
    readonly names: readonly string[];
    readonly orders: readonly number[] | undefined;
  }[],
  most: number,
  effort: Effort,
): Found | undefined {
  if (most < 1) return undefined;
  const table = tableFor(name, most);
  let best: Found | undefined;
  let limit = most;
  let previous = "";
  let known = 0;
  for (const { names, orders } of lists) {
    for (let at = 0; at < names.length; at++) {
      const candidate = names[at];
      const longer = Math.max(name.length, candidate.length);
      const allowed = Math.min(limit, Math.floor(longer / 3));
      const missing = longer - Math.min(name.length, candidate.length);
      if (candidate === name || missing > allowed) continue;
      let row = 0;
      while (row < known && candidate.charCodeAt(row) === previous.charCodeAt(row)) row++;
      let least = 0;
      while (row < candidate.length && least <= allowed) {
        row++;
        least = fillRow(table, candidate, row, limit);
        effort.left -= 2 * limit + 1;
      }
      previous = candidate;
      known = row;
      if (least > limit && orders !== undefined) {
        at = afterPrefix(names, at, candidate.slice(0, row)) - 1;
        continue;
      }
      const slips = least > allowed ? least : table.cells[row * table.width + name.length];
      const order = orders === undefined ? at : orders[at];
      if (slips <= allowed && (best === undefined || slips < best.slips || order < best.order)) {
        best = { name: candidate, slips, order };
        limit = slips;
      }
    }
  }
  return best;
}

interface Table {
  readonly name: string;
  readonly width: number;
  /** Rows are of the candidate's letters, columns of the name's. */
  readonly cells: Uint16Array;
}

/** More than any distance. */
const beyond = 0xffff;

function tableFor(name: string, most: number): Table {
  const width = name.length + 1;
  const cells = new Uint16Array((name.length + most + 1) * width);
  for (let column = 0; column < width; column++) cells[column] = column;
  return { name, width, cells };
}

/** The row of the candidate's first `row` letters, within `limit` of the diagonal; gives the least of its distances. */
function fillRow(
  { name, width, cells }: Table,
  candidate: string,
  row: number,
  limit: number,
): number {
  const start = row * width;
  const first = Math.max(1, row - limit);
  const last = Math.min(name.length, row + limit);
  const letter = candidate.charCodeAt(row - 1);
  const before = row > 1 ? candidate.charCodeAt(row - 2) : -1;
  cells[start + first - 1] = first === 1 && row <= limit ? row : beyond;
  let least = cells[start + first - 1];
  for (let column = first; column <= last; column++) {
    const above = start - width + column;
    const own = name.charCodeAt(column - 1);
    let slips = cells[above - 1] + (own === letter ? 0 : 1);
    if (cells[above] < slips) slips = cells[above] + 1;
    if (cells[start + column - 1] < slips) slips = cells[start + column - 1] + 1;
    if (column > 1 && own === before && name.charCodeAt(column - 2) === letter) {
      slips = Math.min(slips, cells[above - width - 2] + 1);
    }
    cells[start + column] = Math.min(slips, beyond);
    if (slips < least) least = slips;
  }
  if (last < name.length) cells[start + last + 1] = beyond;
  return least;
}

/** The place of the first name after `at` that does not begin with the prefix, as that one does. */
function afterPrefix(names: readonly string[], at: number, prefix: string): number {
  let step = 1;
  while (names[at + step]?.startsWith(prefix)) step *= 2;
  let low = at + (step >> 1);
  let high = Math.min(at + step, names.length);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (names[middle].startsWith(prefix)) low = middle;
    else high = middle;
  }
  return high;
}
