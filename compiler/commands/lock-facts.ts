/** What a pipeline reads today, as its lock would have it. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { canonicalHash, parsedObject } from "../../runtime/json.ts";
import type { Lock, LockedDataset, LockedModel } from "../../runtime/lock.ts";
import { Progress } from "../../runtime/progress.ts";
import { type HashedFile, modelFiles, trustedFile } from "../../runtime/weights/model-files.ts";
import { dataPlanOf, datasetsOf } from "../plan/assemble.ts";
import type { Io } from "./command.ts";
import type { CountedData } from "./count-data.ts";
import { addressesOf, type Loaded } from "./load.ts";
import { version } from "./version.ts";

/**
 * Hashes every file of every model; those of `trusted`, which a lock has, only where their size is another.
 * Rows were hashed when they were read.
 */
export async function lockOf(
  io: Io,
  loaded: Loaded,
  data: CountedData,
  trusted: Lock | undefined,
): Promise<Lock> {
  const progress = new Progress(io.stderr);
  const models: Record<string, LockedModel> = {};
  for (const address of addressesOf(loaded.program)) {
    const { folder, commit } = await loaded.placeOf(address);
    const files: Record<string, HashedFile> = {};
    for (const name of await modelFiles(folder)) {
      progress.activity(`hashing ${address}/${name}`);
      files[name] = await trustedFile(join(folder, name), trusted?.models[address]?.files[name]);
    }
    models[address] = commit === undefined ? { files } : { commit, files };
  }
  progress.end();
  return {
    format: "ftc-lock",
    version: 1,
    compiler: `ftc ${version()}`,
    modules: modulesOf(loaded),
    models,
    data: Object.fromEntries(
      [...data.session.files].map(([path, { bytes, rows, sha256 }]) => [
        path,
        { bytes, rows, sha256 },
      ]),
    ),
    datasets: datasetsIn(loaded, data),
  };
}

/** What the pipeline imports; the pipeline itself is what the lock belongs to. */
function modulesOf({ program }: Loaded): Lock["modules"] {
  const imported = program.modules.filter((module) => module !== program.entry);
  return Object.fromEntries(
    imported.map(({ path, file }) => [
      path,
      createHash("sha256").update(file.source.text).digest("hex"),
    ]),
  );
}

function datasetsIn({ pipeline }: Loaded, data: CountedData): Lock["datasets"] {
  const locked: Record<string, LockedDataset> = {};
  for (const [name, dataset] of datasetsOf(pipeline)) {
    const made = data.datasets.get(name);
    if (made === undefined) continue;
    const { count, hash, tokenizer } = made;
    locked[name] = {
      recipe: canonicalHash(dataPlanOf(dataset)),
      tokenizer: canonicalHash(parsedObject(tokenizer.json, "tokenizer.json")),
      windows: count,
      tokens: hash,
    };
  }
  return locked;
}
