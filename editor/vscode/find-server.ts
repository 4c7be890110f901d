/** Which `ftc` serves the editor, and what is said where there is none. Knows nothing of the editor itself. */

import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

export interface Server {
  readonly command: string;
  readonly args: readonly string[];
}

/** What a person reads, and can do something about. */
export interface Missing {
  readonly missing: string;
}

export interface Places {
  /** The setting `ftc.path`; empty where it is not set. */
  readonly setting: string;
  readonly folders: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What the setting says; else the compiler of an open folder or of one around it; else that of the search path. */
export function findServer({ setting, folders, env }: Places): Server | Missing {
  if (setting !== "")
    return existsSync(setting) || isBare(setting) ? started(setting, env) : notSet(setting);
  for (const folder of folders.flatMap(withThoseAround)) {
    for (const place of ["compiler/ftc.js", "node_modules/ftc/compiler/ftc.js"]) {
      const path = join(folder, place);
      if (existsSync(path)) return started(path, env);
    }
  }
  return started("ftc", env);
}

function started(path: string, env: Places["env"]): Server | Missing {
  const isScript = path.endsWith(".js");
  const command = isScript ? "node" : path;
  const found = isBare(command) ? onSearchPath(command, env) : command;
  if (found !== undefined) return { command: found, args: isScript ? [path, "lsp"] : ["lsp"] };
  return isScript
    ? {
        missing: `${path} needs Node.js 20.19 or newer, and there is no \`node\` on the search path. Install it, and start the editor again.`,
      }
    : {
        missing: `\`${path}\` was not found: neither in an open folder or one around it, nor on the search path. Open a checkout of ftc, or say in the setting ftc.path where its compiler/ftc.js is.`,
      };
}

function notSet(setting: string): Missing {
  return {
    missing: `The setting ftc.path is ${setting}, and nothing is there. Set it to compiler/ftc.js of a checkout, or leave it empty.`,
  };
}

/** A name alone, which the search path finds. */
function isBare(command: string): boolean {
  return !/[\\/]/.test(command);
}

function withThoseAround(folder: string): readonly string[] {
  const around = dirname(folder);
  return around === folder ? [folder] : [folder, ...withThoseAround(around)];
}

/** Windows starts files of some endings only, and calls the search path what it likes. */
function onSearchPath(command: string, env: Places["env"]): string | undefined {
  const path = env.PATH ?? env.Path ?? "";
  const endings = process.platform === "win32" ? (env.PATHEXT ?? ".EXE").split(";") : [""];
  const candidates = path
    .split(delimiter)
    .flatMap((folder) =>
      folder === "" ? [] : endings.map((ending) => join(folder, command + ending)),
    );
  return candidates.find((candidate) => existsSync(candidate));
}
