#!/usr/bin/env node
/** What `ftc` starts: plain JavaScript that finds the compiler in a form that loads fast, and hands over to it. */

import { bundledCli } from "./bundle.js";

process.setSourceMapsEnabled(true);
const { main } = await import(await bundledCli());
process.exitCode = await main();
