#!/usr/bin/env node
/** What `ftc` starts: plain JavaScript that finds the compiler in a form that loads fast, and hands over to it. */

import { bundledCli } from "./bundle.js";
import { load } from "./compiled.js";
import { showSources } from "./stacks.js";

const bundle = await bundledCli();
showSources(bundle);
const { exported, keep } = load(bundle, process.argv[2] ?? "");
const code = await exported.main();
process.exitCode = code;
// 2 is for a command line that makes no sense, whose first word may be anything.
if (code !== 2) keep();
