/**
 * Programs of a size that nobody writes and that machines make: each shape has one thing of which there is very
 * much. What reads programs has to come through all of them in a time that grows with their length.
 */

/** A sound program of about so many bytes: records, enums, functions, blocks, schedules and datasets, over and over. */
export function largeProgram(bytes: number): string {
  const parts = ["import std/data.{jsonl, split, shuffle}\nimport std/nn.{Linear}\n"];
  const size = () => parts.length * partOf(0).length;
  while (size() < bytes) parts.push(partOf(parts.length));
  return parts.join("\n");
}

/** The same, where so many names are misspelt, each a letter away from one that is there. */
export function misspeltProgram(bytes: number, count: number): string {
  const text = largeProgram(bytes);
  const places = text.split(calls);
  const every = Math.max(1, Math.floor((places.length - 1) / count));
  const wrong = (at: number) => at % every === 0 && at / every <= count;
  return places.map((place, at) => (at === 0 ? "" : wrong(at) ? slip : calls) + place).join("");
}

const calls = "return attended_";
const slip = "return atended_";

function partOf(at: number): string {
  return `/// Rows of the kind ${at}.
record Row${at} {
  question: string
  answer:   string
  weight:   float = 1.0
}

enum Mood${at} { calm, glad, cross }

/// The mean of two, weighted.
fn attended_${at}[B, T, D](x: float[B, T, D], y: float[B, T, D], share: float) -> float[B, T, D] {
  let other = 1.0 - share
  return share * x + other * y // neither is more than one
}

/// A layer of two projections and what they are added to.
block Layer${at}[D, H](share: float) {
  let up_proj = Linear[D, H]()
  let down_proj = Linear[H, D]()

  forward[B, T](x: float[B, T, D]) -> float[B, T, D] {
    let wide = up_proj(x)
    let narrow = down_proj(wide)
    return attended_${at}(narrow, x, share)
  }
}

schedule falling_${at}(peak: float, floor: float = 0.1) {
  let rest = if step < 100steps { 1.0 } else { floor }
  return peak * rest
}

let width_${at} = 128 * (4 + ${at % 7})

dataset rows_${at}: Row${at} = jsonl("data/rows-${at}.jsonl") |> split(held_out = 5%, seed = ${at})
dataset mixed_${at} = rows_${at}.train |> shuffle(seed = ${at % 100})
`;
}

/** Shapes with very much of one thing, by what there is much of. `count` is how many. */
export const shapes = {
  "items, each made of the one before": (count) =>
    `let a0 = 1\n${times(count, (at) => `let a${at + 1} = a${at} + 1`)}`,
  "items, each made of the one after": (count) =>
    `${times(count, (at) => `let a${at} = a${at + 1} + 1`)}\nlet a${count} = 1`,
  "items in a circle": (count) =>
    `${times(count, (at) => `let a${at} = a${(at + 1) % count} + 1`)}`,
  "items that are each defined by themselves": (count) =>
    times(count, (at) => `let a${at} = a${at} + 1`),
  "elements of a list": (count) => `let all = [${times(count, (at) => `${at}`, ", ")}]`,
  "elements of a list, a line each": (count) =>
    `let all = [\n${times(count, (at) => `  ${at},`)}\n]`,
  "letters of a string": (count) => `let text = "${"a letter ".repeat(count / 9)}"`,
  "spaces of a string": (count) => `let text = "${" ".repeat(count)}end"`,
  "escapes of a string": (count) => `let text = "${"\\n".repeat(count / 2)}"`,
  "braces of a string": (count) => `let a = "x"\nlet text = "${"{a}".repeat(count / 3)}"`,
  "open braces of a string": (count) => `let text = "${"{".repeat(count)}"`,
  "letters of a comment": (count) => `// ${"a letter ".repeat(count / 9)}\nlet a = 1`,
  "spaces between two items": (count) => `let a = 1${" ".repeat(count)}\nlet b = 2`,
  "spaces in an item": (count) => `let a =${" ".repeat(count)}1 // one`,
  "blank lines": (count) => `let a = 1${"\n".repeat(count)}let b = 2`,
  "comments, a line each": (count) => `${times(count, (at) => `// ${at}`)}\nlet a = 1`,
  "comments of documentation": (count) => `${times(count, (at) => `/// ${at}`)}\nlet a = 1`,
  "comments in a list": (count) => `let all = [\n${times(count, (at) => `  ${at}, // ${at}`)}\n]`,
  "comments between the parts of an item": (count) =>
    `let all = [1\n${times(count, (at) => `  // ${at}`)}\n]`,
  "comments at the end of an item on one line": (count) =>
    `let all = [${times(count, (at) => `${at}`, ", ")}] // the end`,
  "fields of a record": (count) =>
    `record Wide {\n${times(count, (at) => `  field_${at}: int = ${at}`)}\n}`,
  "cases of an enum": (count) => `enum Many { ${times(count, (at) => `case_${at}`, ", ")} }`,
  "parameters of a function": (count) =>
    `fn wide(${times(count, (at) => `p${at}: int`, ", ")}) -> int {\n  return ${"p0"}\n}`,
  "statements of a body": (count) =>
    `fn long(x: int) -> int {\n${times(count, (at) => `  let v${at} = x + ${at}`)}\n  return v0\n}`,
  "statements, each made of the one before": (count) =>
    `fn long(v: int) -> int {\n  let v0 = v\n${times(count, (at) => `  let v${at + 1} = v${at} + 1`)}\n  return v${count}\n}`,
  "parts of a block": (count) =>
    `block Many[D]() {\n${times(count, (at) => `  param p${at}: float[D] init zeros()`)}\n  forward[B](x: float[B, D]) -> float[B, D] {\n    return x + p0\n  }\n}`,
  "fields of a step": (count) => `train t {\n${times(count, (at) => `  field_${at} = ${at}`)}\n}`,
  "fields of a step without a name of their own": (count) =>
    `train t {\n${times(count, () => "  seed = 1")}\n}`,
  "lines of a template": (count) =>
    `record Row {\n  text: string\n}\n\ntemplate t for Row {\n${times(count, () => '  "{text}"')}\n}`,
  "steps of a path": (count) =>
    `model m = 1\nadapt a = m {\n  train ${times(count, (at) => `p${at}`, ".")}\n}`,
  "lines of an adapter list": (count) =>
    `model m = 1\nadapt a = m {\n${times(count, (at) => `  train layers.${at}`)}\n}`,
  imports: (count) => times(count, () => "import std/nn.{Linear}"),
  "names of an import": (count) => `import std/nn.{${times(count, () => "Linear", ", ")}}`,
  "imports of what is not there": (count) => times(count, (at) => `import std/nn.{Linear${at}}`),
  "imports of modules that are not there": (count) => times(count, (at) => `import std/none${at}`),
  "items of one name": (count) => times(count, () => "let same = 1"),
  "fields of one name": (count) => `record R {\n${times(count, () => "  same: int")}\n}`,
  "names that are nowhere": (count) => times(count, (at) => `let a${at} = nowhere_at_all_${at}`),
  "names that are misspelt": (count) =>
    times(count, (at) => `let some_value_${at} = 1\nlet b${at} = some_valeu_${at}`),
  "names that are misspelt in one body": (count) =>
    `fn f(some_value: int) -> int {\n${times(count, (at) => `  let value_${at} = some_vlaue`)}\n  return 1\n}`,
  "columns that are misspelt": (count) =>
    `record R {\n${times(count, (at) => `  field_${at}: int`)}\n}\n\nlet r = R(${times(count, (at) => `feild_${at} = 1`, ", ")})`,
  "items with a syntax error": (count) => times(count, (at) => `let a${at} = = 1`),
  "sound items and items with a syntax error": (count) =>
    times(count, (at) => `let a${at} = = 1\nfn f${at}(x: int) -> int {\n  return x\n}`),
  "items that are never closed": (count) => times(count, (at) => `record R${at} {\n  a: int`),
  "items of no known kind": (count) => times(count, (at) => `lett a${at} = 1`),
  "syntax errors in one item": (count) =>
    `train t {\n${times(count, (at) => `  field_${at} = = 1`)}\n}`,
  "one syntax error in one item of many fields": (count) =>
    `train t {\n${times(count, (at) => `  field_${at} = 1`)}\n  last == 2\n}`,
  "item words at the start of lines of an item": (count) =>
    `train t {\n${times(count, () => "model = 1")}\n}`,
  "letters that mean nothing": (count) => `let a = 1 ${"; ".repeat(count)}\nlet b = 2`,
  "letters that mean nothing, before all items": (count) => `${"; ".repeat(count)}\nlet b = 2`,
  "letters that mean nothing and are parted": (count) => times(count, (at) => `let a${at} = 1;`),
  "bytes that are no text": (count) => "\uFFFD ".repeat(count),
  "brackets that are never closed": (count) => `let a = ${"(".repeat(count)}`,
  "brackets that close nothing": (count) => `let a = 1 ${")".repeat(count)}`,
  "operators in a row": (count) => `let a = ${"1 + ".repeat(count)}1`,
  "strings that are never closed": (count) => times(count, (at) => `let a${at} = "text`),
  "quotes on a line": (count) => `let a = ${'"{'.repeat(count)}`,
  "parted quantities": (count) => `let a = [${times(count, () => "32 seq", ", ")}]`,
  "hashes on a line": (count) => `let a = 1\n${"#".repeat(count)}\n`,
  "digits of a number": (count) => `let a = ${"1".repeat(count)}`,
  "letters of a name": (count) => `let ${"a".repeat(count)} = 1\nlet b = ${"a".repeat(count)}a`,
  "letters of other alphabets": (count) => `let a = "${"🦙".repeat(count / 2)}" + 1`,
  "words on one line": (count) => "word ".repeat(count),
  "names on a line of their own": (count) => "word\n".repeat(count),
  "labels in one line": (count) => `let a = ${times(count, (at) => `nowhere${at}`, ".")}`,
} satisfies Readonly<Record<string, (count: number) => string>>;

export type Shape = keyof typeof shapes;

function times(count: number, part: (at: number) => string, between = "\n"): string {
  return Array.from({ length: count }, (_, at) => part(at)).join(between);
}
