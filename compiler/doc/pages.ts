/**
 * The generated pages of the manual, as texts: the standard library from its own documentation, the commands
 * from their records, the diagnostics from their codes. Pure, so a test compares them with what is checked in.
 */

import type { Command } from "../commands/command.ts";
import { codeOf, codes, type Slug } from "../diagnostics/codes.ts";
import { pageOf } from "../diagnostics/explain.ts";
import type { ModuleDoc } from "./describe.ts";
import { moduleMarkdown } from "./markdown.ts";

const note = "<!-- machine-written: `npm run docs` writes this page anew -->";

export function libraryPage(modules: readonly ModuleDoc[]): string {
  const list = modules.map(
    ({ path, entries }) =>
      `- [${path}](#${anchorOf(path)}): ${entries.map((entry) => `\`${entry.name}\``).join(", ")}`,
  );
  return page(
    "The standard library",
    "What the language has of its own, then the modules that ship with it, as `ftc doc` shows them.",
    list.join("\n"),
    ...modules.map((module) => moduleMarkdown(module, 2).trimEnd()),
  );
}

export function commandsPage(commands: readonly Command[]): string {
  const parts = commands.map(({ name, summary, parameters }) => {
    const written = parameters.flatMap(({ kind, usage }) => (kind === "argument" ? [usage] : []));
    const rows = parameters.map(
      ({ usage, summary: what }) => `| \`${usage.replaceAll("|", "\\|")}\` | ${cell(what)} |`,
    );
    return [
      `## \`ftc ${[name, ...written].join(" ")}\``,
      `${sentence(summary)}`,
      ...(rows.length === 0 ? [] : [["| | |", "|---|---|", ...rows].join("\n")]),
    ].join("\n\n");
  });
  return page(
    "Commands",
    "Results go to stdout, everything else to stderr; `NO_COLOR` is obeyed. Exit codes: 0 done, 1 the program is wrong, 2 the command line is wrong, 3 the machine cannot, 70 `ftc` itself is wrong, 130 stopped by Ctrl-C.",
    ...parts,
  );
}

/** Hundreds of codes, by what they are about. */
const families: readonly (readonly [from: number, title: string])[] = [
  [0, "Syntax"],
  [50, "Comments that allow a warning"],
  [100, "Names"],
  [200, "Types and sizes"],
  [300, "Units"],
  [400, "Data"],
  [500, "Adapters and parameters"],
  [600, "Runs and schedules"],
  [700, "Device and memory"],
  [800, "Lock and files"],
];

export function diagnosticsPage(): string {
  // `codes` is written as a constant, so its keys are the slugs and nothing else.
  const slugs = Object.keys(codes) as Slug[];
  const parts = families.flatMap(([from, title], at) => {
    const [next] = families[at + 1] ?? [Number.POSITIVE_INFINITY];
    const own = slugs
      .filter((slug) => codes[slug] >= from && codes[slug] < next)
      .sort((one, other) => codes[one] - codes[other]);
    if (own.length === 0) return [];
    const rows = own.map((slug) => `| ${codeOf(slug)} | \`${slug}\` | ${meaningOf(slug)} |`);
    return [`## ${title}`, ["| code | slug | what it says |", "|---|---|---|", ...rows].join("\n")];
  });
  return page(
    "Diagnostics",
    "Every fault that `ftc` finds has a code and a slug. `ftc explain FT501` and `ftc explain no-such-layer` print what it means, a program that causes it and the program mended.",
    ...parts,
  );
}

/** The first paragraph of its page. */
function meaningOf(slug: Slug): string {
  const text = pageOf(slug)?.text ?? "";
  const [, first = ""] = text.split("\n\n");
  return cell(first.replace(/\s+/g, " "));
}

function page(title: string, ...parts: readonly string[]): string {
  return `${[note, `# ${title}`, ...parts].join("\n\n")}\n`;
}

function sentence(text: string): string {
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}

/** Nothing that ends a cell of a table. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w -]/g, "")
    .replaceAll(" ", "-");
}
