/**
 * The generated pages of the manual, as texts: the standard library from its own documentation, the commands
 * from their records, the diagnostics from their codes. Pure, so a test compares them with what is checked in.
 */

import type { Command } from "../commands/command.ts";
import { stepFields } from "../core/step-fields.ts";
import { allowable, codeOf, codes, type Slug } from "../diagnostics/codes.ts";
import { pageOf } from "../diagnostics/explain.ts";
import type { StepItem } from "../syntax/ast.ts";
import type { ModuleDoc } from "./describe.ts";
import { moduleMarkdown } from "./markdown.ts";
import { fieldDocs } from "./step-fields.ts";

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
    "Results go to stdout, everything else to stderr; `NO_COLOR` is obeyed. With `--json`, stdout holds the result as JSON and nothing else, and each diagnostic is a JSON object on a line of its own on stderr. Of `ftc check` the diagnostics are the result, so there they are a list on stdout. Other lines on stderr (progress, what was written, what the machine cannot) are for readers in either case, and none begins with `{`. `--style` is for readers too, so it does not go together with `--json`.",
    "Exit codes: 0 done, 1 the program is wrong, 2 the command line is wrong, 3 the machine cannot, 70 `ftc` itself is wrong, 130 stopped by Ctrl-C.",
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
    allowing(),
    ...parts,
  );
}

/** Said here and not in a page of its own, since who looks for it has a code at hand. */
function allowing(): string {
  const names = Object.keys(allowable).map((slug) => `\`${slug}\``);
  return `## Allowing a warning

A comment on a line of its own allows one code on the next line, and says why:

\`\`\`ftp
// ftc: allow FT111 — the layers that call this all give a scale
fn halved(x: float, scale: float) -> float {
  return x / 2.0
}
\`\`\`

- **What is allowed** is a warning: ${names.slice(0, -1).join(", ")} or ${names.at(-1)}. Some of these are errors where nothing could be run after them. An error is never allowed, and a comment that tries is an error itself (FT053).
- **The code** is its number or its slug, one a comment. For two codes, two comments stand one below the other. A code that there is not is an error that names the nearest (FT054).
- **The reason** follows a dash (\`—\`, \`–\`, \`-\`) or a colon, and has to be there (FT052). An editor that writes the comment puts \`why\` in its place, which is no reason.
- **The next line** is the next one with more than comments on it, and goes on to the lines on which a parenthesis or bracket that opens there is still open. So \`ftc fmt\` never changes what is allowed. Documentation may stand above the comment or below it.
- **At the end of a line** a comment allows nothing, and neither does any other that begins with \`ftc:\`: each is an error that says how to write it (FT055).
- **Where it holds**: in every command and in editors. What is allowed is shown nowhere, not in \`--json\` either.
- **Where nothing is left to allow**, a warning says so and offers to remove the comment (FT051). Warnings of rows stand at the name of their dataset, and only commands that count rows know whether there are any: \`ftc plan\`, \`ftc run\` and \`ftc lock\` call such a comment unused, and \`ftc check\`, \`ftc preview\` and editors do not. Whether a plan is too big for a device (FT701) differs from one device to the next, so that comment is never called unused where a step is named.`;
}

/** The first paragraph of its page. */
function meaningOf(slug: Slug): string {
  const text = pageOf(slug)?.text ?? "";
  const [, first = ""] = text.split("\n\n");
  return cell(first.replace(/\s+/g, " "));
}

/** The page of steps, which people write, with the tables of fields put in below the marks that ask for them. */
export function stepsPage(written: string): string {
  return written.replace(
    /(<!-- machine-written: the fields of `(train|evaluate|export)` -->\n\n)(?:\|.*\n)*/g,
    (_, mark: string, kind: StepItem["kind"]) => `${mark}${fieldsTable(kind)}\n`,
  );
}

/** Those that are needed first. */
function fieldsTable(kind: StepItem["kind"]): string {
  const rows = stepFields[kind].map((name) => ({ name, ...fieldDocs[name] }));
  const ordered = [
    ...rows.filter(({ otherwise }) => otherwise === undefined),
    ...rows.filter(({ otherwise }) => otherwise !== undefined),
  ];
  const lines = ordered.map(
    ({ name, doc, otherwise = "needed" }) => `| \`${name}\` | ${cell(doc)} | ${cell(otherwise)} |`,
  );
  return ["| field | | if left out |", "|---|---|---|", ...lines].join("\n");
}

function page(title: string, ...parts: readonly string[]): string {
  return `${[note, `# ${title}`, ...parts].join("\n\n")}\n`;
}

/** With a capital letter and a full stop. */
export function sentence(text: string): string {
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
