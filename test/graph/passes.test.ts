/** What each pass makes of a graph, from text to text. */

import { describe, expect, test } from "vitest";
import { withoutRepeats } from "../../compiler/graph/cse.ts";
import { withoutDead } from "../../compiler/graph/dead.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { parseGraph } from "../../compiler/graph/parse.ts";
import { printGraph } from "../../compiler/graph/print.ts";
import { simplified } from "../../compiler/graph/simplify.ts";
import { withTransposedContractions } from "../../compiler/graph/transposed.ts";
import { verifyGraph } from "../../compiler/graph/verify.ts";
import { passes, runPasses } from "../../compiler/passes.ts";

/** `x` is f32[2,3] and `b` is bool[2,3], where the lines use them; the last line's value is the output. */
function graphOf(...lines: readonly string[]): Graph {
  const inputs = ['%0 = batch "x" : f32[2,3]', '%1 = batch "b" : bool[2,3]'];
  const values = lines.map((line, at) => `%${at + 2} = ${line}`);
  const body = [...inputs, ...values, `return y = %${lines.length + 1}`].join("\n");
  return parseGraph(`graph "g" {\n${body}\n}`);
}

/** What is left of the nodes when a pass has run, without inputs and outputs, and the value that is returned. */
function nodesAfter(pass: (graph: Graph) => Graph, graph: Graph): string[] {
  const result = pass(graph);
  expect(verifyGraph(result)).toEqual([]);
  return printGraph(result)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /^%\d+ = (?!batch)/.test(line) || line.startsWith("return"));
}

const x = ["return y = %0"];
const constant = (value: number, shape = "2, 3", dtype = "f32") =>
  `constant {dtype = "${dtype}", shape = [${shape}], value = ${value}}`;
const typed = (value: number, shape = "2, 3", dtype = "f32") =>
  `${constant(value, shape, dtype)} : ${dtype}[${shape.replaceAll(" ", "")}]`;
const isConstant = (value: number, shape = "2, 3", dtype = "f32") => [
  `%0 = ${typed(value, shape, dtype)}`,
  "return y = %0",
];

describe("what changes nothing is left out", () => {
  test.each([
    ["x + 0", [typed(0), "add %0, %2 : f32[2,3]"]],
    ["0 + x", [typed(0), "add %2, %0 : f32[2,3]"]],
    ["x - 0", [typed(0), "subtract %0, %2 : f32[2,3]"]],
    ["x * 1", [typed(1), "multiply %0, %2 : f32[2,3]"]],
    ["1 * x", [typed(1), "multiply %2, %0 : f32[2,3]"]],
    ["x / 1", [typed(1), "divide %0, %2 : f32[2,3]"]],
    ["x to the power of 1", [typed(1), "power %0, %2 : f32[2,3]"]],
    [
      "x * a 1 that is repeated",
      [
        typed(1, ""),
        "broadcast %2 {axes = [], shape = [2, 3]} : f32[2,3]",
        "multiply %0, %3 : f32[2,3]",
      ],
    ],
    ["the negative of the negative", ["negate %0 : f32[2,3]", "negate %2 : f32[2,3]"]],
    ["a cast to its own dtype", ['cast %0 {to = "f32"} : f32[2,3]']],
    ["a reshape to its own shape", ["reshape %0 {shape = [2, 3]} : f32[2,3]"]],
    [
      "a reshape and back",
      ["reshape %0 {shape = [6]} : f32[6]", "reshape %2 {shape = [2, 3]} : f32[2,3]"],
    ],
    ["a transposition in place", ["transpose %0 {order = [0, 1]} : f32[2,3]"]],
    [
      "a transposition and back",
      ["transpose %0 {order = [1, 0]} : f32[3,2]", "transpose %2 {order = [1, 0]} : f32[2,3]"],
    ],
    ["a broadcast to its own shape", ["broadcast %0 {axes = [0, 1], shape = [2, 3]} : f32[2,3]"]],
    ["the whole as a slice", ["slice %0 {sizes = [2, 3], starts = [0, 0]} : f32[2,3]"]],
    ["no padding", ["pad %0 {after = [0, 0], before = [0, 0]} : f32[2,3]"]],
    ["a concatenation of one", ["concat %0 {axis = 1} : f32[2,3]"]],
    ["a sum over no axes", ["reduceSum %0 {axes = []} : f32[2,3]"]],
    ["a choice that is known", [typed(1, "2, 3", "bool"), "select %2, %0, %0 : f32[2,3]"]],
    ["a choice between a value and itself", ["select %1, %0, %0 : f32[2,3]"]],
  ])("%s", (_, lines) => {
    expect(nodesAfter(simplified, graphOf(...lines))).toEqual(x);
  });
});

test("a half that was widened and narrowed is the half", () => {
  const graph = graphOf(
    'cast %0 {to = "f16"} : f16[2,3]',
    'cast %2 {to = "f32"} : f32[2,3]',
    'cast %3 {to = "f16"} : f16[2,3]',
  );
  expect(nodesAfter(simplified, graph)).toEqual([
    '%1 = cast %0 {to = "f16"} : f16[2,3]',
    "return y = %1",
  ]);
});

test("a float that was narrowed and widened has lost its digits", () => {
  const graph = graphOf('cast %0 {to = "f16"} : f16[2,3]', 'cast %2 {to = "f32"} : f32[2,3]');
  expect(nodesAfter(simplified, graph)).toHaveLength(3);
});

test("x * 0 stays, as x may be infinite", () => {
  expect(nodesAfter(simplified, graphOf(typed(0), "multiply %0, %2 : f32[2,3]"))).toHaveLength(3);
});

describe("constants are computed", () => {
  test.each([
    ["a sum", [typed(2), typed(3), "add %2, %3 : f32[2,3]"], isConstant(5)],
    ["a sum, rounded", [typed(16777216), typed(1), "add %2, %3 : f32[2,3]"], isConstant(16777216)],
    [
      "a comparison",
      [typed(2), typed(3), "less %2, %3 : bool[2,3]"],
      isConstant(1, "2, 3", "bool"),
    ],
    ["a cast", [typed(2.75), 'cast %2 {to = "i32"} : i32[2,3]'], isConstant(2, "2, 3", "i32")],
    [
      "what is repeated",
      [typed(2, ""), "broadcast %2 {axes = [], shape = [4]} : f32[4]"],
      isConstant(2, "4"),
    ],
    ["what is reshaped", [typed(2), "reshape %2 {shape = [6]} : f32[6]"], isConstant(2, "6")],
    [
      "zeros with zeros around",
      [typed(0, "2"), "pad %2 {after = [1], before = [0]} : f32[3]"],
      isConstant(0, "3"),
    ],
    ["a sum over axes", [typed(2), "reduceSum %2 {axes = [0]} : f32[3]"], isConstant(4, "3")],
    [
      "the greatest along axes",
      [typed(2), "reduceMax %2 {axes = [0]} : f32[3]"],
      isConstant(2, "3"),
    ],
    [
      "what no condition can change",
      [typed(0, "2, 3", "bool"), "and %1, %2 : bool[2,3]"],
      isConstant(0, "2, 3", "bool"),
    ],
  ])("%s", (_, lines, expected) => {
    expect(nodesAfter(simplified, graphOf(...lines))).toEqual(expected);
  });

  test.each([
    ["what is not finite", [typed(0), "log %2 : f32[2,3]"]],
    ["ones with zeros around", [typed(1, "2"), "pad %2 {after = [1], before = [0]} : f32[3]"]],
    ["a sum that must be rounded", [typed(0.1), "reduceSum %2 {axes = [0]} : f32[3]"]],
    [
      "a sum of two unlike parts",
      [typed(1, "2"), typed(2, "2"), "concat %2, %3 {axis = 0} : f32[4]"],
    ],
  ])("but not %s", (_, lines) => {
    expect(nodesAfter(simplified, graphOf(...lines)).length).toBe(lines.length + 1);
  });
});

describe("several become one", () => {
  test.each([
    [
      "transpositions",
      [
        "broadcast %0 {axes = [1, 2], shape = [4, 2, 3]} : f32[4,2,3]",
        "transpose %2 {order = [1, 2, 0]} : f32[2,3,4]",
        "transpose %3 {order = [1, 0, 2]} : f32[3,2,4]",
      ],
      [
        "%1 = broadcast %0 {axes = [1, 2], shape = [4, 2, 3]} : f32[4,2,3]",
        "%2 = transpose %1 {order = [2, 1, 0]} : f32[3,2,4]",
        "return y = %2",
      ],
    ],
    [
      "broadcasts",
      [
        "broadcast %0 {axes = [0, 2], shape = [2, 4, 3]} : f32[2,4,3]",
        "broadcast %2 {axes = [1, 2, 3], shape = [5, 2, 4, 3]} : f32[5,2,4,3]",
      ],
      ["%1 = broadcast %0 {axes = [1, 3], shape = [5, 2, 4, 3]} : f32[5,2,4,3]", "return y = %1"],
    ],
    [
      "slices",
      [
        "slice %0 {sizes = [2, 2], starts = [0, 1]} : f32[2,2]",
        "slice %2 {sizes = [1, 1], starts = [1, 1]} : f32[1,1]",
      ],
      ["%1 = slice %0 {sizes = [1, 1], starts = [1, 2]} : f32[1,1]", "return y = %1"],
    ],
    [
      "an addition of the negative",
      ["negate %0 : f32[2,3]", "add %0, %2 : f32[2,3]"],
      ["%1 = subtract %0, %0 : f32[2,3]", "return y = %1"],
    ],
    [
      "a sum over an axis of size 1",
      ["reshape %0 {shape = [2, 1, 3]} : f32[2,1,3]", "reduceSum %2 {axes = [1]} : f32[2,3]"],
      ["return y = %0"],
    ],
    [
      "a contraction of transposed operands",
      [
        "transpose %0 {order = [1, 0]} : f32[3,2]",
        "contract %2, %2 {left = [4, 5], out = [4, 6], right = [6, 5]} : f32[3,3]",
      ],
      [
        "%1 = contract %0, %0 {left = [5, 4], out = [4, 6], right = [5, 6]} : f32[3,3]",
        "return y = %1",
      ],
    ],
  ])("%s", (_, lines, expected) => {
    expect(nodesAfter(simplified, graphOf(...lines))).toEqual(expected);
  });
});

const cases: readonly [string, string[], string[]][] = [
  ["0 − x", [typed(0), "subtract %2, %0 : f32[2,3]"], ["%1 = negate %0 : f32[2,3]"]],
  [
    "−x + x",
    ["negate %0 : f32[2,3]", "add %2, %0 : f32[2,3]"],
    ["%1 = subtract %0, %0 : f32[2,3]"],
  ],
  [
    "−(x − |x|)",
    ["absolute %0 : f32[2,3]", "subtract %0, %2 : f32[2,3]", "negate %3 : f32[2,3]"],
    ["%1 = absolute %0 : f32[2,3]", "%2 = subtract %1, %0 : f32[2,3]"],
  ],
  [
    "x / 4",
    [typed(4), "divide %0, %2 : f32[2,3]"],
    [`%1 = ${typed(0.25)}`, "%2 = multiply %0, %1 : f32[2,3]"],
  ],
  ["x²", [typed(2), "power %0, %2 : f32[2,3]"], ["%1 = multiply %0, %0 : f32[2,3]"]],
  ["the power of ½", [typed(0.5), "power %0, %2 : f32[2,3]"], ["%1 = sqrt %0 : f32[2,3]"]],
  ["the power of −½", [typed(-0.5), "power %0, %2 : f32[2,3]"], ["%1 = rsqrt %0 : f32[2,3]"]],
  [
    "the power of −1",
    [typed(-1), "power %0, %2 : f32[2,3]"],
    [`%1 = ${typed(1)}`, "%2 = divide %1, %0 : f32[2,3]"],
  ],
  [
    "not equal",
    ["equal %0, %0 : bool[2,3]", "not %2 : bool[2,3]"],
    ["%1 = notEqual %0, %0 : bool[2,3]"],
  ],
  [
    "a choice by the opposite",
    ["exp %0 : f32[2,3]", "not %1 : bool[2,3]", "select %3, %0, %2 : f32[2,3]"],
    ["%2 = exp %0 : f32[2,3]", "%3 = select %1, %2, %0 : f32[2,3]"],
  ],
  [
    "a bool through a float",
    ['cast %1 {to = "f32"} : f32[2,3]', 'cast %2 {to = "i32"} : i32[2,3]'],
    ['%1 = cast %0 {to = "i32"} : i32[2,3]'],
  ],
  [
    "a transposition of axes of size 1",
    [
      "reshape %0 {shape = [2, 1, 3]} : f32[2,1,3]",
      "transpose %2 {order = [1, 0, 2]} : f32[1,2,3]",
    ],
    ["%1 = reshape %0 {shape = [1, 2, 3]} : f32[1,2,3]"],
  ],
  [
    "a repetition along axes of size 1",
    ["broadcast %0 {axes = [0, 2], shape = [2, 1, 3]} : f32[2,1,3]"],
    ["%1 = reshape %0 {shape = [2, 1, 3]} : f32[2,1,3]"],
  ],
  [
    "a count that is repeated",
    [
      'iota {axis = 0, dtype = "i32", shape = [3]} : i32[3]',
      "broadcast %2 {axes = [1], shape = [2, 3]} : i32[2,3]",
    ],
    ['%0 = iota {axis = 1, dtype = "i32", shape = [2, 3]} : i32[2,3]'],
  ],
  [
    "a slice within the second of two parts",
    [
      "exp %0 : f32[2,3]",
      "concat %2, %0 {axis = 1} : f32[2,6]",
      "slice %3 {sizes = [2, 2], starts = [0, 4]} : f32[2,2]",
    ],
    ["%1 = slice %0 {sizes = [2, 2], starts = [0, 1]} : f32[2,2]"],
  ],
  [
    "a slice of what zeros are around",
    [
      "pad %0 {after = [0, 1], before = [0, 2]} : f32[2,6]",
      "slice %2 {sizes = [2, 2], starts = [0, 3]} : f32[2,2]",
    ],
    ["%1 = slice %0 {sizes = [2, 2], starts = [0, 1]} : f32[2,2]"],
  ],
  [
    "zeros around zeros",
    [
      "pad %0 {after = [0, 1], before = [0, 2]} : f32[2,6]",
      "pad %2 {after = [1, 0], before = [0, 3]} : f32[3,9]",
    ],
    ["%1 = pad %0 {after = [1, 1], before = [0, 5]} : f32[3,9]"],
  ],
  [
    "a concatenation of a concatenation",
    ["concat %0, %0 {axis = 0} : f32[4,3]", "concat %2, %0 {axis = 0} : f32[6,3]"],
    ["%1 = concat %0, %0, %0 {axis = 0} : f32[6,3]"],
  ],
  [
    "a contraction of halves that were widened",
    [
      'cast %0 {to = "f16"} : f16[2,3]',
      'cast %2 {to = "f32"} : f32[2,3]',
      "contract %3, %3 {left = [0, 1], out = [0, 2], right = [2, 1]} : f32[2,2]",
    ],
    [
      '%1 = cast %0 {to = "f16"} : f16[2,3]',
      '%2 = contract %1, %1 {left = [0, 1], out = [0, 2], right = [2, 1], to = "f32"} : f32[2,2]',
    ],
  ],
  [
    "a contraction that sums what one operand alone has",
    ["contract %0, %0 {left = [0, 1], out = [1], right = [2, 1]} : f32[3]"],
    [
      "%1 = reduceSum %0 {axes = [0]} : f32[3]",
      "%2 = reduceSum %0 {axes = [0]} : f32[3]",
      '%3 = contract %1, %2 {left = [1], out = [1], right = [1], to = "f32"} : f32[3]',
    ],
  ],
];

describe("said more simply", () => {
  test.each(cases)("%s", (_, lines, expected) => {
    const [last] = expected[expected.length - 1].split(" ");
    const after = nodesAfter(simplified, graphOf(...lines));
    expect(after).toEqual([...expected, `return y = ${last}`]);
  });

  test.each([
    ["x / 3", [typed(3), "divide %0, %2 : f32[2,3]"]],
    ["x³", [typed(3), "power %0, %2 : f32[2,3]"]],
    [
      "a slice across two parts",
      [
        "concat %0, %0 {axis = 1} : f32[2,6]",
        "slice %2 {sizes = [2, 2], starts = [0, 2]} : f32[2,2]",
      ],
    ],
    [
      "a slice that takes a zero",
      [
        "pad %0 {after = [0, 0], before = [0, 2]} : f32[2,5]",
        "slice %2 {sizes = [2, 2], starts = [0, 1]} : f32[2,2]",
      ],
    ],
    [
      "a concatenation along another axis",
      ["concat %0, %0 {axis = 1} : f32[2,6]", "concat %2, %2 {axis = 0} : f32[4,6]"],
    ],
  ])("but not %s", (_, lines) => {
    const ops = simplified(graphOf(...lines)).nodes.map((node) => node.op);
    expect(ops).toEqual(lines.map((line) => line.split(" ")[0]));
  });
});

const product = "contract %0, %0 {left = [0, 1], out = [0, 2], right = [2, 1]} : f32[2,2]";
const turned = "transpose %2 {order = [1, 0]} : f32[2,2]";

test("a contraction gives what its one reader would transpose", () => {
  expect(nodesAfter(withTransposedContractions, graphOf(product, turned))).toEqual([
    "%1 = contract %0, %0 {left = [0, 1], out = [2, 0], right = [2, 1]} : f32[2,2]",
    "return y = %1",
  ]);
});

// Axes in a circle, since an order of two axes is its own inverse.
const circle = ["reshape %0 {shape = [2, 3, 1]} : f32[2,3,1]"];

test("labels move to the axes that a transposition in a circle took them from", () => {
  const lines = [
    ...circle,
    "transpose %2 {order = [1, 2, 0]} : f32[3,1,2]",
    "contract %3, %3 {left = [4, 5, 6], out = [4, 5, 7, 8], right = [7, 8, 6]} : f32[3,1,3,1]",
  ];
  expect(nodesAfter(simplified, graphOf(...lines))).toEqual([
    "%1 = reshape %0 {shape = [2, 3, 1]} : f32[2,3,1]",
    "%2 = contract %1, %1 {left = [6, 4, 5], out = [4, 5, 7, 8], right = [6, 7, 8]} : f32[3,1,3,1]",
    "return y = %2",
  ]);
});

test("a contraction gives its axes in a circle", () => {
  const lines = [
    ...circle,
    "contract %2, %2 {left = [4, 5, 6], out = [4, 5, 6], right = [4, 5, 6]} : f32[2,3,1]",
    "transpose %3 {order = [1, 2, 0]} : f32[3,1,2]",
  ];
  expect(nodesAfter(withTransposedContractions, graphOf(...lines))).toEqual([
    "%1 = reshape %0 {shape = [2, 3, 1]} : f32[2,3,1]",
    "%2 = contract %1, %1 {left = [4, 5, 6], out = [5, 6, 4], right = [4, 5, 6]} : f32[3,1,2]",
    "return y = %2",
  ]);
});

test("a contraction that others read is not computed twice", () => {
  const graph = graphOf(product, turned, "add %2, %3 : f32[2,2]");
  const { nodes } = withTransposedContractions(graph);
  expect(nodes.map((node) => node.op)).toEqual(["contract", "transpose", "add"]);
});

test("nodes of the same operation, arguments and attributes become one", () => {
  const graph = graphOf("exp %0 : f32[2,3]", "exp %0 : f32[2,3]", "add %2, %3 : f32[2,3]");
  expect(nodesAfter(withoutRepeats, graph)).toEqual([
    "%1 = exp %0 : f32[2,3]",
    "%2 = add %1, %1 : f32[2,3]",
    "return y = %2",
  ]);
});

test("nodes of unlike attributes stay apart", () => {
  const lines = [
    typed(0),
    typed(-0).replace("value = 0", "value = -0"),
    "divide %2, %3 : f32[2,3]",
  ];
  expect(nodesAfter(withoutRepeats, graphOf(...lines))).toHaveLength(4);
});

test("what no output depends on is left out, but a state that is replaced", () => {
  const graph = parseGraph(`graph "g" {
    %0 = state "m" : f32[2]
    %1 = batch "x" : f32[2]
    %2 = weight "unused" : f32[2]
    %3 = exp %2 : f32[2]
    %4 = exp %1 : f32[2]
    return state "m" = %4
  }`);
  expect(printGraph(withoutDead(graph))).toBe(`graph "g" {
  %0 = state "m" : f32[2]
  %1 = batch "x" : f32[2]
  %2 = exp %1 : f32[2]
  return state "m" = %2
}
`);
});

test("what is left keeps the line it came from", () => {
  const lines = [
    typed(1),
    "multiply %0, %2 : f32[2,3]  // a.ftp:3",
    "exp %3 : f32[2,3]  // a.ftp:4",
  ];
  expect(nodesAfter(simplified, graphOf(...lines))).toEqual([
    "%1 = exp %0 : f32[2,3]  // a.ftp:4",
    "return y = %1",
  ]);
});

test("passes run up to the one that is named", () => {
  const graph = graphOf(product, turned);
  expect(runPasses(graph, { verify: true, until: "cse" }).nodes).toHaveLength(2);
  expect(runPasses(graph, { verify: true }).nodes).toHaveLength(1);
  expect(() => runPasses(graph, { verify: true, until: "polish" })).toThrow(
    "no pass is named polish",
  );
});

test("a graph that a pass cannot mend is a bug of the pass when it is verified", () => {
  const graph = parseGraph(`graph "g" {\n%0 = batch "x" : f32[2]\nreturn y = %0\nreturn y = %0\n}`);
  expect(() => runPasses(graph, { verify: true })).toThrow(
    "after pass dead: two outputs are named y",
  );
  expect(runPasses(graph, { verify: false }).outputs).toHaveLength(2);
});

test("passes have names of their own", () => {
  expect(new Set(passes.map((pass) => pass.name)).size).toBe(passes.length);
});
