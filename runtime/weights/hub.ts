/**
 * Models of the Hugging Face hub, kept in the cache that its own libraries use, so that nothing is downloaded
 * twice: `models--org--name/{refs,blobs,snapshots}`. A branch is resolved to a commit once; what the lock
 * remembers is the commit. Downloads go on where they stopped, and are checked against their hash.
 */

import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { MachineError, messageOf } from "../errors.ts";
import { isMissing, isObject, parsedObject } from "../json.ts";
import { download, type HubRequest, hubFetch } from "./download.ts";

/** `hf:org/name@revision` in its parts. */
export interface HubAddress {
  readonly repository: string;
  /** A branch, a tag or a commit; `main` where none is written. */
  readonly revision: string;
}

export interface HubModel {
  /** Holds the model's files under their own names. */
  readonly folder: string;
  /** 40 hexadecimal digits. */
  readonly commit: string;
  readonly files: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Undefined for what is no address of the hub: a path. Throws a MachineError for one that is broken. */
export function hubAddress(text: string): HubAddress | undefined {
  if (!text.startsWith("hf:")) return undefined;
  const parts = /^hf:([\w.-]+\/[\w.-]+)(?:@([\w./-]+))?$/.exec(text);
  if (parts === null || parts[0].includes("..")) {
    throw new MachineError(`${text} is no model of the hub`, [
      "write hf:org/name or hf:org/name@revision",
    ]);
  }
  return { repository: parts[1], revision: parts[2] ?? "main" };
}

/** The folder in which the hub's libraries keep what they download. */
export function hubCache(environment: Environment): string {
  return (
    environment.HF_HUB_CACHE ??
    environment.HUGGINGFACE_HUB_CACHE ??
    join(hubHome(environment), "hub")
  );
}

/**
 * Finds or downloads a model's files: its config, its weights, its tokenizer. `HF_HUB_OFFLINE=1` takes what the
 * cache has and asks nobody. Throws a MachineError for what the hub or the disk refuses.
 */
export async function hubModel(address: HubAddress, environment: Environment): Promise<HubModel> {
  const cache = join(hubCache(environment), `models--${address.repository.replace("/", "--")}`);
  if (isOn(environment.HF_HUB_OFFLINE)) return cachedModel(address, cache);
  const request: HubRequest = {
    endpoint: (environment.HF_ENDPOINT ?? "https://huggingface.co").replace(/\/+$/, ""),
    token: await tokenOf(environment),
    what: `hf:${address.repository}@${address.revision}`,
  };
  const { commit, files } = await listing(address, request);
  await writeReference(cache, address.revision, commit);
  const wanted = files.filter(isWanted);
  for (const file of wanted) {
    await download(request, { repository: address.repository, commit, file }, cache);
  }
  return { folder: join(cache, "snapshots", commit), commit, files: wanted };
}

/** Where a model's files are. */
export interface ModelPlace {
  readonly folder: string;
  /** Of a model of the hub; undefined for a folder of this machine. */
  readonly commit: string | undefined;
}

/**
 * Finds a model by its address, `hf:` or a path from `directory`; the hub is asked once for each. `commitOf` may
 * say which commit an address stands for, in place of what the hub says today.
 */
export function modelPlaces(
  directory: string,
  environment: Environment,
  commitOf: (address: string) => string | undefined = () => undefined,
): (address: string) => Promise<ModelPlace> {
  const found = new Map<string, Promise<HubModel>>();
  return async (text) => {
    const address = hubAddress(text);
    if (address === undefined) return { folder: resolve(directory, text), commit: undefined };
    const revision = commitOf(text) ?? address.revision;
    const model = found.get(text) ?? hubModel({ ...address, revision }, environment);
    found.set(text, model);
    return model;
  };
}

/** The folders alone. */
export function modelFolders(
  ...where: Parameters<typeof modelPlaces>
): (address: string) => Promise<string> {
  const placeOf = modelPlaces(...where);
  return async (address) => (await placeOf(address)).folder;
}

async function cachedModel(address: HubAddress, cache: string): Promise<HubModel> {
  const commit = isCommit(address.revision)
    ? address.revision
    : await readIfThere(join(cache, "refs", address.revision));
  const folder = join(cache, "snapshots", commit?.trim() ?? "");
  if (commit === undefined || !(await isThere(folder))) {
    throw new MachineError(
      `hf:${address.repository}@${address.revision} is not in the cache ${cache}`,
      ["HF_HUB_OFFLINE is set, so nothing is downloaded"],
    );
  }
  const files: string[] = [];
  for (const file of namedFiles) if (await isThere(join(folder, file))) files.push(file);
  return { folder, commit: commit.trim(), files };
}

/** What is looked for by name; weights besides, whatever they are called. */
export const namedFiles: readonly string[] = [
  "config.json",
  "generation_config.json",
  "model.safetensors",
  "model.safetensors.index.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  "chat_template.jinja",
];

function isWanted(file: string): boolean {
  return namedFiles.includes(file) || /^model-\d+-of-\d+\.safetensors$/.test(file);
}

async function listing(
  { repository, revision }: HubAddress,
  request: HubRequest,
): Promise<{ readonly commit: string; readonly files: readonly string[] }> {
  const url = `${request.endpoint}/api/models/${repository}/revision/${encodeURIComponent(revision)}`;
  const response = await hubFetch(request, url);
  const { sha, siblings } = parsedObject(await response.text(), url);
  if (typeof sha !== "string" || !isCommit(sha) || !Array.isArray(siblings)) {
    throw new MachineError(`${url} does not say the commit and its files`);
  }
  const files = siblings.flatMap((entry: unknown) =>
    isObject(entry) && typeof entry.rfilename === "string" ? [entry.rfilename] : [],
  );
  return { commit: sha, files };
}

/** So that other programs, and we when offline, find the commit of the branch. */
async function writeReference(cache: string, revision: string, commit: string): Promise<void> {
  if (isCommit(revision)) return;
  const path = join(cache, "refs", revision);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, commit);
  } catch (thrown) {
    throw new MachineError(`writing ${path}: ${messageOf(thrown)}`);
  }
}

async function tokenOf(environment: Environment): Promise<string | undefined> {
  const path = environment.HF_TOKEN_PATH ?? join(hubHome(environment), "token");
  const token = environment.HF_TOKEN ?? (await readIfThere(path));
  return token === undefined || token.trim() === "" ? undefined : token.trim();
}

function hubHome(environment: Environment): string {
  const caches = environment.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  return environment.HF_HOME ?? join(caches, "huggingface");
}

function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && ["1", "true", "yes", "on"].includes(value.toLowerCase());
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (thrown) {
    if (isMissing(thrown)) return false;
    throw new MachineError(`looking for ${path}: ${messageOf(thrown)}`);
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw new MachineError(`reading ${path}: ${messageOf(thrown)}`);
  }
}
