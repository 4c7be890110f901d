/**
 * Sessions at a terminal, written down: in a page of Markdown each case begins at a line `## SLUG: WORDS`, and its blocks
 * are done in order. `diff PATH` changes a file, any other block with a path is that file, and `console` holds commands
 * with what they write, which is compared, or with UPDATE_GOLDEN=1 written anew.
 */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { runCommandLine } from "../../compiler/cli.ts";
import { recordingIo } from "./io.ts";

export interface Session {
  readonly slug: string;
  readonly title: string;
  readonly text: string;
}

export function sessionsOf(page: string): Session[] {
  return page
    .split(/^(?=## )/m)
    .slice(1)
    .map((text) => {
      const [, title, slug] = /^## (([a-z0-9-]+): .+)\n/.exec(text) ?? [];
      if (title === undefined) throw new Error(`a case begins \`## SLUG: WORDS\`, not ${text}`);
      return { slug, title, text };
    });
}

const fence = /^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm;

/** Does in the folder what the session says, and compares what is written. Gives what the last command wrote. */
export async function played(session: Session, folder: string, page: URL): Promise<string> {
  let text = session.text;
  let last = "";
  for (const [block, language, path, body] of session.text.matchAll(fence)) {
    if (language === "console") {
      const found = await typed(body, folder);
      last = found.last;
      text = text.replace(block, () => `\`\`\`console\n${found.text}\`\`\``);
    } else if (language === "diff") change(join(folder, path), body);
    else put(join(folder, path), body);
  }
  if (process.env.UPDATE_GOLDEN) {
    const all = readFileSync(page, "utf8");
    writeFileSync(
      page,
      all.replace(session.text, () => text),
    );
  } else expect(text).toBe(session.text);
  return last;
}

/** Each command with what it writes; `> /dev/null` leaves out what goes to standard output. */
async function typed(body: string, folder: string): Promise<{ text: string; last: string }> {
  let text = "";
  let last = "";
  for (const line of body.split("\n").filter((one) => one.startsWith("$ "))) {
    const [command, silenced] = line.slice("$ ".length).split(" > ");
    const io = recordingIo(folder);
    await runCommandLine(command.split(" ").slice(1), io);
    const { stderr, stdout } = io.written;
    last = `${stderr}${silenced === undefined ? stdout : ""}`.replaceAll(`${folder}/`, "");
    text += `${line}\n${last}`;
  }
  return { text, last };
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Hunks with an empty line between them; one that takes nothing away is added at the end. */
function change(path: string, diff: string): void {
  // Every line begins after a line's end, the first one too.
  let text = `\n${readFileSync(path, "utf8")}`;
  for (const hunk of diff.trimEnd().split("\n\n")) {
    const lines = (mark: string) =>
      hunk
        .split("\n")
        .filter((line) => line.startsWith(" ") || line.startsWith(mark))
        .map((line) => `${line.slice(1)}\n`)
        .join("");
    const [before, after] = [lines("-"), lines("+")];
    const places = text.split(`\n${before}`).length - 1;
    if (before === "") text += after;
    else if (places === 1) text = text.replace(`\n${before}`, () => `\n${after}`);
    else throw new Error(`${path} has this in ${places} places:\n${before}`);
  }
  writeFileSync(path, text.slice(1));
}
