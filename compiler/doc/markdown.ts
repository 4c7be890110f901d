/** Documentation as Markdown and as text for a terminal. */

import { createColors } from "picocolors";
import type { Entry, ModuleDoc } from "./describe.ts";

/** A module's page; `level` is that of its heading. */
export function moduleMarkdown(module: ModuleDoc, level = 1): string {
  const parts = [
    `${"#".repeat(level)} ${module.path}`,
    ...(module.doc === "" ? [] : [module.doc]),
    ...module.entries.map((entry) => entryMarkdown(entry, level + 1)),
  ];
  return `${parts.join("\n\n")}\n`;
}

export function entryMarkdown(entry: Entry, level: number): string {
  return [
    `${"#".repeat(level)} \`${entry.name}\``,
    `\`\`\`\n${linesOf(entry).join("\n")}\n\`\`\``,
    ...(entry.doc === "" ? [] : [entry.doc]),
  ].join("\n\n");
}

export function moduleText(module: ModuleDoc, colours: boolean): string {
  const { bold } = createColors(colours);
  const parts = [
    `${bold(module.path)}${module.doc === "" ? "" : `\n${indented(module.doc)}`}`,
    ...module.entries.map((entry) => entryText(entry, colours)),
  ];
  return `${parts.join("\n\n")}\n`;
}

export function entryText(entry: Entry, colours: boolean): string {
  const { bold } = createColors(colours);
  const [signature, ...parts] = linesOf(entry);
  return [bold(signature), ...parts, ...(entry.doc === "" ? [] : [indented(entry.doc)])].join("\n");
}

/** The first sentence of a documentation, on one line. */
export function firstSentence(doc: string): string {
  const text = doc.replace(/\s+/g, " ");
  return /^.*?[.!?](?= [A-Z]|$)/.exec(text)?.[0] ?? text;
}

/** The signature, and below it what the entry consists of. */
function linesOf({ signature, parts }: Entry): string[] {
  return [
    signature,
    ...parts.flatMap(({ signature, doc }) => {
      const above = doc === "" ? [] : doc.split("\n").map((line) => `  /// ${line}`);
      return [...above, `  ${signature}`];
    }),
  ];
}

function indented(text: string): string {
  return text
    .split("\n")
    .map((line) => (line === "" ? "" : `  ${line}`))
    .join("\n");
}
