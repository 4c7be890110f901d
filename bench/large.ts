/** What very large files cost to parse, check and format, and files that have very much of one thing. */

import { check } from "../compiler/driver.ts";
import { format } from "../compiler/format/format.ts";
import { loadProgram } from "../compiler/names/module.ts";
import { sourceFile } from "../compiler/source/file.ts";
import { parse } from "../compiler/syntax/parse.ts";
import { largeProgram, misspeltProgram, shapes } from "../test/support/large-programs.ts";
import { library } from "../test/support/library.ts";
import { print } from "./report.ts";

const size = 5_000_000;
const count = 10_000;

export async function benchLarge(): Promise<void> {
  const texts: readonly (readonly [name: string, text: () => string])[] = [
    ["5 MB without a fault", () => largeProgram(size)],
    ["5 MB with 1,400 misspelt names", () => misspeltProgram(size, 1400)],
    ...Object.entries(shapes).map(([name, make]) => [name, () => make(count)] as const),
  ];
  const rows = texts.map(([name, make]) => {
    const source = sourceFile("large.ftp", make());
    const program = loadProgram(source, library);
    return [
      name,
      (source.text.length / 1e6).toFixed(2),
      spent(() => parse(source)),
      spent(() => check(program, new Map())),
      spent(() => format(source)),
    ];
  });
  const head = ["", "MB", "parse", "check", "format"];
  print(
    `Large files, and ${count.toLocaleString("en-US")} of one thing: seconds of the processor`,
    head,
    rows,
  );
}

function spent(run: () => void): string {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return ((user + system) / 1e6).toFixed(1);
}
