/** What a block's checkpoint clause calls the parts in files. */

import { expect, test } from "vitest";
import { checkpointOf, fileName } from "../../compiler/core/checkpoint.ts";
import { loaded } from "../support/library.ts";

const { entry } = loaded(`import std/nn.{Linear}

block Own[D]() {
  let layers = stack(3, Linear[D, D](bias = true))
  let head = Linear[D, D]()

  forward(x: float[D]) -> float[D] {
    return head(layers(x))
  }

  checkpoint "hf" {
    weights {
      layers           = "model.layers"
      layers.*.weight  = "h.*.w"
      layers.1         = "middle"
      head             = "lm_head"
    }
  }
}
`);

test.each([
  ["head.weight", "lm_head.weight"],
  ["layers.0.bias", "model.layers.0.bias"],
  ["layers.2.weight", "h.2.w"],
  ["layers.1.bias", "middle.bias"],
  ["layers.1.weight", "h.1.w"],
  ["header.weight", "header.weight"],
])("%s is %s", (path, name) => {
  const item = entry.items.get("Own");
  const clause = item?.kind === "block" ? checkpointOf(item, "hf") : undefined;
  expect(fileName(clause, path)).toBe(name);
});
