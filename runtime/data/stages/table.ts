/** Every stage by the name of its transform in the standard library; `map` is what the language itself writes. */

import type { Stage } from "../stage.ts";
import { dedup, mix, shuffle, split, take } from "./choose.ts";
import { csv, tsv } from "./delimited.ts";
import { jsonl } from "./jsonl.ts";
import { map } from "./map.ts";
import { pack } from "./pack.ts";
import { pad } from "./pad.ts";
import { render } from "./render.ts";
import { text } from "./text.ts";
import { tokenize } from "./tokenize.ts";

export const stages: Readonly<Record<string, Stage>> = {
  csv,
  dedup,
  jsonl,
  map,
  mix,
  pack,
  pad,
  render,
  shuffle,
  split,
  take,
  text,
  tokenize,
  tsv,
};
