/** The verifier finds each fault that a graph can have, and none in a sound one. */

import { expect, test } from "vitest";
import { parseGraph } from "../../compiler/graph/parse.ts";
import { verifyGraph } from "../../compiler/graph/verify.ts";

const inputs = `%0 = state "m" : f32[2]\n%1 = batch "x" : f32[2]`;

function faultsOf(body: string): string[] {
  return verifyGraph(parseGraph(`graph "g" {\n${body}\n}\n`));
}

test("a sound graph has no fault", () => {
  expect(faultsOf(`${inputs}\n%2 = add %0, %1 : f32[2]\nreturn state "m" = %2`)).toEqual([]);
});

test("a state that is replaced need not be read", () => {
  expect(faultsOf(`${inputs}\n%2 = exp %1 : f32[2]\nreturn state "m" = %2`)).toEqual([]);
});

test("one result of a node is enough to use it", () => {
  const body = `%0 = batch "logits" : f32[2,3]
    %1 = batch "target" : i32[2]
    %2 = batch "where" : bool[2]
    %3, %4 = crossEntropy %0, %1, %2 : f32[2], f32[2]
    return loss = %3`;
  expect(faultsOf(body)).toEqual([]);
});

test.each([
  [
    "a type that the operation does not give",
    `${inputs}\n%2 = add %0, %1 : f32[3]\nreturn y = %2`,
    "%2: add gives f32[2], not f32[3]",
  ],
  [
    "arguments that the operation does not take",
    `${inputs}\n%2 = less %0, %1 : bool[2]\n%3 = add %0, %2 : f32[2]\nreturn y = %3`,
    "%3: add: all arguments have one type",
  ],
  [
    "an attribute that the operation does not have",
    `${inputs}\n%2 = add %0, %1 {axis = 1} : f32[2]\nreturn y = %2`,
    "%2: add has no attribute axis",
  ],
  [
    "a result too many",
    `${inputs}\n%2, %3 = add %0, %1 : f32[2], f32[2]\nreturn y = %2`,
    "%2: add has 1 results, not 2",
  ],
  [
    "an argument that is defined later",
    `${inputs}\n%2 = add %0, %3 : f32[2]\n%3 = exp %1 : f32[2]\nreturn y = %2\nreturn z = %3`,
    "add reads %3 before it is defined",
  ],
  [
    "a number that is left out",
    `${inputs}\n%3 = add %0, %1 : f32[2]\nreturn y = %3`,
    "%3 is defined where %2 should be",
  ],
  [
    "a value that is defined twice",
    `${inputs}\n%1 = add %0, %1 : f32[2]\nreturn y = %1`,
    "3 values are defined and 2 have types",
  ],
  [
    "a node that nothing uses",
    `${inputs}\n%2 = add %0, %1 : f32[2]\n%3 = exp %1 : f32[2]\nreturn y = %2`,
    "nothing uses %3, a exp",
  ],
  ["an input that nothing uses", `${inputs}\nreturn y = %0`, "nothing uses input x"],
  [
    "an output that nothing defines",
    `${inputs}\n%2 = add %0, %1 : f32[2]\nreturn y = %2\nreturn z = %7`,
    "output z is %7, which nothing defines",
  ],
  [
    "an output that replaces what is no state",
    `${inputs}\n%2 = add %0, %1 : f32[2]\nreturn y = %2 replaces "x"`,
    "output y replaces x, which is no state",
  ],
  [
    "an output that replaces a state of another type",
    `${inputs}\n%2 = cast %1 {to = "f16"} : f16[2]\nreturn state "m" = %2`,
    "output m is f16[2] and replaces m of f32[2]",
  ],
  [
    "two outputs that replace one state",
    `${inputs}\nreturn state "m" = %1\nreturn n = %1 replaces "m"`,
    "two outputs replace m",
  ],
  [
    "two inputs of one name",
    `%0 = batch "x" : f32[]\n%1 = batch "x" : f32[]\n%2 = add %0, %1 : f32[]\nreturn y = %2`,
    "two inputs are named x",
  ],
  [
    "two outputs of one name",
    `%0 = batch "x" : f32[]\nreturn y = %0\nreturn y = %0`,
    "two outputs are named y",
  ],
])("%s", (_, body, fault) => {
  expect(faultsOf(body).join("\n")).toContain(fault);
});
