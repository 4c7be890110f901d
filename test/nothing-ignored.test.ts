/**
 * What a user writes is read. Every field of every step, every argument of `every`, `best` and `last`, and every
 * parameter of the standard library is set to something else, and then the plan is another one or a diagnostic
 * refuses it. The lists are derived, so what is added without being read fails here.
 */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fieldCalls, stepFields } from "../compiler/core/step-fields.ts";
import { check, hasErrors } from "../compiler/driver.ts";
import type { Module, NamedItem } from "../compiler/names/module.ts";
import { assemble, type DataFacts } from "../compiler/plan/assemble.ts";
import { softwareTarget } from "../compiler/plan/target.ts";
import { textOf } from "../compiler/source/file.ts";
import type {
  AdapterItem,
  Expr,
  Field,
  OptimizerItem,
  ScheduleItem,
  TransformItem,
} from "../compiler/syntax/ast.ts";
import { expressionsIn, type SyntaxNode } from "../compiler/syntax/walk.ts";
import { libraryNames, loaded } from "./support/library.ts";

// A pipeline of one step of each kind ---------------------------------------------------------------

interface Parts {
  readonly imports: string;
  readonly adapter: string;
  readonly train: string;
  readonly evaluate: string;
  readonly export: string;
}

const sound: Parts = {
  imports: "",
  adapter: "",
  train: `  model         = clerk
  dataset       = training
  loss          = next_token
  optimizer     = sgd(momentum = 0.5)
  learning_rate = 0.01
  grad_clip     = 1.0
  batch         = 4seq
  length        = 20steps
  seed          = 17
  eval          = every(10steps, on = training)
  save          = best(eval.loss, to = "out/clerk", every = 5steps)
`,
  evaluate: `  models  = [clerk]
  dataset = training
  loss    = next_token
  metrics = [perplexity, exact_match]
`,
  export: `  model = clerk
  to    = "out/whole"
`,
};

/** `embed`, `norm` and `head` are of the blocks that adapters rewrite. */
function pipelineWith(changes: Partial<Parts>): string {
  const { imports, adapter, train, evaluate, export: exported } = { ...sound, ...changes };
  return `import std/nn.{Linear, Embedding, RmsNorm, LayerNorm}
import std/data.{text, tokenize, pack}
import std/loss.{next_token}
import std/metric.{perplexity, exact_match}
import std/optim.{sgd}
${imports}
/// Another loss: each token, whatever is to be learned.
fn each_token[B, T, V](logits: float[B, T, V], tokens: int[B, T]) -> mean {
  return cross_entropy(logits, tokens)
}

block Tiny() {
  let embed = Embedding[64, 32]()
  let norm = RmsNorm[32](1e-5)
  let layer_norm = LayerNorm[32](1e-5)
  let head = Linear[32, 64](bias = true)

  forward[B, T](tokens: int[B, T]) -> float[B, T, 64] {
    return head(layer_norm(norm(embed(tokens))))
  }
}

dataset words = text("words.txt")

let tokenizer = bpe(words, vocabulary = 64, special = ["<|end|>"], end = "<|end|>")

model tiny = Tiny(tokenizer = tokenizer)
model other = Tiny(tokenizer = tokenizer)

dataset training = words |> tokenize(tokenizer) |> pack(length = 8tok)
dataset others = text("others.txt") |> tokenize(tokenizer) |> pack(length = 8tok)

adapt clerk = tiny {
  ${adapter === "" ? "train head" : adapter}
}

train sft {
${train}}

evaluate quality {
${evaluate}}

export merged {
${exported}}
`;
}

const facts: ReadonlyMap<string, DataFacts> = new Map(
  ["training", "others"].map((name) => [name, { windows: 40, hash: name }]),
);

interface Outcome {
  /** The plan as text; empty if it is refused. */
  readonly plan: string;
  readonly faults: readonly string[];
}

function outcomeOf(source: string): Outcome {
  const { pipeline, diagnostics } = check(loaded(source), new Map());
  if (hasErrors(diagnostics))
    return { plan: "", faults: diagnostics.map(({ slug, title }) => `${slug}: ${title}`) };
  const { plan, diagnostics: found } = assemble(pipeline, {
    source: "case.ftp",
    compiler: "ftc",
    target: softwareTarget,
    data: facts,
    optimise: (graph) => graph,
  });
  const faults = found.map(({ slug, title }) => `${slug}: ${title}`);
  return { plan: plan === undefined ? "" : JSON.stringify(plan), faults };
}

function planOf(source: string): string {
  const { plan, faults } = outcomeOf(source);
  expect(faults).toEqual([]);
  return plan;
}

/** The change is seen: in the plan, or by a fault. */
function expectHeard(changed: string, before: string): void {
  const { plan, faults } = outcomeOf(changed);
  expect(faults.length > 0 || plan !== before).toBe(true);
}

const soundPlan = planOf(pipelineWith({}));

test("a comment changes no plan, so a plan that changes says something", () => {
  expect(planOf(`// Nothing.\n${pipelineWith({})}`)).toBe(soundPlan);
});

// Steps ---------------------------------------------------------------------------------------------

/** Another value for each field; what has no case here fails. */
const otherFields: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  train: {
    model: "other",
    dataset: "others",
    loss: "each_token",
    optimizer: "sgd(momentum = 0.25)",
    learning_rate: "0.02",
    grad_clip: "2.0",
    batch: "8seq",
    at_once: "2seq",
    length: "30steps",
    precision: "mixed(compute = f16, master = f32)",
    memory: "1KiB",
    seed: "18",
    eval: "every(5steps, on = training)",
    save: '"out/elsewhere"',
  },
  evaluate: {
    models: "[other]",
    dataset: "others",
    loss: "each_token",
    metrics: "[perplexity]",
    limit: "3tok",
  },
  export: { model: "other", format: "peft", to: '"out/elsewhere"' },
};

/** The step with the field given this value, whether it has it or not. */
function withField(fields: string, name: string, value: string): string {
  const line = new RegExp(`^  ${name} +=.*$`, "m");
  const written = `  ${name} = ${value}`;
  return line.test(fields) ? fields.replace(line, written) : `${fields}${written}\n`;
}

describe.each(Object.entries(stepFields))("a %s step reads", (kind, names) => {
  test.each(names)("%s", (name) => {
    const value = otherFields[kind]?.[name];
    if (value === undefined) throw new Error(`${kind}.${name} has no case in this test`);
    const part = kind === "train" ? "train" : kind === "evaluate" ? "evaluate" : "export";
    expectHeard(pipelineWith({ [part]: withField(sound[part], name, value) }), soundPlan);
  });

  test("no field that it does not have", () => {
    const part = kind === "train" ? "train" : kind === "evaluate" ? "evaluate" : "export";
    const { faults } = outcomeOf(pipelineWith({ [part]: withField(sound[part], "colour", "1") }));
    expect(faults.join()).toContain("no-such-field");
  });
});

describe("an amount that a step cannot have is refused, and none is made another in silence:", () => {
  test.each([
    ["train", "batch", "0seq", "`batch` is more than 0"],
    ["train", "batch", "2.5seq", "`batch` is a whole number"],
    ["train", "at_once", "0seq", "`at_once` is more than 0"],
    ["train", "length", "0steps", "`length` is more than 0"],
    ["train", "length", "0.5steps", "`length` is a whole number"],
    ["train", "grad_clip", "-1.0", "`grad_clip` is more than 0"],
    ["train", "learning_rate", "0.0", "`learning_rate` is more than 0"],
    ["train", "eval", "every(0steps, on = training)", "`every` is more than 0"],
    ["evaluate", "limit", "0tok", "`limit` is more than 0"],
    ["evaluate", "models", "[]", "`models` is a list of one or more"],
    ["evaluate", "metrics", "[]", "`metrics` is a list of one or more"],
  ] as const)("%s { %s = %s }", (part, name, value, text) => {
    const source = pipelineWith({ [part]: withField(sound[part], name, value) });
    expect(outcomeOf(source).faults.join("\n")).toContain(text);
  });
});

/** A call with each argument, and another value for each. */
const otherArguments: Readonly<Record<string, Readonly<Record<string, [string, string]>>>> = {
  every: { span: ["10steps", "5steps"], on: ["training", "others"] },
  best: {
    metric: ["eval.loss", "eval.accuracy"],
    to: ['"out/clerk"', '"out/elsewhere"'],
    every: ["5steps", "4steps"],
  },
  last: { to: ['"out/clerk"', '"out/elsewhere"'], every: ["5steps", "4steps"] },
};

const calls = Object.entries(fieldCalls).flatMap(([field, words]) =>
  Object.entries(words).map(([word, names]) => ({ field, word, names })),
);

describe.each(calls)("$word reads", ({ field, word, names }) => {
  const called = (changed: string | undefined, more = ""): string => {
    const given = names.map((name) => {
      const values = otherArguments[word]?.[name];
      if (values === undefined) throw new Error(`${word}.${name} has no case in this test`);
      return `${name} = ${values[name === changed ? 1 : 0]}`;
    });
    const value = `${word}(${given.join(", ")}${more})`;
    return pipelineWith({ train: withField(sound.train, field, value) });
  };

  test.each(names)("%s", (name) => {
    expectHeard(called(name), planOf(called(undefined)));
  });

  test("no argument that it does not have", () => {
    expect(outcomeOf(called(undefined, ", colour = 1")).faults.join()).toContain("no-such-field");
  });
});

test("`best` without an evaluation to go by is refused", () => {
  const train = sound.train.replace(/^ {2}eval .*\n/m, "");
  const { faults } = outcomeOf(pipelineWith({ train }));
  expect(faults).toContain(
    "eval-without-data: `best` compares evaluations, and this step has none",
  );
});

// The standard library ------------------------------------------------------------------------------

const modules: readonly Module[] = libraryNames.map((name) => {
  const program = loaded(`import std/${name}\n`);
  const module = program.modules.find((one) => one.path === `std/${name}`);
  if (module === undefined) throw new Error(`there is no std/${name}`);
  return module;
});

interface Home<Item> {
  readonly module: Module;
  readonly item: Item;
  readonly field: Field;
}

/** Every parameter of every item of a kind. */
function parametersOf<Item extends NamedItem & { readonly params: readonly Field[] }>(
  kind: Item["kind"],
): readonly [name: string, home: Home<Item>][] {
  return modules.flatMap((module) =>
    [...module.items.values()].flatMap((item) =>
      item.kind === kind
        ? // The kind decides the item's type.
          (item as Item).params.map((field): [string, Home<Item>] => [
            `${module.path}.${item.name.text}(${field.name.text})`,
            { module, item: item as Item, field },
          ])
        : [],
    ),
  );
}

/** Two values of a parameter's type, the first its default where it has one. */
function valuesOf({ type, value }: Field, module: Module): readonly [string, string] {
  const name = type.kind === "named-type" ? type.name.text : "row";
  const own = value === undefined ? undefined : textOf(value.span);
  const item = module.items.get(name);
  if (item?.kind === "enum") {
    const cases = item.cases.map((one) => one.text).filter((one) => one !== own);
    return [own ?? cases[1], cases[0]];
  }
  const pairs: Readonly<Record<string, readonly [string, string]>> = {
    float: ["0.25", "0.125"],
    ratio: ["20%", "15%"],
    span: ["20%", "15%"],
    steps: ["2steps", "3steps"],
    tokens: ["8tok", "16tok"],
    seq: ["2seq", "4seq"],
    dim: ["2", "3"],
    int: ["2", "3"],
    bool: [own ?? "false", own === "true" ? "false" : "true"],
    string: ['"words.txt"', '"others.txt"'],
    list: ['["one"]', '["other"]'],
    template: ["asking", "telling"],
    tokenizer: ["tokenizer", "second"],
  };
  const pair = pairs[name];
  if (pair === undefined) throw new Error(`this test knows no values of the type ${name}`);
  return own === undefined ? pair : [own, pair[0] === own ? pair[1] : pair[0]];
}

/** `adamw(beta1 = 0.25)`: what must be given, and the field with the first or the second of its values. */
function called(
  { module, item, field }: Home<NamedItem & { params: readonly Field[] }>,
  at: 0 | 1,
) {
  const given = item.params.flatMap((one) => {
    const values = valuesOf(one, module);
    if (one === field) return [`${one.name.text} = ${values[at]}`];
    return one.value === undefined && !one.type.optional ? [`${one.name.text} = ${values[0]}`] : [];
  });
  return `${item.name.text}(${given.join(", ")})`;
}

function importOf({ module, item }: Home<NamedItem>): string {
  // `sgd` is imported by the pipeline itself.
  return item.name.text === "sgd" ? "" : `import ${module.path}.{${item.name.text}}\n`;
}

describe("a schedule reads", () => {
  test.each(parametersOf<ScheduleItem>("schedule"))("%s", (_, home) => {
    const source = (at: 0 | 1) =>
      pipelineWith({
        imports: importOf(home),
        train: withField(sound.train, "learning_rate", called(home, at)),
      });
    expectHeard(source(1), planOf(source(0)));
  });
});

describe("an optimizer reads", () => {
  test.each(parametersOf<OptimizerItem>("optimizer"))("%s", (_, home) => {
    const source = (at: 0 | 1) =>
      pipelineWith({
        imports: importOf(home),
        train: withField(sound.train, "optimizer", called(home, at)),
      });
    expectHeard(source(1), planOf(source(0)));
  });
});

/** Where the model has a block of this kind. */
const placeOf: Readonly<Record<string, string>> = {
  Linear: "head",
  Embedding: "embed",
  RmsNorm: "norm",
  LayerNorm: "layer_norm",
};

describe("an adapter reads", () => {
  test.each(parametersOf<AdapterItem>("adapter"))("%s", (_, home) => {
    const [rewrite] = home.item.rewrites;
    const place = placeOf[rewrite.target.text];
    if (place === undefined) throw new Error(`this test's model has no ${rewrite.target.text}`);
    const source = (at: 0 | 1) =>
      pipelineWith({ imports: importOf(home), adapter: `${called(home, at)} on ${place}` });
    expectHeard(source(1), planOf(source(0)));
  });
});

describe("a transform reads", () => {
  test.each(parametersOf<TransformItem>("transform"))("%s", (_, home) => {
    const stages = (at: 0 | 1): string => {
      const { pipeline, diagnostics } = check(loaded(datasetWith(home, at)), new Map());
      expect(diagnostics.map(({ title }) => title)).toEqual([]);
      const made = [...pipeline.datasets].filter(([name]) => name.startsWith("made"));
      expect(made).not.toEqual([]);
      return JSON.stringify(made.map(([, dataset]) => dataset.stages));
    };
    expect(stages(1)).not.toBe(stages(0));
  });
});

/** A dataset that this transform makes of rows at the stage that it asks for. */
function datasetWith(home: Home<TransformItem>, at: 0 | 1): string {
  const { item } = home;
  const asked = new Set(item.from?.columns.map((column) => column.name.text));
  const isOpen = item.outputs[0]?.row.rest !== undefined;
  const rows = asked.has("tokens") ? "tokens" : asked.has("text") ? "written" : "read";
  const call = called(home, at).replace('others = ["one"]', "others = [more]");
  const value =
    item.from === undefined
      ? `made${isOpen ? ": Sum" : ""} = ${call}`
      : `made = ${rows} |> ${call.replace('["other"]', "[most]")}`;
  const names = new Set(["jsonl", "text", "render", "tokenize", item.name.text]);
  return `import std/data.{${[...names].join(", ")}}

record Sum {
  question: string
}

template asking for Sum { "{question}" }
template telling for Sum { "So: {question}" }

dataset words = text("words.txt")

let tokenizer = bpe(words, vocabulary = 300)
let second = bpe(words, vocabulary = 400)

dataset read: Sum = jsonl("sums.jsonl")
dataset more: Sum = jsonl("more.jsonl")
dataset most: Sum = jsonl("most.jsonl")
dataset written = read |> render(asking)
dataset tokens = written |> tokenize(tokenizer)
dataset ${value}
`;
}

test("what a plan says to a stage of data, the stage asks for", () => {
  const folder = "runtime/data/stages/";
  const texts = readdirSync(folder).map((name) => readFileSync(`${folder}${name}`, "utf8"));
  const all = texts.join("\n");
  const names = parametersOf<TransformItem>("transform")
    .filter(([, { item }]) => item.extern)
    .map(([, { field }]) => field.name.text);
  expect(
    names.filter((name) => !all.includes(`"${name}"`) && !all.includes(`args.${name}`)),
  ).toEqual([]);
});

/** Items whose bodies stand in the library: what they read can be seen in their text. */
type Readable = Extract<NamedItem, { kind: "fn" | "metric" | "block" | "template" }>;

describe("what the library computes reads its parameters", () => {
  const items = modules.flatMap((module) =>
    [...module.items.values()].flatMap((item): [string, Readable][] =>
      isReadable(item) ? [[`${module.path}.${item.name.text}`, item]] : [],
    ),
  );
  test.each(items)("%s", (_, item) => {
    const read = namesIn(item);
    const unread = [...item.params, ...forwardParams(item)].filter(
      ({ name }) => !read.has(name.text),
    );
    expect(unread.map(({ name }) => name.text)).toEqual([]);
  });
});

function isReadable(item: NamedItem): item is Readable {
  switch (item.kind) {
    case "fn":
    case "metric":
      return item.body !== undefined;
    case "block":
    case "template":
      return true;
    default:
      return false;
  }
}

function forwardParams(item: Readable): readonly Field[] {
  if (item.kind !== "block") return [];
  return item.members.flatMap((member) => (member.kind === "forward" ? member.params : []));
}

/** Names that expressions mention. */
function namesIn(node: SyntaxNode): ReadonlySet<string> {
  return new Set(
    expressionsIn(node).flatMap((expr: Expr) => (expr.kind === "name" ? [expr.text] : [])),
  );
}

describe("the fields of a config are read", () => {
  const configs = modules.flatMap((module) =>
    [...module.items.values()].flatMap((item) => (item.kind === "record" ? [item] : [])),
  );
  const members = new Set(
    modules.flatMap((module) =>
      [...module.items.values()].flatMap((item) =>
        expressionsIn(item).flatMap((expr) => (expr.kind === "member" ? [expr.name.text] : [])),
      ),
    ),
  );
  /** Read by name in the compiler: how long a text a model was made for. */
  const byName = new Set(["max_position_embeddings"]);
  /** Rows are read by templates, by the names of their columns. */
  const templates = modules.flatMap((module) =>
    [...module.items.values()].flatMap((item) =>
      item.kind === "template" ? [...namesIn(item)] : [],
    ),
  );
  const names = new Set([...members, ...byName, ...templates]);

  test.each(configs.map((item) => [item.name.text, item] as const))("of %s", (_, item) => {
    const unread = item.fields.filter(({ name }) => !names.has(name.text));
    expect(unread.map(({ name }) => name.text)).toEqual([]);
  });
});
