/**
 * The task to fine-tune for: a request in free words in, a form in one strict layout out. Numbers become
 * digits, many become one, and what a request does not say is `none`.
 */

import {
  called,
  capital,
  type Dice,
  filled,
  goods,
  numbers,
  type Order,
  orderWithGaps,
} from "./world.ts";

export interface Row {
  readonly request: string;
  readonly answer: string;
}

/** Rows no two of which ask for the same: whatever part of them is held out asks for what is new. */
export function requests(dice: Dice, count: number): readonly Row[] {
  const rows = new Map<string, Row>();
  while (rows.size < count) {
    const order = orderWithGaps(dice, 20);
    const answer = form(order);
    if (!rows.has(answer)) rows.set(answer, { request: asked(dice, order), answer });
  }
  return [...rows.values()];
}

function form({ item, count, colour, name, city, day }: Order): string {
  const fields = { what: item.one, count, colour, name, city, day };
  return Object.entries(fields)
    .map(([key, value]) => `${key}: ${value ?? "none"}`)
    .join("; ");
}

const frames = [
  "Could you send {goods} {receiver} {due}?",
  "Please send {goods} {receiver} {due}.",
  "Can I get {goods} {receiver} {due}?",
  "Is it possible to get {goods} {receiver} {due}?",
  "I would like to order {goods} {receiver}. {arrival}",
  "We ordered {goods} {receiver}, and nothing has come. {arrival}",
  "Please pack {goods} for {name} {due}. {address}",
  "{Goods} for {name} {due}, please. {address}",
  "{Due}, please bring {goods} {receiver}.",
  "{name} {inCity} {wants} {goods} {due}.",
  "My friend {name} {inCity} needs {goods} {due}.",
  "This is {name} {fromCity}. I need {goods} {due}.",
  "{name} here {fromCity}. {Goods} {due}, please.",
  "Put {goods} aside for {name} {fromCity}. {arrival}",
  "Do you have {many}? {name} {inCity} {wants} {number} {inColour} {due}.",
  "The {colour} {called} for {name} {inCity}: {number} in all {due}.",
];

function asked(dice: Dice, order: Order): string {
  const { name, item, colour } = order;
  const greeting = dice.chance(25) ? dice.pick(["Hello!", "Hi there!", "Good morning."]) : "";
  const things = goods(order, dice.chance(30));
  const due = order.day && `${dice.pick(["by", "on", "before", "no later than"])} ${order.day}`;
  const text = filled(dice.pick(frames), {
    name,
    goods: things,
    Goods: capital(things),
    called: called(order),
    many: item.many,
    number: dice.chance(30) ? String(order.count) : numbers[order.count],
    colour,
    inColour: colour && `in ${colour}`,
    inCity: order.city && `in ${order.city}`,
    fromCity: order.city && `from ${order.city}`,
    wants: dice.pick(["needs", "wants", "would like"]),
    receiver: receiver(dice, order),
    address: address(dice, order),
    due,
    Due: due && capital(due),
    arrival: arrival(order),
  });
  return `${greeting} ${capital(text)}`.trim();
}

function receiver(dice: Dice, { name, city }: Order): string {
  if (city === undefined) return `${dice.pick(["to", "for"])} ${name}`;
  return dice.pick([
    `to ${name} in ${city}`,
    `for ${name} in ${city}`,
    `to ${city} for ${name}`,
    `to ${name}, who lives in ${city},`,
  ]);
}

function address(dice: Dice, { city }: Order): string | undefined {
  return (
    city && dice.pick([`The address is in ${city}.`, `Send it to ${city}.`, `It goes to ${city}.`])
  );
}

function arrival({ count, day }: Order): string | undefined {
  return day && `${count === 1 ? "It" : "They"} must be there on ${day}.`;
}
