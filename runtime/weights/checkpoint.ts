/**
 * The weights of a model's folder: one safetensors file, or several with an index. Opening reads headers
 * only; weights are read in pieces and converted on the way, so memory stays far below the model's size.
 */

import { type FileHandle, open } from "node:fs/promises";
import { basename, join } from "node:path";
import { MachineError, messageOf } from "../errors.ts";
import { isMissing, readObject } from "../json.ts";
import { brainToSingle, halfToSingle, singleToHalf } from "./float.ts";
import {
  readExactly,
  readHeader,
  type StoredDtype,
  type StoredTensor,
  storedDtypes,
} from "./header.ts";

export interface Checkpoint {
  /** By the names that the file gives them. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Elements from `from` on, as stored. */
  bytes(name: string, from: number, count: number): Promise<Uint8Array<ArrayBuffer>>;
  /** The whole tensor as singles; it holds F32, F16 or BF16. */
  singles(name: string): Promise<Float32Array<ArrayBuffer>>;
  /** Piece by piece, at most `count` elements each; f16 is bit patterns. */
  pieces(name: string, as: "f32" | "f16", count: number): AsyncGenerator<Piece>;
  close(): Promise<void>;
}

export interface Piece {
  /** The first element's place in the tensor. */
  readonly from: number;
  readonly data: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;
}

/** A folder with `model.safetensors` or its index; a MachineError where there is neither. */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  const index = join(folder, "model.safetensors.index.json");
  const map = (await readObject(index))?.weight_map;
  if (map === undefined) return openFiles([join(folder, "model.safetensors")]);
  if (!isNames(map))
    throw new MachineError(`reading ${index}: its weight_map does not name files of the folder`);
  const files = [...new Set(Object.values(map))].sort();
  const checkpoint = await openFiles(files.map((file) => join(folder, file)));
  for (const [name, file] of Object.entries(map)) {
    if (checkpoint.tensors.get(name)?.file === join(folder, file)) continue;
    await checkpoint.close();
    throw new MachineError(`${index} says that ${name} is in ${file}, and it is not`);
  }
  return checkpoint;
}

/** Safetensors files whose tensors are one model. */
export async function openFiles(paths: readonly string[]): Promise<Checkpoint> {
  const handles = new Map<string, FileHandle>();
  const tensors = new Map<string, StoredTensor>();
  let metadata: Readonly<Record<string, string>> = {};
  const close = async (): Promise<void> => {
    for (const handle of handles.values()) await handle.close();
    handles.clear();
  };
  try {
    for (const path of paths) {
      const handle = await openToRead(path);
      handles.set(path, handle);
      const header = await readHeader(handle, path);
      for (const tensor of header.tensors) {
        const other = tensors.get(tensor.name);
        if (other !== undefined)
          throw new MachineError(`${tensor.name} is in ${other.file} and in ${path}`);
        tensors.set(tensor.name, tensor);
      }
      metadata = { ...metadata, ...header.metadata };
    }
  } catch (thrown) {
    await close();
    if (thrown instanceof MachineError) throw thrown;
    throw new MachineError(`reading ${paths.join(", ")}: ${messageOf(thrown)}`);
  }
  return { tensors, metadata, close, ...reading(tensors, handles) };
}

function reading(
  tensors: ReadonlyMap<string, StoredTensor>,
  handles: ReadonlyMap<string, FileHandle>,
): Pick<Checkpoint, "bytes" | "singles" | "pieces"> {
  const tensorOf = (name: string): StoredTensor => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new MachineError(`the checkpoint has no tensor ${name}`);
    return tensor;
  };

  const bytes = async (
    name: string,
    from: number,
    count: number,
  ): Promise<Uint8Array<ArrayBuffer>> => {
    const tensor = tensorOf(name);
    const handle = handles.get(tensor.file);
    if (handle === undefined) throw new MachineError(`${tensor.file} is closed`);
    const size = storedDtypes[tensor.dtype];
    return readExactly(handle, tensor.file, tensor.offset + from * size, count * size);
  };

  const pieces = async function* (
    name: string,
    as: "f32" | "f16",
    count: number,
  ): AsyncGenerator<Piece> {
    const { dtype, shape } = tensorOf(name);
    const total = elementCount(shape);
    for (let from = 0; from < total; from += count) {
      const stored = await bytes(name, from, Math.min(count, total - from));
      const data =
        as === "f32" ? singlesOf(stored.buffer, dtype, name) : halvesOf(stored.buffer, dtype, name);
      yield { from, data };
    }
  };

  const singles = async (name: string): Promise<Float32Array<ArrayBuffer>> => {
    const { dtype, shape } = tensorOf(name);
    return singlesOf((await bytes(name, 0, elementCount(shape))).buffer, dtype, name);
  };

  return { bytes, singles, pieces };
}

/** 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

function singlesOf(
  stored: ArrayBuffer,
  dtype: StoredDtype,
  name: string,
): Float32Array<ArrayBuffer> {
  switch (dtype) {
    case "F32":
      return new Float32Array(stored);
    case "F16": {
      const bits = new Uint16Array(stored);
      const values = new Float32Array(bits.length);
      halfToSingle(bits, values);
      return values;
    }
    case "BF16": {
      const bits = new Uint16Array(stored);
      const values = new Float32Array(bits.length);
      brainToSingle(bits, values);
      return values;
    }
    default:
      throw new MachineError(`${name} holds ${dtype}, and weights are F32, F16 or BF16`);
  }
}

function halvesOf(stored: ArrayBuffer, dtype: StoredDtype, name: string): Uint16Array<ArrayBuffer> {
  if (dtype === "F16") return new Uint16Array(stored);
  const values = singlesOf(stored, dtype, name);
  const bits = new Uint16Array(values.length);
  const overflows = singleToHalf(values, bits);
  if (overflows === 0) return bits;
  throw new MachineError(
    `${name} holds ${overflows} ${overflows === 1 ? "weight" : "weights"} beyond 65504, the most that f16 can hold`,
    ["choose a precision that stores this model's weights as f32"],
  );
}

async function openToRead(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (thrown) {
    if (isMissing(thrown)) {
      throw new MachineError(`there is no ${path}`, [
        "a model's folder holds model.safetensors, or model.safetensors.index.json and its parts",
      ]);
    }
    throw new MachineError(`opening ${path}: ${messageOf(thrown)}`);
  }
}

function isNames(value: unknown): value is Readonly<Record<string, string>> {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every((file) => typeof file === "string" && file === basename(file))
  );
}
