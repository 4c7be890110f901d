/** Templates: text and learn spans from rows. */

import { expect, test } from "vitest";
import { evaluated } from "../../runtime/data/expression.ts";
import type { RowExpression, TemplateInstruction } from "../../runtime/data/plan.ts";
import type { Values } from "../../runtime/data/row.ts";
import { literalsOf, rendered } from "../../runtime/data/template.ts";

const column = (...path: readonly string[]): RowExpression => ({ kind: "column", path });
const variable = (name: string, ...path: readonly string[]): RowExpression => ({
  kind: "variable",
  name,
  path,
});
const literal = (value: string | number | boolean | null): RowExpression => ({
  kind: "literal",
  value,
});
const text = (text: string): TemplateInstruction => ({ kind: "text", text });
const write = (value: RowExpression): TemplateInstruction => ({ kind: "expression", value });

/** The text with what is learned in brackets. */
function shown(lines: readonly TemplateInstruction[], row: Values): string {
  const { text: whole, learn } = rendered({ kind: "template", name: "t", lines }, row);
  let written = "";
  let at = 0;
  for (const [start, end] of learn) {
    written += `${whole.slice(at, start)}[${whole.slice(start, end)}]`;
    at = end;
  }
  return written + whole.slice(at);
}

/** `template chatml for Chat { … }` of the standard library. */
const chatml: readonly TemplateInstruction[] = [
  {
    kind: "each",
    variable: "m",
    list: column("messages"),
    lines: [
      text("<|im_start|>"),
      write(variable("m", "role")),
      text("\n"),
      {
        kind: "learn",
        condition: {
          kind: "compare",
          operator: "==",
          left: variable("m", "role"),
          right: literal("assistant"),
        },
        lines: [write({ kind: "join", parts: [variable("m", "content"), literal("<|im_end|>")] })],
      },
      text("\n"),
    ],
  },
];

test("chatml learns what the assistant says and the mark that ends it", () => {
  const messages = [
    { role: "user", content: "2+2?" },
    { role: "assistant", content: "4" },
    { role: "user", content: "ok" },
  ];
  expect(shown(chatml, { messages })).toBe(
    "<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n[4<|im_end|>]\n<|im_start|>user\nok<|im_end|>\n",
  );
});

test("the literals of a template are what it writes itself", () => {
  expect(literalsOf(chatml)).toEqual(["<|im_start|>", "\n", "\n"]);
});

test("learned parts that touch are one span", () => {
  const lines: readonly TemplateInstruction[] = [
    { kind: "learn", lines: [text("a")] },
    { kind: "learn", lines: [text(""), text("b")] },
  ];
  expect(rendered({ kind: "template", name: "t", lines }, {}).learn).toEqual([[0, 2]]);
});

test("of nested learns the innermost decides", () => {
  const lines: readonly TemplateInstruction[] = [
    {
      kind: "learn",
      lines: [
        text("a"),
        { kind: "learn", condition: literal(false), lines: [text("b")] },
        text("c"),
      ],
    },
  ];
  expect(shown(lines, {})).toBe("[a]b[c]");
});

test("when chooses between two parts, and keeps what is learned", () => {
  const when: TemplateInstruction = {
    kind: "when",
    condition: column("long"),
    lines: [text("long")],
    otherwise: [text("short")],
  };
  expect(shown([when], { long: true })).toBe("long");
  expect(shown([{ kind: "learn", lines: [when] }], { long: false })).toBe("[short]");
});

test("a nested loop sees the variables of the outer one", () => {
  const lines: readonly TemplateInstruction[] = [
    {
      kind: "each",
      variable: "a",
      list: column("list"),
      lines: [
        {
          kind: "each",
          variable: "b",
          list: column("list"),
          lines: [write(variable("a")), write(variable("b")), text(" ")],
        },
      ],
    },
  ];
  expect(shown(lines, { list: [1, 2] })).toBe("11 12 21 22 ");
});

test.each([
  [write(column("no")), {}, "this row has no `no`"],
  [write(column("a", "b")), { a: 3 }, "`a` is a number in this row and has no `b`"],
  [write(column("a", "b")), { a: {} }, "this row has no `a.b`"],
  [write(column("a")), { a: null }, "`a` is null in this row, so there is nothing to write"],
  [
    write(column("a")),
    { a: [1] },
    "`a` is a list in this row, and only text, numbers and bools can be written",
  ],
  [
    { kind: "each", variable: "m", list: column("a"), lines: [] },
    { a: "x" },
    "`a` is a string in this row, and a `for` needs a list",
  ],
  [
    { kind: "when", condition: column("a"), lines: [], otherwise: [] },
    { a: 1 },
    "`a` is a number in this row, where a condition must be a bool",
  ],
] satisfies readonly [TemplateInstruction, Values, string][])(
  "a row that cannot be written says why: %j",
  (line, row, message) => {
    expect(() => shown([line], row)).toThrow(message);
  },
);

test.each([
  ["<", 1, 2, true],
  ["<=", 2, 2, true],
  [">", 1, 2, false],
  [">=", 1, 2, false],
  ["==", "a", "a", true],
  ["!=", "a", "a", false],
] as const)("comparing by %s", (operator, left, right, expected) => {
  const expression = {
    kind: "compare",
    operator,
    left: literal(left),
    right: literal(right),
  } as const;
  expect(evaluated(expression, { columns: {}, variables: {} })).toBe(expected);
});

test.each([
  ["+", 7],
  ["-", 3],
  ["*", 10],
  ["/", 2.5],
  ["%", 1],
] as const)("computing by %s", (operator, expected) => {
  const expression = { kind: "arithmetic", operator, left: literal(5), right: literal(2) } as const;
  expect(evaluated(expression, { columns: {}, variables: {} })).toBe(expected);
});

test("and, or, not and if look only at what they need", () => {
  const absent = column("absent");
  const scope = { columns: {}, variables: {} };
  const no: RowExpression = { kind: "and", left: literal(false), right: absent };
  const yes: RowExpression = { kind: "or", left: literal(true), right: absent };
  expect(evaluated(no, scope)).toBe(false);
  expect(evaluated(yes, scope)).toBe(true);
  expect(evaluated({ kind: "not", operand: yes }, scope)).toBe(false);
  expect(
    evaluated({ kind: "select", condition: yes, value: literal("a"), otherwise: absent }, scope),
  ).toBe("a");
});
