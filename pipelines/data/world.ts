/**
 * The small world that the shipped experiments speak of: a shop, the people who order from it, and what they
 * order. Everything is drawn with seeded dice, so the same seed tells the same stories.
 */

import { randomBelow } from "../../runtime/random.ts";

export interface Item {
  readonly one: string;
  readonly many: string;
}

/** What somebody asks for. Undefined is what they do not say. */
export interface Order {
  readonly name: string;
  readonly city: string | undefined;
  readonly item: Item;
  /** From 1 to 12. */
  readonly count: number;
  readonly colour: string | undefined;
  readonly day: string | undefined;
}

export const names = words(`
  Anna Ben Clara David Emma Felix Grace Henry Ida Jack Karen Leo Maya Nora Oscar Paula Rosa Sam Tara Uma
  Victor Wendy Yusuf Zoe Adam Bella Carl Diana Erik Fiona George Hanna Ivan Julia Kofi Lucy
`);

export const cities = words(`
  Paris Rome Oslo Lima Cairo Delhi Tokyo Berlin Madrid Dublin Vienna Athens Prague Lisbon Geneva Boston
  Havana Nairobi Seoul Quito Warsaw Zagreb Tunis Bergen
`);

export const colours = words(
  "red blue green yellow white black brown grey pink purple orange silver",
);

export const days = words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday");

export const numbers = words("zero one two three four five six seven eight nine ten eleven twelve");

export const items: readonly Item[] = [
  ...words(`
    lamp chair table cup plate bowl spoon clock mirror candle basket blanket pillow kettle pan jar vase
    bag coat hat towel ladder bucket broom
  `).map((one) => ({ one, many: `${one}s` })),
  ...words("box brush bench").map((one) => ({ one, many: `${one}es` })),
  { one: "knife", many: "knives" },
  { one: "shelf", many: "shelves" },
  { one: "scarf", many: "scarves" },
];

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** A run of random choices: the seed says which run, and each choice is the next of it. */
export class Dice {
  private readonly seed: number;
  private readonly stream: number;
  private thrown = 0;

  constructor(seed: number, stream: number) {
    this.seed = seed;
    this.stream = stream;
  }

  below(bound: number): number {
    return randomBelow(bound, this.seed, this.stream, this.thrown++);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)];
  }

  /** True in so many of a hundred throws. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  /** Different members, in random order. */
  several<T>(count: number, from: readonly T[]): readonly T[] {
    const left = [...from];
    return Array.from({ length: count }, () => left.splice(this.below(left.length), 1)[0]);
  }
}

/** An order in which everything is said. */
export function fullOrder(dice: Dice): Order & { city: string; colour: string; day: string } {
  return {
    name: dice.pick(names),
    city: dice.pick(cities),
    item: dice.pick(items),
    count: 1 + dice.below(12),
    colour: dice.pick(colours),
    day: dice.pick(days),
  };
}

/** An order in which each of city, colour and day is left unsaid in so many of a hundred. */
export function orderWithGaps(dice: Dice, percent: number): Order {
  const order = fullOrder(dice);
  return {
    ...order,
    city: dice.chance(percent) ? undefined : order.city,
    colour: dice.chance(percent) ? undefined : order.colour,
    day: dice.chance(percent) ? undefined : order.day,
  };
}

/** `three red lamps`, `a red lamp`, and with digits `3 red lamps`. */
export function goods({ count, colour, item }: Order, digits = false): string {
  const described = joined(colour, count === 1 ? item.one : item.many);
  if (digits) return `${count} ${described}`;
  return count === 1 ? `${article(described)} ${described}` : `${numbers[count]} ${described}`;
}

export function article(word: string): string {
  return /^[aeiou]/.test(word) ? "an" : "a";
}

/** The item as it is called in this number. */
export function called({ count, item }: Order): string {
  return count === 1 ? item.one : item.many;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Those that are there, with spaces between them. */
export function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join(" ");
}

/**
 * A frame with its slots filled: `{name} needs {goods} {due}.` What is not said leaves no gap, and no comma
 * before or after where it would have stood.
 */
export function filled(
  frame: string,
  phrases: Readonly<Record<string, string | undefined>>,
): string {
  return frame
    .replace(/\{(\w+)\}/g, (_, slot: string) => phrases[slot] ?? "")
    .replace(/^\s*,\s*/, "")
    .replace(/\s+/g, " ")
    .replace(/ (?=[,.:?"])/g, "")
    .replace(/,(?=[,.:?])/g, "")
    .trim();
}
