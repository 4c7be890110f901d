#!/usr/bin/env node
/** What `ftc` starts: plain JavaScript that lets Node read TypeScript, then hands over to cli.ts. */

import { register } from "tsx/esm/api";

// Without `false` tsx would obey a tsconfig.json of the folder that the command runs in.
register({ tsconfig: false });
const { main } = await import("./cli.ts");
process.exitCode = await main();
