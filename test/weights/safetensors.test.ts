/** Safetensors: what was written is read, and no file that lies gets past its header. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MachineError } from "../../runtime/errors.ts";
import { type Checkpoint, openCheckpoint, openFiles } from "../../runtime/weights/checkpoint.ts";
import { bytesOf, type TensorToWrite, writeSafetensors } from "../../runtime/weights/write.ts";
import { folderWith } from "../support/folder.ts";

function tensor(name: string, shape: readonly number[], values: readonly number[]): TensorToWrite {
  return { name, dtype: "F32", shape, data: () => [bytesOf(Float32Array.from(values))] };
}

const pair = [tensor("b", [2, 2], [1, 2, 3, 4]), tensor("a", [3], [5, 6, 7])];

/** A file of that header and so many bytes of data. */
function file(header: unknown, dataBytes: number): Buffer {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(dataBytes)]);
}

async function opened(content: Uint8Array): Promise<Checkpoint> {
  return openFiles([join(folderWith({ "model.safetensors": content }), "model.safetensors")]);
}

const f32 = (shape: readonly number[], start: number, end: number): unknown => ({
  dtype: "F32",
  shape,
  data_offsets: [start, end],
});

test("tensors that were written are read", async () => {
  const folder = folderWith();
  await writeSafetensors(join(folder, "model.safetensors"), pair);
  const checkpoint = await openCheckpoint(folder);
  expect([...checkpoint.tensors.keys()]).toEqual(["a", "b"]);
  expect([...(await checkpoint.singles("b"))]).toEqual([1, 2, 3, 4]);
  expect([...(await checkpoint.singles("a"))]).toEqual([5, 6, 7]);
  expect(checkpoint.metadata).toEqual({ format: "pt" });
  await checkpoint.close();
});

test("the file is byte for byte what the format says", async () => {
  const folder = folderWith();
  await writeSafetensors(join(folder, "one.safetensors"), [tensor("x", [1], [1])], {});
  const header = '{"__metadata__":{},"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
  const content = readFileSync(join(folder, "one.safetensors"));
  expect(content.readBigUInt64LE()).toBe(BigInt(padded.length));
  expect(content.subarray(8, 8 + padded.length).toString()).toBe(padded);
  expect([...content.subarray(8 + padded.length)]).toEqual([0, 0, 0x80, 0x3f]);
});

test("wide elements come first, so that each tensor is aligned", async () => {
  const folder = folderWith();
  const odd = { name: "_", dtype: "U8", shape: [3], data: () => [new Uint8Array(3)] } as const;
  await writeSafetensors(join(folder, "model.safetensors"), [odd, ...pair]);
  const { tensors, close } = await openFiles([join(folder, "model.safetensors")]);
  expect(
    [...tensors.values()].every((entry) => entry.dtype === "U8" || entry.offset % 4 === 0),
  ).toBe(true);
  await close();
});

test("a writer that fails leaves what stood there, and no draft", async () => {
  const folder = folderWith({ "model.safetensors": "before" });
  const short: TensorToWrite = { ...tensor("x", [2], [1]), name: "x" };
  await expect(writeSafetensors(join(folder, "model.safetensors"), [short])).rejects.toThrow(
    "x has 4 bytes, and its shape needs 8",
  );
  expect(readFileSync(join(folder, "model.safetensors"), "utf8")).toBe("before");
  expect(readdirSync(folder)).toEqual(["model.safetensors"]);
});

describe("reading converts", () => {
  const values = [0, 1, -2.5, 65504, 2 ** -24];

  test("f16 and bf16 to singles, exactly", async () => {
    const checkpoint = await opened(
      Buffer.concat([
        file(
          {
            h: { dtype: "F16", shape: [5], data_offsets: [0, 10] },
            b: { dtype: "BF16", shape: [2], data_offsets: [10, 14] },
          },
          0,
        ),
        bytesOf(Uint16Array.of(0, 0x3c00, 0xc100, 0x7bff, 1)),
        bytesOf(Uint16Array.of(0x3f80, 0x7f7f)),
      ]),
    );
    expect([...(await checkpoint.singles("h"))]).toEqual(values);
    expect([...(await checkpoint.singles("b"))]).toEqual([1, 3.3895313892515355e38]);
    await checkpoint.close();
  });

  test("piece by piece, to f16 bits too", async () => {
    const folder = folderWith();
    await writeSafetensors(join(folder, "model.safetensors"), [tensor("x", [5], values)]);
    const checkpoint = await openCheckpoint(folder);
    const pieces: [number, number[]][] = [];
    for await (const { from, data } of checkpoint.pieces("x", "f16", 2))
      pieces.push([from, [...data]]);
    expect(pieces).toEqual([
      [0, [0, 0x3c00]],
      [2, [0xc100, 0x7bff]],
      [4, [1]],
    ]);
    await checkpoint.close();
  });

  test("weights that f16 cannot hold are refused, with their tensor", async () => {
    const folder = folderWith();
    await writeSafetensors(join(folder, "model.safetensors"), [tensor("big", [2], [1, 1e6])]);
    const checkpoint = await openCheckpoint(folder);
    await expect(checkpoint.pieces("big", "f16", 9).next()).rejects.toThrow(
      "big holds 1 weight beyond 65504",
    );
    await checkpoint.close();
  });

  test("integers are no weights", async () => {
    const checkpoint = await opened(
      file({ x: { dtype: "I64", shape: [1], data_offsets: [0, 8] } }, 8),
    );
    await expect(checkpoint.singles("x")).rejects.toThrow(
      "x holds I64, and weights are F32, F16 or BF16",
    );
    await checkpoint.close();
  });
});

describe("a checkpoint in parts", () => {
  const index = (map: unknown): string => JSON.stringify({ metadata: {}, weight_map: map });

  async function parts(map: unknown): Promise<Checkpoint> {
    const folder = folderWith({ "model.safetensors.index.json": index(map) });
    await writeSafetensors(join(folder, "1.safetensors"), [pair[0]]);
    await writeSafetensors(join(folder, "2.safetensors"), [pair[1]]);
    return openCheckpoint(folder);
  }

  test("is read as one", async () => {
    const checkpoint = await parts({ a: "2.safetensors", b: "1.safetensors" });
    expect([...(await checkpoint.singles("a"))]).toEqual([5, 6, 7]);
    expect([...(await checkpoint.singles("b"))]).toEqual([1, 2, 3, 4]);
    await checkpoint.close();
  });

  test.each([
    [
      "a tensor that its part lacks",
      { a: "1.safetensors", b: "1.safetensors" },
      /a is in 1\.safetensors, and it is not/,
    ],
    ["a part that is not there", { a: "3.safetensors" }, /^there is no .*3\.safetensors/],
    ["a path out of the folder", { a: "../2.safetensors" }, /does not name files of the folder/],
    ["no names", { a: 1 }, /does not name files of the folder/],
  ])("with %s is refused", async (_what, map, message) => {
    await expect(parts(map)).rejects.toThrow(message);
  });
});

test("a folder without weights says what it looks for", async () => {
  await expect(openCheckpoint(folderWith())).rejects.toThrow(/^there is no .*model\.safetensors$/);
});

describe("a header that lies is told by its lie", () => {
  test.each<[string, Uint8Array, RegExp]>([
    ["too short for a length", Buffer.from("abc"), /it has only 3 bytes/],
    ["a length beyond the file", file({}, 0).subarray(0, 9), /claims 2 bytes of the file's 9/],
    ["an absurd length", Buffer.alloc(16, 0xff), /its header claims \d+ bytes/],
    ["no JSON", file("{", 0), /^reading the header of /],
    ["a list", file([], 0), /does not hold a JSON object/],
    ["no UTF-8", file("{}", 0).fill(0xff, 8), /its header is not UTF-8/],
    ["an entry that is no object", file({ x: 3 }, 0), /the entry of x is no object/],
    [
      "an unknown dtype",
      file({ x: { dtype: "F31", shape: [], data_offsets: [0, 4] } }, 4),
      /dtype "F31"/,
    ],
    [
      "a dtype of objects",
      file({ x: { dtype: "toString", shape: [], data_offsets: [0, 4] } }, 4),
      /dtype/,
    ],
    ["a negative extent", file({ x: f32([-1], 0, 4) }, 4), /x has the shape \[-1\]/],
    ["a broken extent", file({ x: f32([1.5], 0, 6) }, 6), /x has the shape \[1.5\]/],
    ["offsets that fall", file({ x: f32([1], 4, 0) }, 4), /x lies at \[4,0\]/],
    [
      "one offset",
      file({ x: { dtype: "F32", shape: [1], data_offsets: [0] } }, 4),
      /x lies at \[0\]/,
    ],
    ["a shape larger than its bytes", file({ x: f32([2], 0, 4) }, 4), /takes 8 bytes, not 4/],
    [
      "a shape that overflows",
      file({ x: f32([2 ** 40, 2 ** 40], 0, 4) }, 4),
      /x of shape .* takes/,
    ],
    ["a tensor beyond the file", file({ x: f32([2], 0, 8) }, 4), /take 8 bytes of the 4/],
    ["bytes that no tensor takes", file({ x: f32([1], 0, 4) }, 6), /take 4 bytes of the 6/],
    ["a gap", file({ x: f32([1], 0, 4), y: f32([1], 8, 12) }, 12), /y begins 4 bytes after/],
    ["an overlap", file({ x: f32([2], 0, 8), y: f32([1], 4, 8) }, 8), /y begins 4 bytes before/],
    [
      "metadata that are no strings",
      file({ __metadata__: { a: 1 } }, 0),
      /its metadata a is no string/,
    ],
    [
      "a Git LFS pointer",
      Buffer.from("version https://git-lfs.github.com/spec/v1\n"),
      /its header claims/,
    ],
  ])("%s", async (_what, content, message) => {
    await expect(opened(content)).rejects.toThrow(message);
    await expect(opened(content)).rejects.toBeInstanceOf(MachineError);
  });
});

test("a file with any bytes changed opens or is a MachineError, and then its tensors lie in the file", async () => {
  const folder = folderWith();
  await writeSafetensors(join(folder, "model.safetensors"), pair);
  const whole = readFileSync(join(folder, "model.safetensors"));
  const changes = fc.array(fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) }), {
    minLength: 1,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(changes, fc.option(fc.nat(whole.length)), async (edits, length) => {
      const content = Buffer.from(whole.subarray(0, length ?? whole.length));
      for (const { at, byte } of edits) if (at < content.length) content[at] = byte;
      await tryReading(content);
    }),
    { numRuns: 400 },
  );
});

test("a header of any JSON opens or is a MachineError", async () => {
  const entry = fc.record(
    {
      dtype: fc.oneof(fc.constantFrom("F32", "U8", "F31"), fc.jsonValue()),
      shape: fc.oneof(fc.array(fc.integer({ min: -1, max: 3 }), { maxLength: 2 }), fc.jsonValue()),
      data_offsets: fc.oneof(fc.tuple(fc.nat(12), fc.nat(12)), fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  const header = fc.oneof(
    fc.dictionary(fc.string(), fc.oneof(entry, fc.jsonValue())),
    fc.jsonValue(),
  );
  await fc.assert(
    fc.asyncProperty(header, fc.nat(12), async (json, dataBytes) => {
      await tryReading(file(json, dataBytes));
    }),
    { numRuns: 300 },
  );
});

/** Whatever the content: its tensors can be read whole, or it is refused. */
async function tryReading(content: Uint8Array): Promise<void> {
  let checkpoint: Checkpoint;
  try {
    checkpoint = await opened(content);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(MachineError);
    return;
  }
  for (const { name, shape, bytes, offset } of checkpoint.tensors.values()) {
    expect(offset + bytes).toBeLessThanOrEqual(content.length);
    const count = shape.reduce((product, extent) => product * extent, 1);
    expect((await checkpoint.bytes(name, 0, count)).length).toBe(bytes);
  }
  await checkpoint.close();
}
