/**
 * Whether WebGPU finds something to compute on. Run as a program it looks, and ends with 0 where it found
 * something; setup runs it as a child, because a driver that is half there can take its process with it.
 */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const file = fileURLToPath(import.meta.url);

/** @returns {{ readonly isThere: boolean, readonly why: string }} why not, in Dawn's words */
export function lookForAdapter() {
  const { status, signal, stderr } = spawnSync(process.execPath, [file], { encoding: "utf8" });
  return { isThere: status === 0, why: signal === null ? stderr.trim() : `it ended by ${signal}` };
}

if (process.argv[1] === file) {
  const { create } = await import("webgpu");
  const backend = { darwin: "metal", win32: "d3d12" }[String(process.platform)] ?? "vulkan";
  const adapter = await create([`backend=${backend}`]).requestAdapter();
  process.exitCode = adapter === null ? 1 : 0;
}
