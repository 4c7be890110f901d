/**
 * The programs of the manual: fenced blocks of Markdown that begin with `ftp`. By itself one is a whole program.
 * `ftp in=rows` is a part of docs/reference/preludes/rows.ftp: it stands at that file's line `// …`, or at its
 * end, and what it defines takes the place of what the file has under that name. `wrong=FT501` says that the
 * program has that fault.
 */

import { readFileSync } from "node:fs";
import { plainString } from "../../compiler/core/checkpoint.ts";
import type { CheckpointFacts, Checkpoints } from "../../compiler/core/model.ts";
import { codeOf } from "../../compiler/diagnostics/codes.ts";
import { render } from "../../compiler/diagnostics/render.ts";
import { check, hasErrors } from "../../compiler/driver.ts";
import type { Program } from "../../compiler/names/module.ts";
import { runPasses } from "../../compiler/passes.ts";
import { assemble, datasetsOf } from "../../compiler/plan/assemble.ts";
import { softwareTarget } from "../../compiler/plan/target.ts";
import { sourceFile } from "../../compiler/source/file.ts";
import { parse } from "../../compiler/syntax/parse.ts";
import { loaded } from "./library.ts";

export interface Example {
  /** `docs/reference/steps.md:12` */
  readonly place: string;
  readonly source: string;
  /** The code that it must cause; undefined for one that is right. */
  readonly wrong: string | undefined;
}

export function examplesIn(path: string): readonly Example[] {
  const page = readFileSync(path, "utf8");
  return [...page.matchAll(/^```ftp\b(.*)\n([\s\S]*?)^```$/gm)].map(
    ({ index, 1: info, 2: text }) => {
      const line = page.slice(0, index).split("\n").length;
      const prelude = /\bin=(\w+)/.exec(info)?.[1];
      const wrong = /\bwrong=(FT\d+)/.exec(info)?.[1];
      return {
        place: `${path}:${line}`,
        source: prelude === undefined ? text : within(prelude, text),
        wrong,
      };
    },
  );
}

const hole = /^ *\/\/ …$/m;

function within(prelude: string, part: string): string {
  const path = `docs/reference/preludes/${prelude}.ftp`;
  const source = sourceFile(path, readFileSync(path, "utf8"));
  const own = new Set(
    parse(sourceFile("part.ftp", part)).file.items.flatMap((item) =>
      item.kind === "import" ? [] : [item.name.text],
    ),
  );
  let text = source.text;
  // From the last to the first, so that the places of the others stay right.
  for (const item of [...parse(source).file.items].reverse()) {
    if (item.kind === "import" || !own.has(item.name.text)) continue;
    text = text.slice(0, item.span.start) + text.slice(item.span.end);
  }
  if (!hole.test(text)) return `${text}\n${part}`;
  const fields = [...part.matchAll(/^(\w+) *=/gm)].map((match) => match[1]);
  const open = fields.reduce(
    (rest, name) => rest.replace(new RegExp(`^ +${name} +=.*$`, "m"), ""),
    text,
  );
  return open.replace(hole, () => part);
}

/** What is wrong with a program, rendered; its steps are planned as well, over data that nobody reads. */
export function faultsOf(source: string): readonly { code: string; text: string }[] {
  const program = loaded(source);
  const { pipeline, diagnostics } = check(program, checkpointsOf(program));
  const planned = hasErrors(diagnostics)
    ? []
    : assemble(pipeline, {
        source: "case.ftp",
        compiler: "ftc",
        target: softwareTarget,
        data: new Map(
          [...datasetsOf(pipeline).keys()].map((name) => [name, { windows: 1000, hash: name }]),
        ),
        optimise: (graph) => runPasses(graph, { verify: false }),
      }).diagnostics;
  return [...diagnostics, ...planned].map((one) => ({
    code: codeOf(one.slug),
    text: render(one),
  }));
}

/** Every checkpoint that a program names is a small llama with a chat template. */
function checkpointsOf(program: Program): Checkpoints {
  const addresses = [...program.entry.items.values()].flatMap((item) =>
    item.kind === "model" && item.from !== undefined ? [plainString(item.from)] : [],
  );
  return new Map(addresses.map((address) => [address, llama]));
}

const config = {
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  vocab_size: 512,
  hidden_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  intermediate_size: 96,
  max_position_embeddings: 8192,
  rms_norm_eps: 1e-5,
  tie_word_embeddings: false,
};

const inLayer: Readonly<Record<string, readonly number[]>> = {
  "input_layernorm.weight": [64],
  "self_attn.q_proj.weight": [64, 64],
  "self_attn.k_proj.weight": [32, 64],
  "self_attn.v_proj.weight": [32, 64],
  "self_attn.o_proj.weight": [64, 64],
  "post_attention_layernorm.weight": [64],
  "mlp.gate_proj.weight": [96, 64],
  "mlp.up_proj.weight": [96, 64],
  "mlp.down_proj.weight": [64, 96],
};

const shapes: readonly (readonly [string, readonly number[]])[] = [
  ["model.embed_tokens.weight", [512, 64]],
  ...[0, 1].flatMap((layer) =>
    Object.entries(inLayer).map(
      ([name, shape]) => [`model.layers.${layer}.${name}`, shape] as const,
    ),
  ),
  ["model.norm.weight", [64]],
  ["lm_head.weight", [512, 64]],
];

const llama: CheckpointFacts = {
  config,
  header: new Map(shapes.map(([name, shape]) => [name, { dtype: "F32", shape }])),
  hasTokenizer: true,
  hasTemplate: true,
};
