/**
 * One file of the hub into the cache: its bytes to `blobs/<etag>`, a link to them in `snapshots/<commit>/`. What
 * was downloaded before an interruption is kept and gone on from; what does not have the promised hash is
 * thrown away.
 */

import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { copyFile, lstat, mkdir, rename, rm, stat, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { MachineError, messageOf } from "../errors.ts";
import { isMissing } from "../json.ts";

export interface HubRequest {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly token: string | undefined;
  /** What is being fetched, for messages: `hf:org/name@main`. */
  readonly what: string;
}

export interface HubFile {
  readonly repository: string;
  readonly commit: string;
  /** Its path in the repository. */
  readonly file: string;
}

/** Does nothing for a file that the cache has. */
export async function download(request: HubRequest, file: HubFile, cache: string): Promise<void> {
  const link = join(cache, "snapshots", file.commit, file.file);
  if ((await sizeOf(link)) !== undefined) return;
  const path = file.file.split("/").map(encodeURIComponent).join("/");
  const url = `${request.endpoint}/${file.repository}/resolve/${file.commit}/${path}`;
  const promised = await promiseOf(request, url);
  const blob = join(cache, "blobs", promised.etag);
  try {
    await mkdir(dirname(blob), { recursive: true });
    await mkdir(dirname(link), { recursive: true });
    if ((await sizeOf(blob)) === undefined) await fill(request, url, promised, blob);
    await linkTo(blob, link);
  } catch (thrown) {
    if (thrown instanceof MachineError) throw thrown;
    throw new MachineError(`downloading ${file.file} of ${request.what}: ${messageOf(thrown)}`, [
      "run again: what was downloaded is kept",
    ]);
  }
}

/** What the hub says of a file before it sends it. */
interface Promised {
  /** The sha256 of a large file, the git hash of a small one, in hexadecimal. */
  readonly etag: string;
  readonly bytes: number;
}

async function promiseOf(request: HubRequest, url: string): Promise<Promised> {
  // A large file is elsewhere, but its hash and size are said here, before the redirection.
  const response = await hubFetch(request, url, { method: "HEAD", redirect: "manual" });
  const { headers } = response;
  const etag = (headers.get("x-linked-etag") ?? headers.get("etag") ?? "").replace(/^W\/|"/g, "");
  const bytes = Number(headers.get("x-linked-size") ?? headers.get("content-length"));
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(etag) || !Number.isSafeInteger(bytes)) {
    throw new MachineError(`${url} does not say its hash and size`);
  }
  return { etag, bytes };
}

/** Downloads into a draft, from where the draft ends, and makes it the blob when its hash is right. */
async function fill(
  request: HubRequest,
  url: string,
  promised: Promised,
  blob: string,
): Promise<void> {
  const draft = `${blob}.incomplete`;
  const have = (await sizeOf(draft)) ?? 0;
  if (have < promised.bytes) {
    const headers = have === 0 ? undefined : { range: `bytes=${have}-` };
    const response = await hubFetch(request, url, { headers });
    if (response.body === null) throw new MachineError(`${url} sends nothing`);
    // A server that does not know ranges sends all of it again.
    const flags = response.status === 206 ? "a" : "w";
    await pipeline(Readable.fromWeb(response.body), createWriteStream(draft, { flags }));
  }
  const found = (await sizeOf(draft)) ?? 0;
  if (found < promised.bytes) {
    throw new MachineError(
      `downloading ${url}: it ended after ${found} of ${promised.bytes} bytes`,
      ["run again: what was downloaded is kept"],
    );
  }
  if ((await hashOf(draft, promised)) !== promised.etag) {
    await rm(draft);
    throw new MachineError(
      `${url} does not have the hash that the hub promised, and was thrown away`,
    );
  }
  await rename(draft, blob);
}

async function hashOf(path: string, { etag, bytes }: Promised): Promise<string> {
  // Git hashes a small file together with its kind and size.
  const isLarge = etag.length === 64;
  const hash = createHash(isLarge ? "sha256" : "sha1");
  if (!isLarge) hash.update(`blob ${bytes}\0`);
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}

/** A relative link, so that the cache can be moved; a copy where the system allows no links. */
async function linkTo(blob: string, link: string): Promise<void> {
  try {
    await symlink(relative(dirname(link), blob), link);
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
    if (code === "EEXIST" && (await lstat(link)).isSymbolicLink()) return;
    if (code !== "EPERM") throw thrown;
    await copyFile(blob, link);
  }
}

const mostHops = 5;

/**
 * A response that is not an error. The token goes to the hub and to no other host: large files are redirected
 * to a store that has its own signature in the address.
 */
export async function hubFetch(
  request: HubRequest,
  url: string,
  options: {
    readonly method?: string;
    readonly redirect?: "manual";
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
  hops = 0,
): Promise<Response> {
  const isOurs = new URL(url).host === new URL(request.endpoint).host;
  const headers = {
    "user-agent": "ftc",
    // Sizes and hashes are those of the file, not of what it is compressed to.
    "accept-encoding": "identity",
    ...options.headers,
    ...(isOurs && request.token !== undefined && { authorization: `Bearer ${request.token}` }),
  };
  let response: Response;
  try {
    response = await fetch(url, { method: options.method, headers, redirect: "manual" });
  } catch (thrown) {
    throw new MachineError(`asking ${url}: ${reasonOf(thrown)}`, [
      "HF_HUB_OFFLINE=1 takes what the cache has; HF_ENDPOINT names a mirror",
    ]);
  }
  const { status } = response;
  const location = response.headers.get("location");
  if (status >= 300 && status < 400 && location !== null) {
    if (options.redirect === "manual" && response.headers.has("x-linked-etag")) return response;
    if (hops === mostHops) throw new MachineError(`${url} is redirected without end`);
    return hubFetch(request, new URL(location, url).href, options, hops + 1);
  }
  if (response.ok) return response;
  if (status === 401 || status === 403) {
    throw new MachineError(
      `the hub does not give ${request.what} ${request.token === undefined ? "without a token" : "to this token"}`,
      ["accept the model's terms on its page, and set HF_TOKEN to a token that may read it"],
    );
  }
  if (status === 404) throw new MachineError(`the hub has no ${request.what}: ${url} is not there`);
  throw new MachineError(`${url} answers with status ${status}`);
}

/** fetch says only that it failed; the cause says why. */
function reasonOf(thrown: unknown): string {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  return cause === undefined ? messageOf(thrown) : messageOf(cause);
}

/** Undefined where there is no such file. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw new MachineError(`looking for ${path}: ${messageOf(thrown)}`);
  }
}
