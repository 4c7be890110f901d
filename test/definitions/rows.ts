/** Mistakes in what rows are and become, which no dataset uses: records, enums, templates, transforms. */

import type { Mistake } from "./mistake.ts";

const note = `enum Mood { calm, angry }
record Author { name: string  age: int? }
record Note { text: string  author: Author  mood: Mood  stars: int  tags: list[string]  source: string? }
`;

export const rows: readonly Mistake[] = [
  // Enums
  ["a case twice", "defined-twice", "enum Mood { calm, angry, ‹calm› }"],
  ["an enum of nothing", "syntax", "enum Mood { ‹}›"],
  ["an enum twice", "defined-twice", "enum Mood { calm }\nenum ‹Mood› { angry }"],
  [
    "an item called as an import",
    "defined-twice",
    "fn ‹silu›[B](x: float[B]) -> float[B] { return 2.0 * x }",
  ],
  ["an item called as a type of the language", "defined-twice", "enum ‹string› { calm, angry }"],

  // Records
  ["a field twice", "defined-twice", "record Own { a: int  ‹a›: float }"],
  ["a type that is not there", "no-such-name", "record Own { a: ‹strnig› }"],
  ["a type that is a block", "not-that-kind", "record Own { a: ‹Linear› }"],
  ["a default of another type", "type-mismatch", 'record Own { a: int = ‹"one"› }'],
  ["a default without its unit", "bare-number", "record Own { a: tokens = ‹512› }"],
  ["a fraction for a whole number", "type-mismatch", "record Own { a: int = ‹0.5› }"],
  ["none for what must be there", "type-mismatch", "record Own { a: int = ‹none› }"],
  ["a default that reads a later field", "no-such-name", "record Own { a: int = ‹b›  b: int }"],
  [
    "a case that the enum lacks",
    "no-such-name",
    "enum Mood { calm, angry }\nrecord Own { a: Mood = ‹clam› }",
  ],
  ["a requirement that is no condition", "type-mismatch", "record Own { a: int  require ‹a› }"],
  [
    "a requirement of a field that is not there",
    "no-such-name",
    "record Own { a: int  require ‹b› > 0 }",
  ],
  [
    "a requirement of a unit against a number",
    "unit-mismatch",
    "record Own { a: tokens  require ‹a > 0› }",
  ],
  [
    "a requirement that its own defaults break",
    "requirement-broken",
    "record Own { a: int = 0  require ‹a >= 1› }",
  ],
  ["a record of itself", "defined-by-itself", "record ‹Own› { a: int  next: Own? }"],
  ["a list of what is not there", "no-such-name", "record Own { a: list[‹Mesage›] }"],
  [
    "a list of lists of what is not there",
    "no-such-name",
    "record Own { a: list[list[‹Mesage›]] }",
  ],
  ["a tensor of a size that is not there", "no-such-name", "record Own { a: float[‹D›] }"],
  [
    "a record built with a field that is not there",
    "no-such-field",
    "record Own { a: int = 1 }\nlet own = Own(‹b› = 3)",
  ],
  [
    "a record built without a field",
    "missing-argument",
    "record Own { a: int }\nlet own = ‹Own()›",
  ],
  [
    "a record built of another type",
    "type-mismatch",
    'record Own { a: int }\nlet own = Own(a = ‹"x"›)',
  ],
  ["a let of another type", "type-mismatch", "let a: bool = ‹3›"],
  ["a let of a record that is not there", "no-such-name", "let a: ‹Owm› = 3"],

  // Templates
  [
    "a template for what is not there",
    "no-such-name",
    'template own for ‹Chatt› { learn { "a" } }',
  ],
  ["a template for an enum", "not-that-kind", 'template own for ‹Role› { learn { "a" } }'],
  [
    "a column that is not there",
    "missing-in-template",
    `${note}template own for Note { learn { "{‹txet›}" } }`,
  ],
  [
    "a member that is not there",
    "no-such-field",
    `${note}template own for Note { learn { "{author.‹nmae›}" } }`,
  ],
  ["a record as text", "type-mismatch", `${note}template own for Note { learn { "{‹author›}" } }`],
  ["a list as text", "type-mismatch", `${note}template own for Note { learn { "{‹tags›}" } }`],
  [
    "a case that is not there",
    "no-such-name",
    `${note}template own for Note { learn if mood == ‹clam› { "{text}" } }`,
  ],
  [
    "a condition of text",
    "type-mismatch",
    `${note}template own for Note { learn if ‹text› { "{text}" } }`,
  ],
  [
    "a choice by a number",
    "type-mismatch",
    `${note}template own for Note { if ‹stars› { "a" } else { "b" }  learn { "{text}" } }`,
  ],
  [
    "a fault in what is written otherwise",
    "missing-in-template",
    `${note}template own for Note { if stars > 3 { "a" } else { "{‹txet›}" }  learn { "{text}" } }`,
  ],
  [
    "a walk through text",
    "type-mismatch",
    `${note}template own for Note { for t in ‹text› { learn { "{t}" } } }`,
  ],
  [
    "a walk through a list that is not there",
    "missing-in-template",
    `${note}template own for Note { for t in ‹tgas› { learn { "{t}" } } }`,
  ],
  [
    "a member of a list's item that is not there",
    "no-such-field",
    'template own for Chat { for m in messages { learn { "{m.‹text›}" } } }',
  ],
  [
    "a member of text",
    "no-such-field",
    `${note}template own for Note { for t in tags { learn { "{t.‹name›}" } } }`,
  ],
  [
    "a parameter that nothing reads",
    "never-read",
    `${note}template own(‹system›: string) for Note { learn { "{text}" } }`,
  ],
  [
    "a parameter called as a column",
    "defined-twice",
    `${note}template own(‹text›: string) for Note { learn { "{text}" } }`,
  ],
  [
    "a variable called as a column",
    "defined-twice",
    `${note}template own for Note { for ‹text› in tags { learn { "{text}" } } }`,
  ],
  [
    "a variable that nothing reads",
    "never-read",
    `${note}template own for Note { for ‹t› in tags { learn { "{text}" } } }`,
  ],
  [
    "a call over rows",
    "not-that-kind",
    `${note}template own for Note { learn { "{‹exp(stars)›}" } }`,
  ],
  [
    "an item of the row by its place",
    "type-mismatch",
    `${note}template own for Note { learn { "{‹tags›[0]}" } }`,
  ],
  [
    "the answer before it is asked for",
    "label-leak",
    `${note}template own for Note { "{‹text›}"  learn { "{text}" } }`,
  ],
  [
    "text and a number added",
    "type-mismatch",
    `${note}template own for Note { learn { "{‹text + stars›}" } }`,
  ],

  // Transforms
  [
    "a column of the row that is not there",
    "no-such-field",
    "transform own() from row: { text: string, ..R } to { a = row.‹txet›, ..R }",
  ],
  [
    "a type that is not there",
    "no-such-name",
    "transform own() from row: { text: ‹strnig›, ..R } to { a = row.text, ..R }",
  ],
  [
    "a column twice",
    "defined-twice",
    "transform own() from row: { text: string, ..R } to { a = row.text, ‹a› = row.text, ..R }",
  ],
  [
    "a read column twice",
    "defined-twice",
    "transform own() from row: { text: string, ‹text›: int, ..R } to { a = row.text, ..R }",
  ],
  [
    "a column that is a record",
    "type-mismatch",
    `${note}transform own() from row: { author: Author, ..R } to { a = ‹row.author›, ..R }`,
  ],
  [
    "a column that is a definition",
    "type-mismatch",
    "transform own() from row: { text: string, ..R } to { a = ‹silu›, ..R }",
  ],
  [
    "others that come from nowhere",
    "no-such-name",
    "transform own() from row: { text: string } to { a = row.text, ‹..R› }",
  ],
  [
    "others that vanish",
    "column-lost",
    "transform own() from row: { text: string, ‹..R› } to { a = row.text }",
  ],
  [
    "others of another name",
    "no-such-name",
    "transform own() from row: { text: string, ..R } to { a = row.text, ‹..Q› }",
  ],
  [
    "a read column that vanishes unread",
    "never-read",
    "transform own() from row: { text: string, ‹stars›: int, ..R } to { a = row.text, ..R }",
  ],
  [
    "a parameter that nothing reads",
    "never-read",
    "transform own(‹word›: string) from row: { text: string, ..R } to { a = row.text, ..R }",
  ],
  [
    "a parameter of another default",
    "type-mismatch",
    'transform own(word: string = ‹3›) from row: { text: string, ..R } to { a = "{word}{row.text}", ..R }',
  ],
  [
    "a call over rows",
    "not-that-kind",
    "transform own() from row: { stars: int, ..R } to { a = ‹exp(row.stars)›, ..R }",
  ],
  [
    "a condition of text",
    "type-mismatch",
    'transform own() from row: { text: string, ..R } to { a = if ‹row.text› { "a" } else { "b" }, ..R }',
  ],
  [
    "branches of two types",
    "branches-differ",
    'transform own() from row: { stars: int, ..R } to { a = ‹if row.stars > 3 { "many" } else { 3 }›, ..R }',
  ],
  [
    "text and a number compared",
    "type-mismatch",
    'transform own() from row: { stars: int, ..R } to { a = ‹row.stars == "3"›, ..R }',
  ],
  [
    "a case that is not there",
    "no-such-name",
    `${note}transform own() from row: { mood: Mood, ..R } to { a = row.mood == ‹clam›, ..R }`,
  ],
  [
    "a column of a type that no row holds",
    "type-mismatch",
    "transform own() from row: { loss: ‹mean›, ..R } to { a = 1, ..R }",
  ],
  ["an own reader", "not-that-kind", "extern transform ‹own›(path: string) to { text: string }"],

  // What may be absent
  [
    "an optional number that is computed with",
    "type-mismatch",
    "record Own { a: int?  b: int = ‹a + 1› }",
  ],
  [
    "an optional number that is compared by size",
    "type-mismatch",
    "record Own { a: int?  require ‹a > 0› }",
  ],
  [
    "an absent value as text",
    "type-mismatch",
    `${note}template own for Note { learn { "{‹source›}" } }`,
  ],
  [
    "an absent member as text",
    "type-mismatch",
    `${note}template own for Note { learn { "{‹author.age›}" } }`,
  ],
  [
    "an absent column as text",
    "type-mismatch",
    'transform own() from row: { text: string?, ..R } to { a = "text: {‹row.text›}", ..R }',
  ],
  [
    "an absent number that is computed with",
    "type-mismatch",
    "transform own() from row: { stars: int?, ..R } to { a = ‹row.stars + 1›, ..R }",
  ],
  [
    "an absent value for one that must be there",
    "type-mismatch",
    "fn g(a: float) -> float { return a }\nfn f(a: float?) -> float { return g(‹a›) }",
  ],
  ["an absent result", "type-mismatch", "fn f(a: float?) -> float { return ‹a› }"],
  [
    "an absent tensor",
    "type-mismatch",
    "fn f[B](x: float[B], w: float[B]?) -> float[B] { return ‹x * w› }",
  ],
  [
    "an absent condition",
    "type-mismatch",
    "fn f(a: bool?) -> float { return if ‹a› { 1.0 } else { 2.0 } }",
  ],
  [
    "a member of what may be absent",
    "no-such-field",
    "fn f(m: Message?) -> string { return m.‹content› }",
  ],
  [
    "what is absent where it was asked for",
    "type-mismatch",
    "fn f(a: float?) -> float { return ‹if a == none { a } else { a }› }",
  ],
  [
    "what only a later requirement says to be there",
    "type-mismatch",
    "fn f(a: float?) -> float { let b = ‹a + 1.0›  require a != none  return b + a }",
  ],
  [
    "what a requirement of either says to be there",
    "type-mismatch",
    "fn f(a: float?, b: bool) -> float { require a != none || b  return ‹a + 1.0› }",
  ],
  [
    "what is asked of another",
    "type-mismatch",
    "fn f(a: float?, b: float?) -> float { return ‹if a != none { b } else { 1.0 }› }",
  ],
  [
    "what is asked one way only",
    "type-mismatch",
    "fn f(a: float?, b: bool) -> bool { return a != none || ‹a > 0.0› }",
  ],
  [
    "a choice that leaves it absent",
    "type-mismatch",
    "fn f(a: bool) -> float { return ‹if a { 1.0 } else { none }› }",
  ],
  [
    "an absent text compared with a number",
    "type-mismatch",
    "fn f(a: string?) -> bool { return ‹a == 3› }",
  ],
  [
    "a list in a text",
    "type-mismatch",
    'transform own() from row: { tags: list[string], ..R } to { a = "{‹row.tags›}", ..R }',
  ],
];
