/** How many kernels the parts of models become. */

import { expect, test } from "vitest";
import { fuse } from "../../compiler/kernels/fuse.ts";
import { printKernel } from "../../compiler/kernels/print.ts";
import { hostValues } from "../../compiler/plan/host.ts";
import { blocks } from "./blocks.ts";

test.each(blocks)("$title: $kernels", ({ graph, kernels }) => {
  const found = fuse(graph, { given: new Set(hostValues(graph).keys()) }).kernels;
  expect(found, found.map(printKernel).join("\n")).toHaveLength(kernels);
});
