/**
 * The mistakes that are told before a GPU is touched, each made in the shipped quickstart as its users make it. A row of
 * the table is a page of test/golden/mistakes, which holds what is said word for word.
 */

import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { countData } from "../../compiler/commands/count-data.ts";
import { type Loaded, loadPipeline } from "../../compiler/commands/load.ts";
import { codeOf, codes, type Slug } from "../../compiler/diagnostics/codes.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { hasErrors } from "../../compiler/driver.ts";
import { runPasses } from "../../compiler/passes.ts";
import { assemble } from "../../compiler/plan/assemble.ts";
import { softwareTarget } from "../../compiler/plan/target.ts";
import { positionOf, type Span } from "../../compiler/source/file.ts";
import { applied } from "../support/applied.ts";
import { folderWith } from "../support/folder.ts";
import { recordingIo } from "../support/io.ts";
import { played, type Session, sessionsOf } from "../support/sessions.ts";
import { shipped } from "../support/shipped.ts";

const rows: readonly (readonly [number, ...Slug[]])[] = [
  [1, "open-brace"],
  [2, "split-quantity"],
  [3, "no-such-item", "no-such-name", "no-such-field"],
  [
    4,
    "size-mismatch",
    "size-unproved",
    "axis-two-sizes",
    "axis-from-nowhere",
    "broadcast-refused",
    "int-for-float",
  ],
  [5, "requirement-broken"],
  [6, "bare-number", "unit-mismatch"],
  [7, "missing-column", "row-does-not-fit", "column-lost", "row-column-in-window"],
  [8, "template-does-not-fit"],
  [9, "begin-mark-twice", "end-mark-never-learned"],
  [10, "nothing-to-learn"],
  [11, "rows-cut", "rows-dropped"],
  [12, "label-set-mismatch"],
  [13, "no-such-layer"],
  [14, "adapter-requirement", "adapter-on-tied", "lossy-merge"],
  [15, "weight-shape", "weight-missing", "weight-unused"],
  [16, "warmup-too-long", "eval-without-data", "eval-never", "save-never"],
  [17, "window-beyond-context"],
  [18, "too-big"],
  [19, "leak"],
  [20, "few-examples"],
  [21, "out-of-lock", "file-changed"],
  [22, "label-leak", "missing-in-template"],
];

const pages = new URL("../golden/mistakes/", import.meta.url);
const names = readdirSync(pages).sort();

test("every row has its page", () => {
  const wanted = rows.map(([number, slug]) => `${String(number).padStart(2, "0")}-${slug}.md`);
  expect(names).toEqual(wanted);
});

describe.each(rows.map(([number, ...slugs]) => ({ number, slugs })))("row $number", (row) => {
  const name = names.find((one) => Number.parseInt(one, 10) === row.number) ?? "";
  const page = new URL(name, pages);
  const sessions = sessionsOf(readFileSync(page, "utf8"));

  test("is of all its slugs", () => {
    expect([...new Set(sessions.map(({ slug }) => slug))]).toEqual(row.slugs);
  });

  test.each(sessions)("$title", async (session) => {
    const folder = quickstart();
    const said = await played(session, folder, page);
    expect(codesIn(said)).toContain(codeIn(session));
    await expectMended(folder, codeIn(session));
  });
});

/** The quickstart in a folder of its own, without its lock: a file that was changed on purpose is none of its mistakes. */
function quickstart(): string {
  const folder = folderWith();
  for (const name of ["quickstart.ftp", "data/requests.jsonl", "data/requests-held-out.jsonl"])
    cpSync(join(shipped, name), join(folder, name));
  cpSync(join(shipped, "models/tiny"), join(folder, "models/tiny"), { recursive: true });
  return folder;
}

function codeIn({ slug }: Session): string {
  if (!(slug in codes)) throw new Error(`there is no slug ${slug}`);
  // What the table of codes has is a slug.
  return codeOf(slug as Slug);
}

function codesIn(text: string): string[] {
  return [...text.matchAll(/^(?:error|warning)\[(FT\d{3})\]/gm)].map(([, code]) => code);
}

/** Once what a machine may do is done, the fault is gone, and no other error stands in its place. */
async function expectMended(folder: string, code: string): Promise<void> {
  const stage = await stageOf(folder, code);
  const before = await stage(folder);
  const text = readFileSync(join(folder, "quickstart.ftp"), "utf8");
  for (const fault of before.filter(({ slug }) => codeOf(slug) === code)) {
    for (const { edits = [] } of fault.fixes) {
      if (edits.length === 0) continue;
      expect(edits.map(({ span }) => span.file.path)).toEqual(edits.map(() => "quickstart.ftp"));
      const mended = quickstart();
      cpSync(folder, mended, { recursive: true });
      writeFileSync(join(mended, "quickstart.ftp"), applied(text, edits));
      const after = await stage(mended);
      const same = (all: readonly Diagnostic[]) =>
        all.filter(({ title }) => title === fault.title).length;
      expect(same(after)).toBeLessThan(same(before));
      const places = edits.map(({ span }) => lineOf(span));
      const known = before.map(({ title }) => title);
      const fresh = after.filter(
        ({ severity, title, primary }) =>
          severity === "error" && !known.includes(title) && places.includes(lineOf(primary.span)),
      );
      expect(fresh.map(({ title }) => title)).toEqual([]);
    }
  }
}

function lineOf({ file, start }: Span): string {
  return `${file.path}:${positionOf(file, start).line}`;
}

type FaultsIn = (folder: string) => Promise<readonly Diagnostic[]>;

/** The first of the looks at a pipeline that finds the fault: at its sources, at its rows, at its plan. */
async function stageOf(folder: string, code: string): Promise<FaultsIn> {
  for (const stage of [ofSources, ofRows]) {
    const found = await stage(folder);
    if (hasErrors(found) || found.some(({ slug }) => codeOf(slug) === code)) return stage;
  }
  return ofPlan;
}

const ofSources: FaultsIn = async (folder) => (await loaded(folder)).diagnostics;

const ofRows: FaultsIn = async (folder) => {
  const pipeline = await loaded(folder);
  if (hasErrors(pipeline.diagnostics)) return pipeline.diagnostics;
  return (await countData(pipeline)).diagnostics;
};

const ofPlan: FaultsIn = async (folder) => {
  const sound = await loaded(folder);
  const { facts } = await countData(sound);
  return assemble(sound.pipeline, {
    source: "quickstart.ftp",
    compiler: "ftc",
    target: softwareTarget,
    data: facts,
    optimise: (graph) => runPasses(graph, { verify: false }),
  }).diagnostics;
};

function loaded(folder: string): Promise<Loaded> {
  return loadPipeline(recordingIo(folder), "quickstart.ftp");
}
