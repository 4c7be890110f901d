/** A model of the hub, played by a server on this machine: the lock holds its commit. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { folderWith } from "../support/folder.ts";
import { writeTinyLlama } from "../support/tiny-llama.ts";
import { type Experiment, experiment, pipeline } from "./experiment.ts";

const [first, second] = ["1", "2"].map((digit) => digit.repeat(40));

interface Hub {
  readonly endpoint: string;
  /** The commit of `main`. */
  main: string;
  /** How often it was asked for anything. */
  asked: number;
}

/** A model `org/name` whose commits have different weights. */
async function hub(): Promise<Hub> {
  const folders = new Map<string, string>();
  for (const commit of [first, second]) {
    const folder = folderWith();
    await writeTinyLlama(folder, { title: commit });
    folders.set(commit, folder);
  }
  const state = { endpoint: "", main: first, asked: 0 };
  const server = createServer((request, response) => {
    state.asked++;
    const [, revision] =
      /^\/api\/models\/org\/name\/revision\/(\w+)$/.exec(request.url ?? "") ?? [];
    const commit = revision === "main" ? state.main : (revision ?? "");
    const [, at, file] = /^\/org\/name\/resolve\/(\w+)\/([\w.]+)$/.exec(request.url ?? "") ?? [];
    const folder = folders.get(at ?? commit);
    if (folder === undefined) response.writeHead(404).end();
    else if (file === undefined) {
      const siblings = readdirSync(folder).map((rfilename) => ({ rfilename }));
      response.end(JSON.stringify({ sha: commit, siblings }));
    } else {
      const content = readFileSync(join(folder, file));
      response.setHeader("etag", `"${createHash("sha256").update(content).digest("hex")}"`);
      response.setHeader("content-length", content.length);
      response.end(request.method === "HEAD" ? undefined : content);
    }
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  state.endpoint = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  return state;
}

/** An experiment on the hub's model, locked at its first commit. */
async function locked(): Promise<{ hub: Hub; made: Experiment }> {
  const cache = folderWith();
  const played = await hub();
  const text = pipeline.replace('from "model"', 'from "hf:org/name"');
  const env = { HF_ENDPOINT: played.endpoint, HF_HUB_CACHE: cache, HF_HOME: cache };
  const made = await experiment({ "exp.ftp": text }, env);
  expect((await made.ftc("plan", "exp.ftp")).code).toBe(0);
  return { hub: played, made };
}

test("the lock has the commit and every file of a model of the hub", async () => {
  const { made } = await locked();
  const { commit, files } = (await made.lock()).models["hf:org/name"];
  expect(commit).toBe(first);
  expect(Object.keys(files)).toContain("model.safetensors");
});

test("a branch that moved on changes nothing until `ftc lock` takes it up", async () => {
  const { hub, made } = await locked();
  hub.main = second;
  expect((await made.ftc("plan", "exp.ftp", "--locked")).code).toBe(0);
  const { code, stdout } = await made.ftc("lock", "exp.ftp");
  expect(code).toBe(0);
  expect(stdout).toContain(`hf:org/name commit\n  from ${first}\n  to   ${second}\n`);
  expect((await made.lock()).models["hf:org/name"].commit).toBe(second);
});

test("--frozen asks the hub for nothing", async () => {
  const { hub, made } = await locked();
  hub.asked = 0;
  expect((await made.ftc("plan", "exp.ftp", "--frozen")).code).toBe(0);
  expect(hub.asked).toBe(0);
});

test("a plan that is kept has the commits, and runs so whatever the branch does", async () => {
  const { hub, made } = await locked();
  expect((await made.ftc("plan", "exp.ftp", "-o", "plan.json")).code).toBe(0);
  const addresses = [...made.read("plan.json").matchAll(/"(hf:[^"]*)"/g)].map(([, one]) => one);
  expect(addresses.length).toBeGreaterThan(1);
  expect(new Set(addresses)).toEqual(new Set([`hf:org/name@${first}`]));
  hub.main = second;
  const ran = await made.ftc("run", "plan.json");
  expect({ code: ran.code, stderr: ran.stderr }).toEqual({
    code: 0,
    stderr: expect.stringContaining("sft"),
  });
  const config = JSON.parse(made.read("out/sft/adapter_config.json"));
  expect(config.base_model_name_or_path).toBe("org/name");
});
