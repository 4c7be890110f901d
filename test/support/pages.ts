/**
 * The programs of explain pages, made whole. A page shows what matters; the rest of the pipeline, its model and its
 * rows come from a setting. A fenced block is `LANGUAGE [fails|passes] [PATH]`: one of `ftp` without a path is the
 * program, one with a path is a file, and one of `sh` holds the commands that show the fault, where those are not
 * `ftc check` and then `ftc plan`. Without `fails` or `passes` a block belongs to both versions.
 */

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runCommandLine } from "../../compiler/cli.ts";
import { sourceFile } from "../../compiler/source/file.ts";
import { parse } from "../../compiler/syntax/parse.ts";
import { recordingIo } from "./io.ts";

export type Version = "fails" | "passes";

interface Block {
  readonly language: string;
  readonly version: Version | undefined;
  readonly path: string | undefined;
  readonly text: string;
}

const fence = /^```(\w+)((?: [^\s`]+)*)\n([\s\S]*?)^```$/gm;

function blocksOf(page: string, version: Version): Block[] {
  return [...page.matchAll(fence)]
    .map(([, language, info, text]): Block => {
      const words = info.split(" ").filter((word) => word !== "");
      const own = words.find((word) => word === "fails" || word === "passes");
      const path = words.find((word) => word !== own);
      return {
        language,
        version: own === "fails" || own === "passes" ? own : undefined,
        path,
        text,
      };
    })
    .filter((block) => block.version === undefined || block.version === version);
}

/** The program as the page shows it. */
export function programOf(page: string, version: Version): string {
  const programs = blocksOf(page, version).filter(
    ({ language, path }) => language === "ftp" && path === undefined,
  );
  if (programs.length !== 1)
    throw new Error(
      `the page has ${programs.length} programs that should be the one that ${version}`,
    );
  return programs[0].text;
}

export interface Shown {
  /** Of the last command. */
  readonly code: number;
  /** What it says of the program, in full. */
  readonly stderr: string;
  /** The commands that were run, the last one among them. */
  readonly commands: readonly string[];
}

const fixtures = new URL("../fixtures/pages/", import.meta.url);

/** The commands that show a page's fault, or that all is well. */
function commandsOf(blocks: readonly Block[]): readonly string[] | undefined {
  const block = blocks.find(({ language }) => language === "sh");
  return block?.text.trim().split("\n");
}

/**
 * Does what the page says, in a folder of its own: its commands, or else `commands`, until one of them has something
 * to say. `ftc check` knows what sources and headers decide, and `ftc plan` what rows and sizes do.
 */
export async function shown(
  page: string,
  version: Version,
  commands: readonly string[] = ["ftc check page.ftp", "ftc plan page.ftp"],
): Promise<Shown> {
  const blocks = blocksOf(page, version);
  const folder = mkdtempSync(join(tmpdir(), "ftc-page-"));
  const put = (name: string, text: string | Uint8Array) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  try {
    cpSync(fixtures, folder, { recursive: true });
    put("page.ftp", inSetting(programOf(page, version)));
    for (const { path, text } of blocks) if (path !== undefined) put(path, text);
    let ended: Shown = { code: 0, stderr: "", commands: [] };
    for (const line of commandsOf(blocks) ?? commands) {
      const io = recordingIo(folder);
      const code = await runCommandLine(line.split(" ").slice(1), io);
      // Where the folder is differs from run to run.
      const stderr = io.written.stderr.replaceAll(`${folder}/`, "");
      ended = { code, stderr, commands: [...ended.commands, line] };
      if (code !== 0) break;
    }
    return ended;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface ItemText {
  readonly name: string;
  readonly isStep: boolean;
  readonly text: string;
}

function itemsOf(text: string): ItemText[] {
  const { items } = parse(sourceFile("page.ftp", text)).file;
  return items.map((item, at) => ({
    name: item.kind === "import" ? item.path.map((step) => step.text).join("/") : item.name.text,
    isStep: item.kind === "train" || item.kind === "evaluate" || item.kind === "export",
    // With the comments above it.
    text: text.slice(at === 0 ? 0 : items[at - 1].span.end, item.span.end).trim(),
  }));
}

/**
 * The page's items take the places of the setting's that have their names. One that the setting lacks follows the one
 * before it in the page; a step comes last, and so does everything where the page replaces nothing.
 */
function inSetting(program: string): string {
  const all = itemsOf(readFileSync(new URL("setting.ftp", fixtures), "utf8"));
  const given = new Set(all.map(({ name }) => name));
  const own = itemsOf(program);
  const first = own.findIndex(({ name }) => given.has(name));
  const instead = new Map<string, string[]>();
  let place = own[first]?.name ?? "";
  for (const { name, isStep, text } of own) {
    if (given.has(name)) place = name;
    const at = isStep && !given.has(name) ? "" : place;
    instead.set(at, [...(instead.get(at) ?? []), text]);
  }
  const texts = all.flatMap(({ name, text }) => instead.get(name) ?? [text]);
  return `${[...texts, ...(instead.get("") ?? [])].join("\n\n")}\n`;
}
