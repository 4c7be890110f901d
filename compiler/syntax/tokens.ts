/**
 * The words and signs of `.ftp`. Item words are tokens of their own only at column 1; statement words are
 * also names (their category is `Name`), so `from`, `to` or `train` can name a field.
 */

import { type CustomPatternMatcherFunc, createToken, Lexer, type TokenType } from "chevrotain";

// Categories: never made by the lexer, only asked for by the grammar.

export const ItemWord = createToken({ name: "ItemWord", pattern: Lexer.NA });
export const Operator = createToken({ name: "Operator", pattern: Lexer.NA });

// Text that carries no meaning -------------------------------------------------------------------

const Space = createToken({
  name: "Space",
  // A byte order mark may open a file; elsewhere it is as harmless as a space.
  pattern: /[ \t\r\n\f\uFEFF]+/,
  group: Lexer.SKIPPED,
  line_breaks: true,
});

export const CommentText = createToken({
  name: "CommentText",
  pattern: /\/\/[^\n\r]*/,
  group: "comments",
});

function tokenName(prefix: string, word: string): string {
  return `${prefix}${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}

/** A comment of another language: skipped as one, and reported. */
export const HashComment = createToken({
  name: "HashComment",
  pattern: /#[^\n\r]*/,
  group: "hashes",
});

// Items ------------------------------------------------------------------------------------------

/** Whether a line begins at this offset. */
export function beginsLine(text: string, offset: number): boolean {
  return (
    offset === 0 || endsLine(text[offset - 1]) || (offset === 1 && text.charCodeAt(0) === 0xfeff)
  );
}

/** Line feeds and, as editors count lines, carriage returns. */
export function endsLine(letter: string | undefined): boolean {
  return letter === "\n" || letter === "\r";
}

/** A letter that parts words and means nothing else. */
export function isSpace(letter: string | undefined): boolean {
  return letter !== undefined && " \t\r\n\f\uFEFF".includes(letter);
}

/** The space from an offset on: where it ends, and how many lines end in it. */
export function spaceFrom(text: string, offset: number): { end: number; lines: number } {
  let end = offset;
  let lines = 0;
  for (; isSpace(text[end]); end++) {
    if (endsLine(text[end]) && !(text[end] === "\r" && text[end + 1] === "\n")) lines++;
  }
  return { end, lines };
}

/** Whether nothing but space stands before this offset on its line. */
export function opensLine(text: string, offset: number): boolean {
  let start = offset;
  while (isSpace(text[start - 1]) && !endsLine(text[start - 1])) start--;
  return start === 0 || endsLine(text[start - 1]);
}

function itemWord(word: string): TokenType {
  const matcher = new RegExp(`${word}\\b`, "y");
  const pattern: CustomPatternMatcherFunc = (text, offset) => {
    if (!beginsLine(text, offset)) return null;
    matcher.lastIndex = offset;
    return matcher.exec(text);
  };
  return createToken({
    name: tokenName("Item", word),
    label: word,
    pattern,
    categories: [ItemWord],
    start_chars_hint: [word.charAt(0)],
    line_breaks: false,
  });
}

export const ImportItem = itemWord("import");
export const EnumItem = itemWord("enum");
export const RecordItem = itemWord("record");
export const FnItem = itemWord("fn");
export const BlockItem = itemWord("block");
export const AdapterItem = itemWord("adapter");
export const OptimizerItem = itemWord("optimizer");
export const ScheduleItem = itemWord("schedule");
export const TemplateItem = itemWord("template");
export const TransformItem = itemWord("transform");
export const MetricItem = itemWord("metric");
export const ExternItem = itemWord("extern");
export const LetItem = itemWord("let");
export const ModelItem = itemWord("model");
export const DatasetItem = itemWord("dataset");
export const AdaptItem = itemWord("adapt");
export const TrainItem = itemWord("train");
export const EvaluateItem = itemWord("evaluate");
export const ExportItem = itemWord("export");

const itemTokens = [
  ImportItem,
  EnumItem,
  RecordItem,
  FnItem,
  BlockItem,
  AdapterItem,
  OptimizerItem,
  ScheduleItem,
  TemplateItem,
  TransformItem,
  MetricItem,
  ExternItem,
  LetItem,
  ModelItem,
  DatasetItem,
  AdaptItem,
  TrainItem,
  EvaluateItem,
  ExportItem,
];

export function itemTokenOf(word: string): TokenType | undefined {
  return itemTokens.find((token) => token.LABEL === word);
}

/** Every word that begins an item. */
export const itemWords: readonly string[] = itemTokens.map((token) => token.LABEL ?? token.name);

// Names ------------------------------------------------------------------------------------------

/** A name, or a statement word that stands where a name is wanted. */
export const Name = createToken({ name: "Name", label: "a name", pattern: /[A-Za-z_]\w*/ });

function word(text: string): TokenType {
  return createToken({
    name: tokenName("Word", text),
    label: `\`${text}\``,
    pattern: new RegExp(`${text}\\b`),
    categories: [Name],
  });
}

export const Param = word("param");
export const Let = word("let");
export const Tie = word("tie");
export const RequireWord = word("require");
export const ForwardWord = word("forward");
export const MergeWord = word("merge");
export const CheckpointWord = word("checkpoint");
export const Config = word("config");
export const Weights = word("weights");
export const Return = word("return");
export const State = word("state");
export const Next = word("next");
export const Learn = word("learn");
export const For = word("for");
export const In = word("in");
export const If = word("if");
export const Else = word("else");
export const RewriteWord = word("rewrite");
export const As = word("as");
export const On = word("on");
export const From = word("from");
export const To = word("to");
export const Init = word("init");
export const TrainWord = word("train");
export const Freeze = word("freeze");
export const FnWord = word("fn");
export const TransformWord = word("transform");
export const MetricWord = word("metric");
export const True = word("true");
export const False = word("false");
export const None = word("none");

/** The four operations that are written with axis letters. */
export const AxesWord = createToken({
  name: "AxesWord",
  pattern: /(?:einsum|rearrange|repeat|reduce)\b/,
  categories: [Name],
});

const wordTokens = [
  Param,
  Let,
  Tie,
  RequireWord,
  ForwardWord,
  MergeWord,
  CheckpointWord,
  Config,
  Weights,
  Return,
  State,
  Next,
  Learn,
  For,
  In,
  If,
  Else,
  RewriteWord,
  As,
  On,
  From,
  To,
  Init,
  TrainWord,
  Freeze,
  FnWord,
  TransformWord,
  MetricWord,
  True,
  False,
  None,
  AxesWord,
];

/** Words that begin or part statements. */
export const statementWords: readonly string[] = wordTokens
  .filter((token) => token !== AxesWord)
  .map((token) => (token.LABEL ?? "").replaceAll("`", ""));

export function isWord(type: TokenType): boolean {
  return wordTokens.includes(type);
}

export function wordTokenOf(word: string): TokenType | undefined {
  return wordTokens.find((token) => token.LABEL === `\`${word}\``);
}

// Literals ---------------------------------------------------------------------------------------

export const NumberWord = createToken({
  name: "NumberWord",
  label: "a number",
  pattern: /\d+(?:\.\d+)?/,
});

/** Has an exponent, so it wins over a quantity whose unit would be `e`. */
const ExponentNumber = createToken({
  name: "ExponentNumber",
  pattern: /\d+(?:\.\d+)?[eE][+-]?\d+(?![\w%])/,
  categories: [NumberWord],
});

/** A number and its unit in one word: `3%`, `2048tok`, `1e6tok`. */
export const Quantity = createToken({
  name: "Quantity",
  label: "a quantity",
  pattern: /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?:%|[A-Za-z]\w*)/,
});

/** The units there are, which `32 seq` may have parted from its number. */
export const units: ReadonlySet<string> = new Set(
  "% steps step epochs epoch tok tokens ktok Mtok Gtok seq B KiB MiB GiB s min h".split(" "),
);

/** A string that its line closes; braces in it may hold strings of their own. */
export const StringText = createToken({
  name: "StringText",
  label: "a string",
  pattern: (text: string, offset: number) => matched(text, offset, endOfString(text, offset)),
  start_chars_hint: ['"'],
  line_breaks: false,
});

/** A string that its line does not close: it runs to the end of the line and a fault is reported. */
export const UnclosedString = createToken({
  name: "UnclosedString",
  pattern: /"[^\n\r]*/,
  categories: [StringText],
});

/** A string of another language: read as one, and reported. */
export const ForeignString = createToken({
  name: "ForeignString",
  pattern: /'[^'\n\r]*'|“[^”\n\r]*”/,
  categories: [StringText],
});

function matched(text: string, start: number, end: number | undefined): [string] | null {
  return end === undefined ? null : [text.slice(start, end)];
}

/** The offset after the closing quote, or undefined if the line ends first. */
function endOfString(text: string, start: number): number | undefined {
  return scanString(text, start, true) ?? scanString(text, start, false);
}

/** Far more than can be read (depth.ts), and so few that a line of quotes and braces alone is soon given up. */
const deepestString = 60;

function scanString(text: string, start: number, bracesNest: boolean): number | undefined {
  // Each entry is a construct that is open: a string, or a brace inside of one.
  const open: ("string" | "brace")[] = ["string"];
  for (let at = start + 1; at < text.length; at++) {
    const letter = text[at];
    if (letter === "\n" || letter === "\r" || open.length > deepestString) return undefined;
    if (open.at(-1) === "string") {
      if (letter === "\\") at++;
      else if (letter === "{" && bracesNest) open.push("brace");
      else if (letter === '"') open.pop();
    } else if (letter === '"') open.push("string");
    else if (letter === "{") open.push("brace");
    else if (letter === "}") open.pop();
    if (open.length === 0) return at + 1;
  }
  return undefined;
}

// Signs ------------------------------------------------------------------------------------------

function sign(name: string, text: string, categories: TokenType[] = []): TokenType {
  return createToken({ name, label: `\`${text}\``, pattern: text, categories });
}

export const LParen = sign("LParen", "(");
export const LSquare = sign("LSquare", "[");
export const RParen = sign("RParen", ")");
export const RSquare = sign("RSquare", "]");
export const LCurly = sign("LCurly", "{");
export const RCurly = sign("RCurly", "}");

/** What a callee or an indexed value ends with; a bracket that touches it continues the expression. */
const ends = /[\w)\]]/;

function tight(bracket: TokenType, text: string): TokenType {
  return createToken({
    name: `Tight${bracket.name}`,
    label: `\`${text}\``,
    pattern: (source: string, offset: number) =>
      source[offset] === text && offset > 0 && ends.test(source[offset - 1])
        ? matched(source, offset, offset + 1)
        : null,
    categories: [bracket],
    start_chars_hint: [text],
    line_breaks: false,
  });
}

/** `(` that touches what is before it: a call. */
export const TightLParen = tight(LParen, "(");
/** `[` that touches what is before it: an index, sizes, extents. */
export const TightLSquare = tight(LSquare, "[");

export const Arrow = sign("Arrow", "->");
export const PipeSign = sign("PipeSign", "|>");
export const DotDot = sign("DotDot", "..");
export const Dot = sign("Dot", ".");
export const Comma = sign("Comma", ",");
export const Colon = sign("Colon", ":");
export const Question = sign("Question", "?");
export const Or = sign("Or", "||", [Operator]);
export const And = sign("And", "&&", [Operator]);
export const Equal = sign("Equal", "==", [Operator]);
export const Unequal = sign("Unequal", "!=", [Operator]);
export const AtMost = sign("AtMost", "<=", [Operator]);
export const AtLeast = sign("AtLeast", ">=", [Operator]);
export const Less = sign("Less", "<", [Operator]);
export const Greater = sign("Greater", ">", [Operator]);
export const Plus = sign("Plus", "+", [Operator]);
export const Minus = sign("Minus", "-", [Operator]);
export const StarStar = sign("StarStar", "**");
export const Star = sign("Star", "*", [Operator]);
export const Slash = sign("Slash", "/", [Operator]);
export const Percent = sign("Percent", "%", [Operator]);
export const Bang = sign("Bang", "!");
export const Equals = sign("Equals", "=");

/** In the order in which they are tried: the longer of two that begin alike comes first. */
export const vocabulary: TokenType[] = [
  Space,
  CommentText,
  HashComment,
  ...itemTokens,
  ...wordTokens,
  Name,
  ExponentNumber,
  Quantity,
  NumberWord,
  StringText,
  UnclosedString,
  ForeignString,
  TightLParen,
  TightLSquare,
  LParen,
  LSquare,
  RParen,
  RSquare,
  LCurly,
  RCurly,
  Arrow,
  PipeSign,
  DotDot,
  Dot,
  Comma,
  Colon,
  Question,
  Or,
  And,
  Equal,
  Unequal,
  AtMost,
  AtLeast,
  Less,
  Greater,
  Plus,
  Minus,
  StarStar,
  Star,
  Slash,
  Percent,
  Bang,
  Equals,
  ItemWord,
  Operator,
];

export function tokenOf(name: string): TokenType | undefined {
  return vocabulary.find((token) => token.name === name);
}
