/** Packing and padding: what windows hold. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FaultLog } from "../../runtime/data/fault.ts";
import type { RowSchema } from "../../runtime/data/plan.ts";
import type { TokenFlow, TokenRow, Values, WindowFlow } from "../../runtime/data/row.ts";
import type { Arguments, Stage, StageContext } from "../../runtime/data/stage.ts";
import { pack, packed } from "../../runtime/data/stages/pack.ts";
import { pad } from "../../runtime/data/stages/pad.ts";
import { tokenizerFrom } from "../../runtime/tokenizer/tokenizer.ts";
import { trainBpe } from "../../runtime/tokenizer/train.ts";

const tokenizer = tokenizerFrom(trainBpe([], 257, ["<pad>"]), { padding: "<pad>" });
const padding = 256;

/** Documents by their tokens; every second token is learned. */
function documents(...tokens: readonly (readonly number[])[]): TokenFlow {
  return flowOf(tokens.map((ids, index) => row(ids, index + 1)));
}

function row(ids: readonly number[], line: number, values: Values = {}): TokenRow {
  return {
    tokens: Int32Array.from(ids),
    learn: Uint8Array.from(ids, (_, at) => at % 2),
    text: { text: ids.join(" "), learn: [] },
    values,
    origin: { file: "rows.jsonl", line },
  };
}

function flowOf(rows: readonly TokenRow[], schema?: RowSchema): TokenFlow {
  return { kind: "tokens", rows, schema, tokenizer };
}

async function windowsOf(
  stage: Stage,
  flow: TokenFlow,
  args: Arguments,
): Promise<{ readonly windows: WindowFlow; readonly log: FaultLog }> {
  const log = new FaultLog();
  const refuse = () => {
    throw new Error("windows are made of tokens alone");
  };
  const context: StageContext = {
    log,
    resolve: refuse,
    folderOf: refuse,
    fileWasRead: refuse,
    tokenizer: refuse,
    flow: refuse,
  };
  const windows = await stage(flow, args, context);
  if (windows?.kind !== "windows") throw new Error("no windows came out");
  return { windows, log };
}

/** A column as one list a window. */
function column(
  { windows }: { readonly windows: WindowFlow },
  name: string,
): readonly (readonly number[])[] {
  const { data } = windows.columns[name];
  return Array.from({ length: windows.count }, (_, index) => [
    ...data.subarray(index * windows.length, (index + 1) * windows.length),
  ]);
}

describe("pack", () => {
  test("puts whole documents side by side, with positions and segments of their own", async () => {
    const result = await windowsOf(pack, documents([1, 2, 3], [4, 5], [6, 7, 8, 9]), { length: 5 });
    expect(column(result, "tokens")).toEqual([
      [1, 2, 3, 4, 5],
      [6, 7, 8, 9, padding],
    ]);
    expect(column(result, "position")).toEqual([
      [0, 1, 2, 0, 1],
      [0, 1, 2, 3, 0],
    ]);
    expect(column(result, "segment")).toEqual([
      [0, 0, 0, 1, 1],
      [0, 0, 0, 0, -1],
    ]);
    expect(column(result, "learn")).toEqual([
      [0, 1, 0, 0, 1],
      [0, 1, 0, 1, 0],
    ]);
  });

  test("numbers windows by their first documents", () => {
    expect([...packed([1, 9, 2, 9, 8], 10)]).toEqual([0, 0, 1, 2, 1]);
  });

  test("loses no token, repeats none, and mixes no documents", async () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 16 }), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(lengths, async (sizes) => {
        // Each token says its document and place, so that whatever comes out can be told.
        const flow = documents(
          ...sizes.map((size, index) => Array.from({ length: size }, (_, at) => index * 100 + at)),
        );
        const result = await windowsOf(pack, flow, { length: 16 });
        const tokens = column(result, "tokens").flat();
        const segment = column(result, "segment").flat();
        const position = column(result, "position").flat();
        const kept = tokens.filter((_, at) => segment[at] >= 0);
        const given = flow.rows.flatMap((row) => [...row.tokens]);
        expect([...kept].sort((a, b) => a - b)).toEqual(given);
        tokens.forEach((token, at) => {
          if (segment[at] < 0) expect(token).toBe(padding);
          else expect(position[at]).toBe(token % 100);
          const continues = at % 16 > 0 && segment[at] >= 0 && segment[at] === segment[at - 1];
          if (continues) expect(token).toBe(tokens[at - 1] + 1);
          else if (segment[at] > 0) expect(segment[at]).toBe(segment[at - 1] + 1);
        });
      }),
    );
  });

  test("leaves no two windows that would fit into one", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(sizes, (sizes) => {
        const used = new Map<number, number>();
        packed(sizes, 50).forEach((bin, index) => {
          used.set(bin, (used.get(bin) ?? 0) + sizes[index]);
        });
        const [least, next = 50] = [...used.values()].sort((a, b) => a - b);
        expect(Math.max(...used.values())).toBeLessThanOrEqual(50);
        expect(used.size === 1 || least + next > 50).toBe(true);
      }),
    );
  });
});

describe("pad", () => {
  test("gives each document a window", async () => {
    const result = await windowsOf(pad, documents([1, 2, 3], [4]), { length: 3 });
    expect(column(result, "tokens")).toEqual([
      [1, 2, 3],
      [4, padding, padding],
    ]);
    expect(column(result, "segment")).toEqual([
      [0, 0, 0],
      [0, -1, -1],
    ]);
  });

  test("brings numbers, bools and cases along, one a window", async () => {
    const schema: RowSchema = {
      kind: "row",
      name: "Review",
      columns: {
        text: { kind: "string" },
        mood: { kind: "enum", name: "Mood", cases: ["bad", "good"] },
        stars: { kind: "int" },
        score: { kind: "float" },
        kept: { kind: "bool" },
      },
    };
    const values = { text: "fine", mood: "good", stars: 4, score: 0.5, kept: true };
    const { windows } = await windowsOf(pad, flowOf([row([1], 1, values)], schema), { length: 2 });
    expect(Object.keys(windows.columns).sort()).toEqual([
      "kept",
      "learn",
      "mood",
      "position",
      "score",
      "segment",
      "stars",
      "tokens",
    ]);
    expect(windows.columns.mood).toEqual({ dtype: "i32", shape: [], data: Int32Array.of(1) });
    expect(windows.columns.stars).toEqual({ dtype: "i32", shape: [], data: Int32Array.of(4) });
    expect(windows.columns.score).toEqual({ dtype: "f32", shape: [], data: Float32Array.of(0.5) });
    expect(windows.columns.kept).toEqual({ dtype: "bool", shape: [], data: Uint8Array.of(1) });
  });
});

describe("a row that is longer than a window", () => {
  const flow = documents([1, 2], [1, 2, 3, 4, 5], [1, 2, 3, 4]);

  test("is an error where nothing was chosen", async () => {
    const { log } = await windowsOf(pad, flow, { length: 3 });
    expect(log.faults).toMatchObject([
      {
        slug: "rows-cut",
        severity: "error",
        count: 2,
        line: 2,
        message:
          "2 rows of more than 3 tokens, the longest of 5: widen the windows, or choose `over = cut` to cut their ends off or `over = drop` to leave them out",
      },
    ]);
  });

  test("loses its end by over = cut, and the tokens lost are counted", async () => {
    const result = await windowsOf(pad, flow, { length: 3, over: "cut" });
    expect(column(result, "tokens")[1]).toEqual([1, 2, 3]);
    expect(result.log.faults).toMatchObject([
      {
        slug: "rows-cut",
        severity: "warning",
        message:
          "2 rows of more than 3 tokens, the longest of 5: their ends are cut off, 3 tokens in all",
      },
    ]);
  });

  test("is left out by over = drop", async () => {
    const result = await windowsOf(pack, flow, { length: 3, over: "drop" });
    expect(result.windows.rows).toHaveLength(1);
    expect(result.log.faults).toMatchObject([
      { slug: "rows-dropped", severity: "warning", count: 2, examples: [{ line: 2 }, { line: 3 }] },
    ]);
  });
});

test("a row without tokens is left out and said", async () => {
  const { windows, log } = await windowsOf(pack, documents([], [1]), { length: 3 });
  expect(windows.rows).toHaveLength(1);
  expect(log.faults).toMatchObject([{ slug: "rows-dropped", severity: "warning", line: 1 }]);
});
