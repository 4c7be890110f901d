/** A program as long as wished, without a fault: the layers of the standard library over and over, each under its own name. */

import { readFileSync } from "node:fs";

const nn = readFileSync(new URL("../../stdlib/nn.ftp", import.meta.url), "utf8");
const llama = readFileSync(new URL("../../stdlib/llama.ftp", import.meta.url), "utf8");

export function longProgram(lines: number): string {
  const parts = [withoutImports(nn)];
  const count = () => parts.join("\n").split("\n").length;
  for (let copy = 1; count() < lines; copy++) parts.push(renamed(withoutImports(llama), copy));
  return parts.join("\n");
}

function withoutImports(text: string): string {
  return text.replace(/^import .*\n+/gm, "");
}

function renamed(text: string, copy: number): string {
  const items = [...text.matchAll(/^(?:record|block) (\w+)/gm)].map(([, name]) => name);
  return items.reduce(
    (done, name) => done.replaceAll(new RegExp(`\\b${name}\\b(?!")`, "g"), `${name}${copy}`),
    text,
  );
}
