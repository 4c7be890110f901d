/**
 * Text files line by line, without ever holding a whole file. A byte order mark is skipped, CRLF ends a line
 * as LF does, and bytes that are not UTF-8 are a fault with their line. Every file's hash comes with it.
 */

import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { MachineError, messageOf } from "../errors.ts";
import { isMissing } from "../json.ts";
import type { FaultLog } from "./fault.ts";

/** A file as it was read. */
export interface TextFile {
  readonly path: string;
  /** In hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

/** What the lock remembers of a file. */
export interface FileRecord extends TextFile {
  readonly rows: number;
}

/** The file as the program names it, and where it is. */
export interface FilePlace {
  readonly name: string;
  readonly path: string;
}

const lineFeed = 0x0a;

/**
 * Calls `take` with each line and its number, from 1. Undefined after a fault that ends the reading: there
 * is no such file, or it is not UTF-8. Throws a MachineError if the disk fails.
 */
export async function eachLine(
  file: FilePlace,
  log: FaultLog,
  take: (line: string, number: number) => void,
): Promise<TextFile | undefined> {
  const hash = createHash("sha256");
  let bytes = 0;
  let line = 0;
  /** The parts of a line whose end has not been read yet. */
  let rest: Buffer[] = [];

  /** False for a line that is not text. */
  const finish = (content: Buffer): boolean => {
    line++;
    if (line === 1 && startsUtf16(content)) {
      put(log, "not-utf8", "this file is UTF-16; save it as UTF-8", file.name, line);
      return false;
    }
    if (!isUtf8(content)) {
      put(log, "not-utf8", "this line is not UTF-8; save the file as UTF-8", file.name, line);
      return false;
    }
    const text = content.toString("utf8");
    take(line === 1 && text.startsWith("\ufeff") ? text.slice(1) : text, line);
    return true;
  };

  try {
    for await (const chunk of createReadStream(file.path, { highWaterMark: 1 << 20 })) {
      hash.update(chunk);
      bytes += chunk.length;
      let from = 0;
      for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, from)) {
        const part = chunk.subarray(from, at);
        const content = rest.length === 0 ? part : Buffer.concat([...rest, part]);
        if (!finish(withoutReturn(content))) return undefined;
        rest = [];
        from = at + 1;
      }
      if (from < chunk.length) rest.push(chunk.subarray(from));
    }
  } catch (thrown) {
    if (isMissing(thrown)) {
      put(log, "no-such-file", `there is no file ${file.name}`, file.name, 0);
      return undefined;
    }
    throw new MachineError(`reading ${file.name}: ${messageOf(thrown)}`);
  }
  if (rest.length > 0 && !finish(withoutReturn(Buffer.concat(rest)))) return undefined;
  return { path: file.name, sha256: hash.digest("hex"), bytes };
}

function withoutReturn(content: Buffer): Buffer {
  return content.at(-1) === 0x0d ? content.subarray(0, -1) : content;
}

function startsUtf16(content: Buffer): boolean {
  const mark = content.length < 2 ? 0 : content.readUInt16BE(0);
  return mark === 0xfeff || mark === 0xfffe;
}

function put(
  log: FaultLog,
  slug: "not-utf8" | "no-such-file",
  message: string,
  file: string,
  line: number,
): void {
  log.put({ slug, severity: "error", message, file, line, count: 1, examples: [{ file, line }] });
}
