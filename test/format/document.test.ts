/** The layout of documents: what breaks, where, and what follows from it. */

import { expect, test } from "vitest";
import {
  type Doc,
  fill,
  firm,
  flat,
  group,
  hardLine,
  join,
  layOut,
  line,
  nest,
  remark,
  softLine,
} from "../../compiler/format/document.ts";

function listOf(...items: readonly Doc[]): Doc {
  return group(["[", nest([softLine, join(items, [",", line])]), softLine, "]"]);
}

test("a group that fits stands on one line", () => {
  expect(layOut(listOf("one", "two"), 10)).toBe("[one, two]");
});

test("a group that is one column too wide breaks at each of its lines", () => {
  expect(layOut(listOf("one", "two"), 9)).toBe("[\n  one,\n  two\n]");
});

test("what follows a group up to the next line counts", () => {
  expect(layOut([listOf("one", "two"), ";"], 10)).toBe("[\n  one,\n  two\n];");
  expect(layOut([listOf("one", "two"), hardLine, "and more"], 10)).toBe("[one, two]\nand more");
});

test("an inner group stays on one line when the outer one breaks", () => {
  expect(layOut(listOf("one", listOf("two", "three")), 16)).toBe("[\n  one,\n  [two, three]\n]");
});

test("a hard line breaks every group around it, and none beside it", () => {
  const doc = listOf(listOf("one"), [hardLine, "two"]);
  expect(layOut(doc, 80)).toBe("[\n  [one],\n\n  two\n]");
});

test("a fill puts as many items on a line as fit", () => {
  const items = Array.from({ length: 7 }, (_, at) => `${at}${at}`);
  expect(layOut(nest(fill(items)), 12)).toBe("00, 11, 22,\n  33, 44,\n  55, 66");
  expect(layOut(fill(items), 80)).toBe("00, 11, 22, 33, 44, 55, 66");
});

test("a remark may be wider than the page, and breaks nothing before it", () => {
  expect(layOut([listOf("one"), remark(" // as long as it likes")], 8)).toBe(
    "[one] // as long as it likes",
  );
});

test("a remark breaks the group that it stands in", () => {
  expect(layOut(listOf(["one", remark(" // 1")]), 80)).toBe("[\n  one // 1\n]");
});

test("a wide letter counts as two columns", () => {
  expect(layOut(listOf('"日本"'), 8)).toBe('["日本"]');
  expect(layOut(listOf('"日本"'), 7)).toBe('[\n  "日本"\n]');
});

test("no line ends with space", () => {
  expect(layOut(nest(["one ", hardLine, hardLine, "two"]), 80)).toBe("one\n\n  two");
});

test("what cannot be on one line has no flat text", () => {
  expect(flat(listOf("one", "two"))).toBe("[one, two]");
  expect(flat(listOf("one", hardLine))).toBeUndefined();
});

test("what is firm lets what follows it break", () => {
  const page = 22;
  expect(layOut([listOf("size"), listOf("one", "two", "three")], page)).toBe(
    "[\n  size\n][one, two, three]",
  );
  expect(layOut([firm(listOf("size")), listOf("one", "two", "three")], page)).toBe(
    "[size][\n  one,\n  two,\n  three\n]",
  );
});
