/**
 * Texts that may be programs, for tests of what reads them: soups of words, bytes, and programs without a fault,
 * written as nobody would write them. damaged.ts has those that were programs once.
 */

import { readFileSync } from "node:fs";
import fc, { type Arbitrary } from "fast-check";
import { itemWords, statementWords } from "../../compiler/syntax/tokens.ts";
import { projectFiles } from "./tree.ts";

export interface Text {
  readonly path: string;
  readonly text: string;
}

/** Every program that this project ships. */
export const shipped: readonly Text[] = projectFiles()
  .filter((path) => path.endsWith(".ftp"))
  .map((path) => ({ path, text: readFileSync(path, "utf8") }));

// Soups ------------------------------------------------------------------------------------------

const signs =
  "( ) [ ] { } -> |> .. . , : ? || && == != <= >= < > + - * ** / % ! = => ; # ' \" \\ @ 🦙 é".split(
    " ",
  );
const values = [
  "x",
  "einsum",
  "1",
  "2.5",
  "2e-4",
  "3%",
  "32 seq",
  '"a {b} c"',
  '"{',
  '"a\\q"',
  "// c",
  "/// d",
];
const spaces = ["", " ", "\n", "\n  ", "\r\n", "\t", " \n\n"];

const piece = fc.oneof(
  fc.constantFrom(...itemWords.map((word) => `\n${word}`)),
  fc.constantFrom(...statementWords),
  fc.constantFrom(...signs),
  fc.constantFrom(...values),
);

/** Words, signs and values in any order. */
export const soup: Arbitrary<string> = fc
  .array(fc.tuple(piece, fc.constantFrom(...spaces)), { maxLength: 60 })
  .map((pieces) => pieces.flat().join(""));

const letters = [
  "\u2028",
  "\u2029",
  "\uFEFF",
  "\u0000",
  "\ud800",
  "e\u0301",
  "👩‍👩‍👧",
  "日本",
  "שלום",
  "“",
  "”",
  "→",
  "\u200b",
];
const lineEnds = ["\r\n", "\r", "\n", "\n\r", "\f", "\v", "\u0085"];

/** Words among letters of all alphabets, and line ends of all kinds, none of which is a line end alone. */
export const scripts: Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.tuple(piece, fc.constantFrom(...spaces)),
      fc.tuple(fc.constantFrom(...letters), fc.constantFrom(...lineEnds)),
      fc.tuple(
        fc.string({ unit: "binary", maxLength: 4 }),
        fc.constantFrom("", '"', "//", ...lineEnds),
      ),
    ),
    { maxLength: 40 },
  )
  .map((pieces) => pieces.flat().join(""));

/** Comments and items among line ends and space of all kinds: what decides to which item a comment belongs. */
export const remarks: Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom("/// d", "// c", "let a = 1", "let b = [1,", "2]", "train t {", "}", "a = 1"),
      fc.constantFrom(" ", "\t", "\uFEFF", "\u00a0", ...lineEnds),
    ),
    { maxLength: 16 },
  )
  .map((pieces) => pieces.join(""));

/** Bytes, read as a file of text is read. */
export const bytes: Arbitrary<string> = fc
  .uint8Array({ maxLength: 120 })
  .map((some) => Buffer.from(some).toString("utf8"));

// Programs ---------------------------------------------------------------------------------------

/** Words of a program; one that begins with `~` touches what is before it. */
type Words = readonly string[];

const name = fc.constantFrom("a", "b", "wide_name", "self_attn", "a_name_that_is_rather_long");

function sequence(...parts: readonly (string | Arbitrary<Words>)[]): Arbitrary<Words> {
  return fc
    .tuple(...parts.map((part) => (typeof part === "string" ? fc.constant([part]) : part)))
    .map((words) => words.flat());
}

/** The first of these ends what would nest on and on. */
function oneOf(...words: readonly Arbitrary<Words>[]): Arbitrary<Words> {
  return fc.oneof({ maxDepth: 3, depthIdentifier: "value", withCrossShrink: true }, ...words);
}

function word(arbitrary: Arbitrary<string>): Arbitrary<Words> {
  return arbitrary.map((text) => [text]);
}

function maybe(words: Arbitrary<Words>): Arbitrary<Words> {
  return fc.oneof(fc.constant([]), words);
}

function several(words: Arbitrary<Words>, least = 0): Arbitrary<Words> {
  return fc.array(words, { minLength: least, maxLength: 3 }).map((all) => all.flat());
}

/** With commas between, and perhaps one after the last. */
function list(words: Arbitrary<Words>, least = 0): Arbitrary<Words> {
  return fc
    .tuple(fc.array(words, { minLength: least, maxLength: 3 }), fc.boolean())
    .map(([all, trails]) =>
      all.flatMap((one, at) => (at < all.length - 1 || trails ? [...one, ","] : one)),
    );
}

const text = word(fc.constantFrom('""', '"text"', '"{a} and {b.c(1)}"', '"( // 🦙"', '"é\\n"'));
const atom = fc.oneof(
  word(name),
  word(fc.constantFrom("1", "2.50", "2e-4", "3%", "2048tok", "true", "none")),
  text,
);

type Grammar = {
  readonly expr: Words;
  readonly operand: Words;
  readonly postfix: Words;
  readonly type: Words;
};

const grammar = fc.letrec<Grammar>((tie) => {
  const size = fc.oneof(tie("expr"), word(fc.constantFrom("..", "..S")));
  const argument = fc.oneof(tie("expr"), sequence(word(name), "=", tie("expr")));
  const pattern = several(
    fc.oneof(word(fc.constantFrom("b", "t", "1", "..")), fc.constant(["(", "h", "k", ")"])),
  );
  const index = fc.oneof(
    word(fc.constantFrom(":", "..")),
    tie("expr"),
    sequence(tie("expr"), ":", maybe(tie("expr"))),
    sequence(":", tie("expr")),
  );
  return {
    expr: oneOf(
      tie("operand"),
      sequence(tie("operand"), word(fc.constantFrom("==", "<", ">=")), tie("operand")),
      sequence(
        tie("operand"),
        word(fc.constantFrom("+", "*", "&&")),
        tie("operand"),
        word(fc.constantFrom("-", "/", "%", "||")),
        tie("operand"),
      ),
      sequence(tie("operand"), "|>", tie("postfix"), "|>", tie("postfix")),
    ),
    operand: oneOf(
      tie("postfix"),
      sequence(word(fc.constantFrom("-", "!")), tie("operand")),
      sequence("if", tie("expr"), "{", tie("expr"), "}", "else", "{", tie("expr"), "}"),
      sequence(
        "if",
        tie("expr"),
        "{",
        tie("expr"),
        "}",
        "else",
        "if",
        tie("expr"),
        "{",
        tie("expr"),
        "}",
        "else",
        "{",
        tie("expr"),
        "}",
      ),
    ),
    postfix: oneOf(
      atom,
      sequence("(", tie("expr"), ")"),
      sequence("[", list(tie("expr")), "]"),
      sequence(word(name), ".", word(name), "~(", list(argument), ")"),
      sequence("(", tie("expr"), ")", "~[", list(index, 1), "]"),
      sequence(word(name), "~[", list(size, 1), "]", "~(", list(argument), ")"),
      sequence(
        "einsum",
        "~(",
        tie("expr"),
        ":",
        pattern,
        ",",
        tie("expr"),
        ":",
        pattern,
        "->",
        pattern,
        ")",
      ),
      sequence(
        "reduce",
        "~(",
        tie("expr"),
        ":",
        pattern,
        "->",
        pattern,
        ",",
        "by",
        "=",
        word(name),
        ")",
      ),
    ),
    type: oneOf(
      sequence(word(name), maybe(fc.constant(["?"]))),
      sequence(word(name), "~[", list(size, 1), "]"),
      sequence("{", "text", ":", tie("type"), ",", "..R", "}"),
    ),
  };
});

const { expr, type } = grammar;
const field = sequence(word(name), ":", type, maybe(sequence("=", expr)));
const sizes = maybe(sequence("~[", list(word(fc.constantFrom("B", "T", "..S")), 1), "]"));
const params = sequence("~(", list(field), ")");
const binding = sequence(word(name), "=", expr);
const require = sequence("require", expr, maybe(sequence(",", text)));
const statement = fc.oneof(
  sequence("let", word(name), maybe(sequence(":", type)), "=", expr),
  require,
);
const body = sequence("{", several(statement), "return", expr, "}");
const path = sequence(
  word(name),
  ".",
  word(fc.constantFrom("*", "**", "0.1")),
  maybe(sequence(".", "{", list(fc.oneof(word(name), fc.constant(["0", "..", "11"])), 1), "}")),
);
const row = fc.constantFrom<Words>(
  ["{", "..R", "}"],
  ["{", "text", ":", "string", ",", "}"],
  ["{", "}"],
);
const member = fc.oneof(
  statement,
  sequence(
    "param",
    word(name),
    ":",
    type,
    maybe(sequence("init", expr)),
    maybe(sequence("if", expr)),
  ),
  sequence("tie", path, "=", path, maybe(sequence("if", expr))),
  sequence("forward", sizes, params, "->", type, body),
  sequence("merge", path, "=", expr),
  sequence(
    "checkpoint",
    text,
    "{",
    maybe(sequence("config", "{", several(binding), "}")),
    maybe(sequence("weights", "{", several(sequence(path, "=", text)), "}")),
    "}",
  ),
);
const members = sequence("{", several(member), "}");
const lines = sequence(
  "{",
  several(
    fc.oneof(
      text,
      sequence("learn", maybe(sequence("if", expr)), "{", several(text), "}"),
      sequence("for", word(name), "in", expr, "{", several(text), "}"),
      sequence(
        "if",
        expr,
        "{",
        several(text),
        "}",
        maybe(sequence("else", "{", several(text), "}")),
      ),
    ),
  ),
  "}",
);

const item = fc.oneof(
  sequence("import", "std", "/", word(name), maybe(sequence(".", "{", list(word(name), 1), "}"))),
  sequence("enum", word(name), "{", list(word(name), 1), "}"),
  sequence("record", word(name), "{", several(fc.oneof(field, require)), "}"),
  sequence("fn", word(name), sizes, params, "->", type, body),
  sequence("metric", word(name), params, "->", type, body),
  sequence("block", word(name), sizes, params, members),
  sequence(
    "adapter",
    word(name),
    params,
    "{",
    several(sequence("rewrite", word(name), sizes, "as", word(name), members)),
    "}",
  ),
  sequence(
    "optimizer",
    word(name),
    params,
    "{",
    several(
      fc.oneof(
        statement,
        sequence("next", binding),
        sequence("state", word(name), ":", type, "=", expr),
      ),
    ),
    "}",
  ),
  sequence("schedule", word(name), params, body),
  sequence("template", word(name), "for", word(name), lines),
  sequence(
    "extern",
    "transform",
    word(name),
    params,
    maybe(sequence("from", "row", ":", row)),
    "to",
    "a",
    ":",
    row,
    ",",
    row,
  ),
  sequence("transform", word(name), params, "from", row, "to", "{", binding, ",", "..R", "}"),
  sequence("let", binding),
  sequence("dataset", word(name), ":", type, "=", expr),
  sequence(
    "model",
    word(name),
    "=",
    expr,
    maybe(sequence("from", text, maybe(sequence("as", expr)))),
  ),
  sequence(
    "adapt",
    word(name),
    "=",
    word(name),
    "{",
    several(
      fc.oneof(
        sequence(word(name), "~(", list(binding), ")", "on", path),
        sequence("train", path),
        sequence("freeze", path),
      ),
    ),
    "}",
  ),
  sequence(
    word(fc.constantFrom("train", "evaluate", "export")),
    word(name),
    "{",
    several(binding),
    "}",
  ),
);

const gaps = [
  " ",
  "  ",
  "\n ",
  "\n\n\n  ",
  "\t",
  "\r\n ",
  " // remark\n ",
  "\n// line\n ",
  "\n/// doc\n ",
  " /// aside\n\n ",
];
const gap = fc.oneof(
  { weight: 12, arbitrary: fc.constant(" ") },
  { weight: 1, arbitrary: fc.constantFrom(...gaps) },
);

const spacedItem = item.chain((words) =>
  fc
    .array(gap, { minLength: words.length, maxLength: words.length })
    .map((gaps) =>
      words
        .map((one, at) =>
          one.startsWith("~") ? one.slice(1) : `${at === 0 ? "" : gaps[at]}${one}`,
        )
        .join(""),
    ),
);
const ends = ["\n", "\n\n", "\n// between\n", " // after\n", "\n/// about\n"];

/** Programs that the grammar takes, with space and comments wherever they can be. */
export const program: Arbitrary<string> = fc
  .array(fc.tuple(spacedItem, fc.constantFrom(...ends)), { maxLength: 4 })
  .map((items) => items.flat().join(""));
