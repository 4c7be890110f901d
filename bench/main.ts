/** `npm run bench [name …]`: runs the benchmarks named, or all. They print tables and decide nothing. */

import { benchAttention } from "./attention.ts";
import { benchGemm } from "./gemm.ts";
import { benchLanguageServer } from "./language-server.ts";
import { benchLarge } from "./large.ts";
import { benchStart } from "./start.ts";

const benches: Readonly<Record<string, () => Promise<void>>> = {
  gemm: benchGemm,
  attention: benchAttention,
  "language-server": benchLanguageServer,
  start: benchStart,
  large: benchLarge,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(", ")}; there are ${Object.keys(benches).join(", ")}`);
  process.exit(1);
}
for (const name of asked.length > 0 ? asked : Object.keys(benches)) await benches[name]?.();
// jax-js keeps its device, and with it the process.
process.exit(0);
