/** The hub, played by a server on this machine. */

import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { hubAddress, hubCache, hubModel, modelFolders } from "../../runtime/weights/hub.ts";
import { folderWith } from "../support/folder.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";
const config = '{"model_type":"llama"}';
const weights = "w".repeat(5000);
const configHash = createHash("sha1").update(`blob ${config.length}\0${config}`).digest("hex");
const weightsHash = createHash("sha256").update(weights).digest("hex");

interface Hub {
  readonly endpoint: string;
  /** `GET /path` for each request to the hub or its store, in order. */
  readonly log: readonly string[];
  readonly authorizations: readonly (string | undefined)[];
}

interface Behaviour {
  /** Bytes after which the store breaks off, once. */
  readonly breaksAfter?: number;
  /** What the store sends in place of the weights. */
  readonly sends?: string;
  readonly status?: number;
}

function listening(server: Server): Promise<string> {
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
    });
  });
}

/** A hub with a model `org/name`, and a store elsewhere for its weights. */
async function hub(behaviour: Behaviour = {}): Promise<Hub> {
  const log: string[] = [];
  const authorizations: (string | undefined)[] = [];
  let breaks = behaviour.breaksAfter;
  const note = (request: IncomingMessage): void => {
    log.push(
      `${request.method} ${request.url}${request.headers.range ? ` ${request.headers.range}` : ""}`,
    );
    authorizations.push(request.headers.authorization);
  };
  const store = createServer((request, response) => {
    note(request);
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const body = (behaviour.sends ?? weights).slice(from);
    response.writeHead(from > 0 ? 206 : 200);
    response.end(body.slice(0, breaks));
    breaks = undefined;
  });
  const storeAt = await listening(store);
  const front = createServer((request, response) => {
    note(request);
    if (behaviour.status !== undefined) response.writeHead(behaviour.status).end();
    else if (request.url === "/api/models/org/name/revision/main") {
      const names = ["config.json", "model.safetensors", "pytorch_model.bin", "../../escape"];
      response.end(
        JSON.stringify({ sha: commit, siblings: names.map((rfilename) => ({ rfilename })) }),
      );
    } else if (request.url === `/org/name/resolve/${commit}/config.json`) {
      response.setHeader("etag", `"${configHash}"`);
      response.setHeader("content-length", config.length);
      response.end(request.method === "HEAD" ? undefined : config);
    } else if (request.url === `/org/name/resolve/${commit}/model.safetensors`) {
      response.setHeader("x-linked-etag", `"${weightsHash}"`);
      response.setHeader("x-linked-size", weights.length);
      response.writeHead(302, { location: `${storeAt}/blob` }).end();
    } else response.writeHead(404).end();
  });
  return { endpoint: await listening(front), log, authorizations };
}

const address = { repository: "org/name", revision: "main" };

test("a model is downloaded into the cache that the hub's libraries share", async () => {
  const { endpoint } = await hub();
  const cache = folderWith();
  const model = await hubModel(address, {
    HF_ENDPOINT: endpoint,
    HF_HUB_CACHE: cache,
    HF_HOME: cache,
  });
  const root = join(cache, "models--org--name");
  expect(model).toEqual({
    folder: join(root, "snapshots", commit),
    commit,
    files: ["config.json", "model.safetensors"],
  });
  expect(readFileSync(join(model.folder, "config.json"), "utf8")).toBe(config);
  expect(readFileSync(join(model.folder, "model.safetensors"), "utf8")).toBe(weights);
  expect(lstatSync(join(model.folder, "model.safetensors")).isSymbolicLink()).toBe(true);
  expect(readdirSync(join(root, "blobs")).sort()).toEqual([configHash, weightsHash].sort());
  expect(readFileSync(join(root, "refs", "main"), "utf8")).toBe(commit);
});

test("what the cache has is not downloaded again", async () => {
  const { endpoint, log } = await hub();
  const cache = folderWith();
  const environment = { HF_ENDPOINT: endpoint, HF_HUB_CACHE: cache, HF_HOME: cache };
  await hubModel(address, environment);
  const before = log.length;
  await hubModel(address, environment);
  expect(log.slice(before)).toEqual(["GET /api/models/org/name/revision/main"]);
});

test("offline, the cache answers alone", async () => {
  const { endpoint, log } = await hub();
  const cache = folderWith();
  const environment = { HF_ENDPOINT: endpoint, HF_HUB_CACHE: cache, HF_HOME: cache };
  const online = await hubModel(address, environment);
  const before = log.length;
  expect(await hubModel(address, { ...environment, HF_HUB_OFFLINE: "1" })).toEqual(online);
  expect(
    await hubModel({ ...address, revision: commit }, { ...environment, HF_HUB_OFFLINE: "1" }),
  ).toEqual(online);
  expect(log.length).toBe(before);
});

test("offline, a model that the cache lacks is a fault", async () => {
  const environment = { HF_HUB_CACHE: folderWith(), HF_HUB_OFFLINE: "1" };
  await expect(hubModel(address, environment)).rejects.toThrow(
    /^hf:org\/name@main is not in the cache /,
  );
});

test("a download that broke off goes on from where it ended", async () => {
  const { endpoint, log } = await hub({ breaksAfter: 2000 });
  const cache = folderWith();
  const environment = { HF_ENDPOINT: endpoint, HF_HUB_CACHE: cache, HF_HOME: cache };
  await expect(hubModel(address, environment)).rejects.toThrow(
    /it ended after 2000 of 5000 bytes$/,
  );
  const root = join(cache, "models--org--name");
  const draft = join(root, "blobs", `${weightsHash}.incomplete`);
  expect(existsSync(draft)).toBe(true);
  expect(existsSync(join(root, "snapshots", commit, "model.safetensors"))).toBe(false);
  const { folder } = await hubModel(address, environment);
  expect(readFileSync(join(folder, "model.safetensors"), "utf8")).toBe(weights);
  expect(log.at(-1)).toBe("GET /blob bytes=2000-");
  expect(existsSync(draft)).toBe(false);
});

test("a draft of other bytes is found out and thrown away", async () => {
  const { endpoint } = await hub();
  const cache = folderWith();
  const blobs = join(cache, "models--org--name", "blobs");
  mkdirSync(blobs, { recursive: true });
  writeFileSync(join(blobs, `${weightsHash}.incomplete`), "x".repeat(100));
  const environment = { HF_ENDPOINT: endpoint, HF_HUB_CACHE: cache, HF_HOME: cache };
  await expect(hubModel(address, environment)).rejects.toThrow(
    /does not have the hash that the hub promised/,
  );
  const { folder } = await hubModel(address, environment);
  expect(readFileSync(join(folder, "model.safetensors"), "utf8")).toBe(weights);
});

test("a file that is not what was promised never gets into the cache", async () => {
  const { endpoint } = await hub({ sends: "v".repeat(5000) });
  const cache = folderWith();
  const environment = { HF_ENDPOINT: endpoint, HF_HUB_CACHE: cache, HF_HOME: cache };
  await expect(hubModel(address, environment)).rejects.toThrow(/does not have the hash/);
  expect(readdirSync(join(cache, "models--org--name", "blobs"))).toEqual([configHash]);
});

describe("the token", () => {
  test("goes to the hub and not to the store", async () => {
    const { endpoint, log, authorizations } = await hub();
    const cache = folderWith();
    await hubModel(address, {
      HF_ENDPOINT: endpoint,
      HF_HUB_CACHE: cache,
      HF_HOME: cache,
      HF_TOKEN: "secret",
    });
    const given = log.map((line, at) => `${line}: ${authorizations[at]}`);
    expect(given.filter((line) => line.includes("/blob"))).toEqual(["GET /blob: undefined"]);
    expect(
      given
        .filter((line) => !line.includes("/blob"))
        .every((line) => line.endsWith(": Bearer secret")),
    ).toBe(true);
  });

  test("is read from its file", async () => {
    const { endpoint, authorizations } = await hub();
    const home = folderWith({ token: "from-file\n" });
    await hubModel(address, { HF_ENDPOINT: endpoint, HF_HOME: home });
    expect(authorizations[0]).toBe("Bearer from-file");
  });
});

test.each([
  [401, /^the hub does not give hf:org\/name@main without a token$/],
  [404, /^the hub has no hf:org\/name@main: /],
  [500, / answers with status 500$/],
])("the hub's status %d has words", async (status, message) => {
  const { endpoint } = await hub({ status });
  const cache = folderWith();
  await expect(
    hubModel(address, { HF_ENDPOINT: endpoint, HF_HUB_CACHE: cache, HF_HOME: cache }),
  ).rejects.toThrow(message);
});

test("a hub that is not there says so, with the ways out", async () => {
  const cache = folderWith();
  const environment = { HF_ENDPOINT: "http://127.0.0.1:1", HF_HUB_CACHE: cache, HF_HOME: cache };
  await expect(hubModel(address, environment)).rejects.toThrow(
    /^asking http:\/\/127\.0\.0\.1:1\/api.*: /,
  );
});

describe("addresses", () => {
  test("a model, with or without a revision", () => {
    expect(hubAddress("hf:org/name")).toEqual(address);
    expect(hubAddress("hf:org/na.me@refs/pr/1")).toEqual({
      repository: "org/na.me",
      revision: "refs/pr/1",
    });
  });

  test("a path is none", () => {
    expect(hubAddress("models/tiny")).toBeUndefined();
  });

  test.each(["hf:", "hf:name", "hf:org/name@", "hf:org/name@../../x", "hf:a/b/c"])(
    "%s is broken",
    (text) => {
      expect(() => hubAddress(text)).toThrow(/is no model of the hub$/);
    },
  );
});

test("the cache is where the hub's libraries have it", () => {
  expect(hubCache({ HF_HUB_CACHE: "/a", HF_HOME: "/b" })).toBe("/a");
  expect(hubCache({ HF_HOME: "/b" })).toBe("/b/hub");
  expect(hubCache({ XDG_CACHE_HOME: "/c" })).toBe("/c/huggingface/hub");
  expect(hubCache({})).toMatch(/\/\.cache\/huggingface\/hub$/);
});

test("a model's folder is found by address or by path, and the hub is asked once", async () => {
  const { endpoint, log } = await hub();
  const cache = folderWith();
  const folderOf = modelFolders("/pipelines", {
    HF_ENDPOINT: endpoint,
    HF_HUB_CACHE: cache,
    HF_HOME: cache,
  });
  expect(await folderOf("models/tiny")).toBe("/pipelines/models/tiny");
  const [first, second] = await Promise.all([folderOf("hf:org/name"), folderOf("hf:org/name")]);
  expect(first).toBe(second);
  expect(log.filter((line) => line.startsWith("GET /api/"))).toHaveLength(1);
});
