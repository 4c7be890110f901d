/** `ftc lsp`: the language server, for an editor that starts it and speaks through its standard input and output. */

import { serve } from "../lsp/server.ts";
import { command, exit, flag } from "./command.ts";

export const lsp = command({
  name: "lsp",
  summary: "serve an editor: diagnostics as you type, completion, hover, rename and more",
  parameters: {
    stdio: flag("--stdio", "speak through standard input and output, which it does anyway"),
  },
  async run(io) {
    await serve(process.stdin, process.stdout, io.env);
    return exit.done;
  },
});
