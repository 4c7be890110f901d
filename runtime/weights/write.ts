/** Writes safetensors files, tensor by tensor, without holding more than one piece of one. */

import { planFault } from "../errors.ts";
import { writeAtomically } from "./atomic.ts";
import { elementCount } from "./checkpoint.ts";
import { type StoredDtype, storedDtypes } from "./header.ts";

export interface TensorToWrite {
  readonly name: string;
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  /** Its bytes in pieces, asked for when its turn comes. */
  readonly data: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Readers map a file's bytes, so tensors start at multiples of eight. */
const alignment = 8;

/**
 * The file appears whole or not at all. Tensors of wide elements come first, then by name, so that each is
 * aligned to its element, as the format's own writer does.
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>> = { format: "pt" },
): Promise<void> {
  const ordered = [...tensors].sort(
    (a, b) => storedDtypes[b.dtype] - storedDtypes[a.dtype] || (a.name < b.name ? -1 : 1),
  );
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const { name, dtype, shape } of ordered) {
    if (Object.hasOwn(header, name)) planFault(`${name} is written twice`);
    const start = end;
    end += elementCount(shape) * storedDtypes[dtype];
    header[name] = { dtype, shape, data_offsets: [start, end] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Math.ceil(text.length / alignment) * alignment;
  const start = Buffer.alloc(alignment + length, " ");
  start.writeBigUInt64LE(BigInt(length));
  text.copy(start, alignment);

  await writeAtomically(path, async (handle) => {
    await handle.writeFile(start);
    for (const { name, dtype, shape, data } of ordered) {
      let bytes = 0;
      for await (const piece of data()) {
        bytes += piece.length;
        await handle.writeFile(piece);
      }
      const promised = elementCount(shape) * storedDtypes[dtype];
      if (bytes !== promised)
        planFault(`${name} has ${bytes} bytes, and its shape needs ${promised}`);
    }
  });
}

/** A typed array as a tensor's bytes. */
export function bytesOf(data: Float32Array | Uint16Array | Uint8Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
