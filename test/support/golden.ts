/**
 * Golden cases: a folder of Markdown files, one a case. A file's first heading names the case; its fenced
 * block `source` is the program, and every other block is compared with what the section of that name
 * makes of it. `UPDATE_GOLDEN=1` writes the blocks anew, and the author reads the difference.
 */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";

/** What a section shows of a source text. */
export type Section = (source: string) => string | Promise<string>;

interface Block {
  readonly name: string;
  readonly text: string;
}

/** Declares a test for each case of a folder, which is a URL that ends with a slash. */
export function goldenCases(folder: URL, sections: Readonly<Record<string, Section>>): void {
  const names = readdirSync(folder).filter((name) => name.endsWith(".md"));
  test.each(names)("%s", async (name) => {
    const path = new URL(name, folder);
    const page = readFileSync(path, "utf8");
    const blocks = blocksOf(page);
    const source = blocks.find((block) => block.name === "source")?.text;
    if (source === undefined) throw new Error(`${name} has no block \`source\``);
    const shown = new Map<string, string>();
    for (const block of blocks) {
      if (block.name === "source") continue;
      const section = sections[block.name];
      if (section === undefined)
        throw new Error(`${name} has a block \`${block.name}\`, which is no section`);
      shown.set(block.name, ended(await section(source)));
    }
    if (shown.size === 0) throw new Error(`${name} compares nothing`);
    if (process.env.UPDATE_GOLDEN) writeFileSync(path, rewritten(page, shown));
    else for (const block of blocks) expectBlock(name, block, shown.get(block.name));
  });
}

function expectBlock(name: string, block: Block, shown: string | undefined): void {
  if (shown !== undefined) expect(shown, `${block.name} of ${name}`).toBe(block.text);
}

const fence = /^```(\w+)\n([\s\S]*?)^```$/gm;

function blocksOf(page: string): Block[] {
  return [...page.matchAll(fence)].map(([, name, text]) => ({ name, text }));
}

function rewritten(page: string, shown: ReadonlyMap<string, string>): string {
  return page.replace(fence, (whole, name: string) => {
    const text = shown.get(name);
    return text === undefined ? whole : `\`\`\`${name}\n${text}\`\`\``;
  });
}

/** A block's text ends its last line; an empty one has none. */
function ended(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
