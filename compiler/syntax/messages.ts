/** What belongs where, in words: for each rule of the grammar that can fail, what it was looking for. */

export interface Place {
  /** What belongs there, with its article. */
  readonly noun: string;
  /** What there is to choose from, as a sentence. */
  readonly holds?: string;
  /** The words that may begin it, for what was misspelt. */
  readonly words?: readonly string[];
}

const value: Place = { noun: "a value" };
const block = "A block holds param, let, tie, require, forward, merge and checkpoint.";
const member: Place = {
  noun: "a member",
  holds: block,
  words: ["param", "let", "tie", "require", "forward", "merge", "checkpoint"],
};
const statement: Place = {
  noun: "a statement",
  holds: "A body holds let and require, and ends with return.",
  words: ["let", "require", "return"],
};
const optimizerMember: Place = {
  noun: "a member",
  holds: "An optimizer holds state, let, require and next.",
  words: ["state", "let", "require", "next"],
};
const line: Place = {
  noun: "a line of the template",
  holds: "A template holds strings, for, learn and if.",
  words: ["for", "learn", "if"],
};
const adaptLine: Place = {
  noun: "a line of the adapter list",
  holds: "It holds `Adapter(…) on path`, `train path` and `freeze path`.",
  words: ["train", "freeze"],
};
const rewrite: Place = {
  noun: "a rewrite",
  holds: "An adapter holds rewrites: `rewrite Linear[I, O] as base { … }`.",
  words: ["rewrite"],
};
const binding: Place = { noun: "a field", holds: "A field is `name = value`." };
const recordMember: Place = {
  noun: "a field",
  holds: "A record holds `name: type` and require.",
  words: ["require"],
};
const step: Place = {
  noun: "a step of a path",
  holds: "A step is a name, a number, `*`, `**` or `{a, b}`.",
};
const checkpoint: Place = {
  noun: "a part of the checkpoint",
  holds: "A checkpoint holds `config { … }` and then `weights { … }`.",
  words: ["config", "weights"],
};

const places: ReadonlyMap<string, Place> = new Map([
  ["primary", value],
  ["postfix", value],
  ["unary", value],
  ["binary", value],
  ["expr", value],
  ["argument", value],
  ["choose", { noun: "`{` or `if`" }],
  ["whenLine", { noun: "`{` or `if`" }],
  ["index", { noun: "an index", holds: "An index is a value, `:`, `start : end` or `..`." }],
  ["extent", { noun: "a size" }],
  ["type", { noun: "a type" }],
  ["column", { noun: "a column", holds: "A row holds `name: type` and, at its end, `..`." }],
  ["rowEntry", { noun: "a column", holds: "A row is made of `name = value` and `..Rest`." }],
  ["patternAxis", { noun: "an axis", holds: "An axis is a letter, 1, `..` or `(a b)`." }],
  ["pathStep", step],
  ["pathChoice", { noun: "a name or a number" }],
  ["member", member],
  ["members", member],
  ["statement", statement],
  ["body", statement],
  ["optimizerMember", optimizerMember],
  ["optimizerItem", optimizerMember],
  ["line", line],
  ["lines", line],
  ["adaptLine", adaptLine],
  ["adaptItem", adaptLine],
  ["adapterItem", rewrite],
  ["bindings", binding],
  ["recordMember", recordMember],
  ["recordItem", recordMember],
  ["checkpoint", checkpoint],
  [
    "params",
    { noun: "a parameter", holds: "A parameter is `name: type`, or `name: type = value`." },
  ],
  ["sizes", { noun: "a size" }],
  ["namedType", { noun: "a size" }],
  ["rowType", { noun: "a column", holds: "A row holds `name: type` and, at its end, `..`." }],
  ["rowValue", { noun: "a column", holds: "A row is made of `name = value` and `..Rest`." }],
  ["call", { noun: "an argument" }],
  ["brackets", { noun: "an index" }],
  ["list", value],
  ["axes", { noun: "a named size", holds: "After the pattern come sizes: `h = H`." }],
  ["pathChoices", { noun: "a name or a number" }],
  ["importItem", { noun: "a name" }],
  ["enumItem", { noun: "a name" }],
  ["nameList", { noun: "a name" }],
  ["externItem", { noun: "`fn`, `transform` or `metric`", words: ["fn", "transform", "metric"] }],
]);

export function placeOf(rule: string): Place {
  return places.get(rule) ?? { noun: "the rest of it" };
}

/** Rules whose elements commas part: where the closer is missing, a comma may be what is missing. */
export const commaRules: ReadonlySet<string> = new Set([
  "importItem",
  "enumItem",
  "params",
  "sizes",
  "namedType",
  "rowType",
  "rowValue",
  "call",
  "brackets",
  "list",
  "axes",
  "pathChoices",
]);
