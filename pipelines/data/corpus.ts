/**
 * Short texts to pretrain on. Whatever they tell they tell twice, in other words: as a story and a note, a
 * question and its answer, a letter and a parcel. Who reads them learns to look up what was said, to write
 * number words as digits and to name one of many. None of them has the form that requests.ts asks for.
 */

import {
  article,
  called,
  capital,
  cities,
  type Dice,
  filled,
  fullOrder,
  goods,
  items,
  joined,
  names,
  numbers,
  type Order,
  orderWithGaps,
} from "./world.ts";

type Full = ReturnType<typeof fullOrder>;

/** About `length` characters of texts, each a paragraph. */
export function corpus(dice: Dice, length: number): readonly string[] {
  const texts: string[] = [];
  for (let written = 0; written < length; ) {
    const text = dice.pick(kinds)(dice);
    texts.push(text);
    written += text.length + 2;
  }
  return texts;
}

function visit(dice: Dice): string {
  const order = fullOrder(dice);
  const { name, city, day } = order;
  const shop = dice.pick(["the shop", "our shop", "the old shop", "the market"]);
  const came = dice.pick([
    `${name} lives in ${city}. On ${day}, ${name} went to ${shop} and bought ${goods(order)}.`,
    `On ${day} ${name} came from ${city} to ${shop} for ${goods(order)}.`,
    `${name} from ${city} walked into ${shop} on ${day} and asked for ${goods(order)}.`,
    `It was ${day}. ${name} had come all the way from ${city}, and wanted ${goods(order)}.`,
  ]);
  const packed = dice.pick([
    `The clerk wrapped the ${called(order)} in paper.`,
    `The clerk looked for the ${called(order)} on every shelf.`,
    `There was rain outside, and the door was open.`,
    `The clerk counted: ${counting(order.count)}.`,
  ]);
  const home = dice.pick([
    `Now ${name} has ${goods(order)} at home in ${city}.`,
    `So ${goods(order)} went to ${city} with ${name}.`,
    `By the end of ${day} ${name} was in ${city} again, with ${goods(order)}.`,
    `In ${city} everybody liked ${name}'s ${joined(order.colour, called(order))}.`,
  ]);
  return `${came} ${packed} ${home}`;
}

function counting(count: number): string {
  return numbers.slice(1, count + 1).join(", ");
}

function talk(dice: Dice): string {
  const order = fullOrder(dice);
  const { name, city, day } = order;
  const opening = dice.pick([
    `"Good morning," said ${name}. "I would like ${goods(order)}, please."`,
    `"Could you send me ${goods(order)}?" asked ${name}.`,
    `${name} called the shop and said, "I need ${goods(order)}."`,
    `"Do you have ${order.item.many}?" asked ${name}. "I want ${numberOf(order)}, in ${order.colour}."`,
  ]);
  const lines = dice.pick([
    [
      `"Where do you live?"`,
      `"In ${city}."`,
      `"And when do you need ${them(order)}?"`,
      `"By ${day}."`,
    ],
    [`"When should ${it(order)} be there?"`, `"On ${day}, in ${city}."`],
    [`"To which city?" asked the clerk.`, `"To ${city}, before ${day}," said ${name}.`],
    [`"Who is it for?"`, `"For ${name} in ${city}, by ${day}."`],
  ]);
  const closing = dice.pick([
    `"So that is ${goods(order, true)} for ${name}, to ${city}, by ${day}," said the clerk.`,
    `The clerk wrote: ${goods(order, true)}, ${name}, ${city}, ${day}.`,
    `"${capital(goods(order))} for ${city} on ${day}," said the clerk. "Thank you, ${name}."`,
  ]);
  return [opening, ...lines, closing].join("\n");
}

function it({ count }: Order): string {
  return count === 1 ? "it" : "they";
}

function them({ count }: Order): string {
  return count === 1 ? "it" : "them";
}

function numberOf({ count }: Order): string {
  return numbers[count];
}

function letter(dice: Dice): string {
  const order = fullOrder(dice);
  const { name, city, day } = order;
  const asked = dice.pick([
    `Dear shop, please send ${goods(order)} to ${city} by ${day}. Yours, ${name}.`,
    `Dear shop, I am writing from ${city}. I need ${goods(order)}, and I need ${them(order)} on ${day}. Yours, ${name}.`,
    `Hello, this is ${name} in ${city}. Would you pack ${goods(order)} for ${day}?`,
    `To the shop: ${goods(order)} for ${name}, please, and no later than ${day}. I live in ${city}.`,
  ]);
  const answered = dice.pick([
    `Dear ${name}, your ${joined(order.colour, called(order))} will be in ${city} on ${day}.`,
    `Dear ${name}, thank you for your letter. We send ${goods(order, true)} to ${city} before ${day}.`,
    `Dear ${name}, ${goods(order)} will reach you in ${city} by ${day}.`,
  ]);
  return `${asked}\n${answered} ${dice.pick(["Yours, the shop.", "Your shop."])}`;
}

/** Questions on what was just told, each answered in a word or two. */
function questions(dice: Dice): string {
  const order = orderWithGaps(dice, 25);
  const asked = dice.several(4 + dice.below(3), answers(order)).map((line) => line.join(" "));
  return `${told(dice, order)}\n${asked.join("\n")}`;
}

function answers(order: Order): readonly (readonly [question: string, answer: string])[] {
  return [
    ["Who?", order.name],
    ["Which city?", order.city ?? "none"],
    ["What?", order.item.one],
    ["How many?", String(order.count)],
    ["Which colour?", order.colour ?? "none"],
    ["Which day?", order.day ?? "none"],
  ];
}

const tellings = [
  "{name} {fromCity} bought {goods} {on}.",
  "The shop sent {goods} to {name} {inCity} {on}.",
  "{name} {inCity} needs {goods} {by}.",
  "For {name} we packed {goods} {by}, {toCity}.",
  "{on}, we sent {goods} {toCity} for {name}.",
  "{goods} for {name} {toCity} {by}.",
  "{goods}, please, for {name} {inCity} {by}.",
  "{goods}: that is what {name} {fromCity} wants {by}.",
  "{name} asked for {goods} {on}. {street}",
  "Please send {goods} to {name} {inCity} {by}.",
  "This is {name} {fromCity}. I want {goods} {by}.",
  "{name} {inCity} wants {many}: {number} of them {on}, {inColour}.",
];

/** A sentence or two with everything that an order says. */
function told(dice: Dice, order: Order): string {
  const { name, city, colour, day, item } = order;
  const text = filled(dice.pick(tellings), {
    name,
    goods: goods(order, dice.chance(25)),
    many: item.many,
    number: numberOf(order),
    inColour: colour && `in ${colour}`,
    inCity: city && `in ${city}`,
    fromCity: city && `from ${city}`,
    toCity: city && `to ${city}`,
    street: city && `The street is in ${city}.`,
    on: day && `on ${day}`,
    by: day && `by ${day}`,
  });
  return capital(text);
}

/** What was told, as a note in the shop's book. There are several ways to keep one. */
function note(dice: Dice): string {
  const order = orderWithGaps(dice, 25);
  const fields: readonly (readonly [key: string, value: string])[] = [
    ["name", order.name],
    ["city", order.city ?? "none"],
    ["item", order.item.one],
    ["count", String(order.count)],
    ["colour", order.colour ?? "none"],
    ["day", order.day ?? "none"],
  ];
  const chosen = dice.several(4 + dice.below(3), fields);
  const written = dice.pick([
    () => `In the book: ${chosen.map(([key, value]) => `the ${key} is ${value}`).join(", ")}.`,
    () => chosen.map(([key, value]) => `${capital(key)}, ${value}.`).join(" "),
    () => chosen.map(([key, value]) => `${capital(key)}: ${value}`).join("\n"),
    () => `(${chosen.map(([key, value]) => `${key} ${value}`).join(", ")})`,
  ]);
  return `${told(dice, order)}\n${written()}`;
}

function parcel(dice: Dice): string {
  const order: Full = fullOrder(dice);
  const { name, city, day, colour, item } = order;
  const found = dice.pick([
    `A parcel came on ${day}. On it stood: ${name}, ${city}. Inside ${order.count === 1 ? "was" : "were"} ${goods(order)}.`,
    `The parcel for ${name} in ${city} was heavy: ${goods(order)}. It left on ${day}.`,
  ]);
  const after = dice.pick([
    `${name} opened it and found the ${joined(colour, called(order))}.`,
    `"${capital(article(colour))} ${colour} ${item.one}!" said ${name}.`,
    `${capital(day)} was a good day in ${city}.`,
  ]);
  return `${found} ${after} The note said ${goods(order, true)}.`;
}

/** Two people, so that who has what must be looked up. */
function pair(dice: Dice): string {
  const [first, second] = dice.several(2, names);
  const one: Full = { ...fullOrder(dice), name: first };
  const rest = fullOrder(dice);
  const item = dice.pick(items.filter((candidate) => candidate !== one.item));
  const other: Full = { ...rest, item, name: second };
  const both = dice.pick([
    `${first} bought ${goods(one)}, and ${second} bought ${goods(other)}.`,
    `${first} lives in ${one.city} and wants ${goods(one)}. ${second} lives in ${other.city} and wants ${goods(other)}.`,
    `On ${one.day} ${first} got ${goods(one)}; on ${other.day} ${second} got ${goods(other)}.`,
  ]);
  const again = dice.pick([
    `So ${first} has the ${joined(one.colour, called(one))}, and ${second} has the ${joined(other.colour, called(other))}.`,
    `${second} has ${goods(other, true)}. ${first} has ${goods(one, true)}.`,
    `The ${called(other)} ${other.count === 1 ? "is" : "are"} ${second}'s, and the ${called(one)} ${one.count === 1 ? "is" : "are"} ${first}'s.`,
  ]);
  return `${both} ${again}`;
}

/** A list that is read out, word for word, more than once. */
function list(dice: Dice): string {
  const entries = dice
    .pick([
      () => dice.several(4 + dice.below(4), names),
      () => dice.several(4 + dice.below(4), items).map(({ many }) => many),
      () => dice.several(4 + dice.below(4), cities),
      () => Array.from({ length: 3 + dice.below(2) }, () => goods(fullOrder(dice))),
    ])()
    .join(", ");
  const [reader, writer] = dice.several(2, names);
  const read = dice.pick([
    [`${reader} read the list: ${entries}.`, `${writer} wrote it down: ${entries}.`],
    [
      `"${capital(entries)}," said ${reader}.`,
      `"${capital(entries)}," said ${writer} after ${reader}.`,
    ],
    [`The list in the morning: ${entries}.`, `The list at night: ${entries}.`],
  ]);
  const more = dice.chance(60)
    ? [dice.pick([`And once more: ${entries}.`, `So it was ${entries}.`])]
    : [];
  return [...read, ...more].join(" ");
}

/** Goods in words, and their number in digits. */
function reckoning(dice: Dice): string {
  const lines = Array.from({ length: 3 + dice.below(3) }, () => {
    const order = orderWithGaps(dice, 50);
    return dice.pick([
      `${capital(goods(order))}: ${order.count} ${called(order)}.`,
      `${capital(goods(order))}, that is ${order.count}.`,
      `${order.count} is the number, and ${order.item.one} the word, for ${goods(order)}.`,
    ]);
  });
  return lines.join(dice.pick([" ", "\n"]));
}

/** An order that is called from one to the next. */
function echo(dice: Dice): string {
  const order = orderWithGaps(dice, 25);
  const said = told(dice, order).replace(/\.$/, "");
  const people = dice.several(2 + dice.below(2), names);
  return people
    .map((name) =>
      dice.pick([
        `"${said}," said ${name}.`,
        `${name} read: "${said}."`,
        `"${said}," ${name} called.`,
      ]),
    )
    .join(" ");
}

/** Told more than once, because kinds that are told more often are learned better. */
const kinds: readonly ((dice: Dice) => string)[] = [
  visit,
  talk,
  letter,
  parcel,
  pair,
  questions,
  questions,
  questions,
  note,
  note,
  note,
  reckoning,
  reckoning,
  list,
  list,
  list,
  echo,
  echo,
  echo,
];
