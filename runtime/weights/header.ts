/**
 * The header of a safetensors file: eight bytes of length, then JSON that says for each tensor its dtype, shape
 * and place. Everything it claims is checked against the file before a weight is read: what this returns
 * can be trusted, and every lie is a MachineError that says which.
 */

import { isUtf8 } from "node:buffer";
import type { FileHandle } from "node:fs/promises";
import { MachineError } from "../errors.ts";
import { isObject, parsedObject } from "../json.ts";

/** Bytes of an element. */
export const storedDtypes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  F8_E8M0: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
  C64: 8,
} as const;

export type StoredDtype = keyof typeof storedDtypes;

export interface StoredTensor {
  readonly name: string;
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  /** The file it is in. */
  readonly file: string;
  /** Of its first byte, counted from the file's start. */
  readonly offset: number;
  readonly bytes: number;
}

export interface Header {
  /** In the order of the file's bytes. */
  readonly tensors: readonly StoredTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** As the format's reference implementation: no honest header is as long. */
const longestHeader = 100_000_000;
const lengthBytes = 8;

export async function readHeader(handle: FileHandle, file: string): Promise<Header> {
  const { size } = await handle.stat();
  const lie = (message: string): never => {
    throw new MachineError(`${file} is no whole safetensors file: ${message}`, [
      "it may be a download that was cut short, or a Git LFS pointer: fetch it again",
    ]);
  };
  if (size < lengthBytes) lie(`it has only ${size} bytes`);
  const lengthField = await readExactly(handle, file, 0, lengthBytes);
  const length = Number(Buffer.from(lengthField).readBigUInt64LE());
  if (length > longestHeader) lie(`its header claims ${length} bytes`);
  if (lengthBytes + length > size) lie(`its header claims ${length} bytes of the file's ${size}`);
  const text = await readExactly(handle, file, lengthBytes, length);
  if (!isUtf8(text)) lie("its header is not UTF-8");
  const json = parsedObject(Buffer.from(text).toString("utf8"), `the header of ${file}`);
  const data = { start: lengthBytes + length, bytes: size - lengthBytes - length };
  const tensors = Object.entries(json)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, entry]) => storedTensor(name, entry, file, data.start, lie))
    .sort((a, b) => a.offset - b.offset || a.bytes - b.bytes);
  let end = data.start;
  for (const tensor of tensors) {
    const gap = tensor.offset - end;
    if (gap !== 0)
      lie(
        `${tensor.name} begins ${Math.abs(gap)} bytes ${gap > 0 ? "after" : "before"} the end of the tensor before it`,
      );
    end += tensor.bytes;
  }
  if (end !== size)
    lie(`its tensors take ${end - data.start} bytes of the ${data.bytes} after the header`);
  return { tensors, metadata: metadataOf(json.__metadata__, lie) };
}

/** Node reads less than 2 GiB at a time. */
const mostAtOnce = 1 << 30;

/** Memory of its own, so that it can be seen as elements of any size. */
export async function readExactly(
  handle: FileHandle,
  file: string,
  from: number,
  bytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const data = new Uint8Array(new ArrayBuffer(bytes));
  let read = 0;
  while (read < bytes) {
    const { bytesRead } = await handle.read(
      data,
      read,
      Math.min(bytes - read, mostAtOnce),
      from + read,
    );
    if (bytesRead === 0) throw new MachineError(`reading ${file}: it has become shorter`);
    read += bytesRead;
  }
  return data;
}

function storedTensor(
  name: string,
  entry: unknown,
  file: string,
  dataStart: number,
  lie: (message: string) => never,
): StoredTensor {
  if (!isObject(entry)) return lie(`the entry of ${name} is no object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isStoredDtype(dtype))
    return lie(`${name} has the dtype ${JSON.stringify(dtype)}, which we do not know`);
  if (!isCounts(shape)) return lie(`${name} has the shape ${JSON.stringify(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    return lie(`${name} lies at ${JSON.stringify(offsets)}`);
  }
  const [start, end] = offsets;
  const bytes = shape.reduce((product, extent) => product * extent, storedDtypes[dtype]);
  if (bytes !== end - start) {
    return lie(
      `${name} of shape ${JSON.stringify(shape)} and dtype ${dtype} takes ${bytes} bytes, not ${end - start}`,
    );
  }
  return { name, dtype, shape, file, offset: dataStart + start, bytes };
}

function metadataOf(
  value: unknown,
  lie: (message: string) => never,
): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  if (!isObject(value)) return lie("its metadata are no object");
  const metadata: Record<string, string> = {};
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") return lie(`its metadata ${key} is no string`);
    metadata[key] = text;
  }
  return metadata;
}

function isStoredDtype(value: unknown): value is StoredDtype {
  return typeof value === "string" && Object.hasOwn(storedDtypes, value);
}

/** A list of integers from 0 on. */
function isCounts(value: unknown): value is readonly number[] {
  return (
    Array.isArray(value) &&
    value.every((count) => Number.isSafeInteger(count) && Number(count) >= 0)
  );
}
