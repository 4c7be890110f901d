/** How the tests run. Files share nothing, so each gets a process of its own and may crash alone. */

import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { Counts } from "./test/support/counts.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Dawn and the tokenizer are native modules: threads of one process would share their state.
    pool: "forks",
    // The default leaves a core idle, which is half of a small machine.
    maxWorkers: availableParallelism(),
    // A software adapter compiles a large kernel in seconds.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: ["default", new Counts()],
  },
});
