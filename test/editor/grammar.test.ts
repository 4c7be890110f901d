/** The TextMate grammar as an editor runs it, over every program that ships: each sign has the colour of what it is. */

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type IToken, type TokenType, tokenMatcher } from "chevrotain";
import { expect, test } from "vitest";
import oniguruma from "vscode-oniguruma";
import textmate, { type IGrammar } from "vscode-textmate";
import { bug } from "../../compiler/bug.ts";
import { positionOf, sourceFile } from "../../compiler/source/file.ts";
import { lex } from "../../compiler/syntax/lex.ts";
import {
  Colon,
  Comma,
  Dot,
  ItemWord,
  Name,
  NumberWord,
  Quantity,
  StringText,
} from "../../compiler/syntax/tokens.ts";

const grammarFile = "editor/vscode/syntaxes/ftp.tmLanguage.json";
const shipped = ["stdlib", "pipelines", "docs/reference/preludes"].flatMap((folder) =>
  readdirSync(folder).flatMap((name) => (name.endsWith(".ftp") ? [`${folder}/${name}`] : [])),
);

async function loaded(): Promise<IGrammar> {
  const wasm = readFileSync(
    createRequire(import.meta.url).resolve("vscode-oniguruma/release/onig.wasm"),
  );
  await oniguruma.loadWASM(wasm);
  const registry = new textmate.Registry({
    onigLib: Promise.resolve(oniguruma),
    loadGrammar: async () =>
      textmate.parseRawGrammar(readFileSync(grammarFile, "utf8"), grammarFile),
  });
  return (await registry.loadGrammar("source.ftp")) ?? bug("there is no grammar");
}

const grammar = await loaded();

/** By line, the scopes of each letter, without those of the whole file. */
function scopesOf(text: string): readonly (readonly string[])[] {
  let state = textmate.INITIAL;
  return text.split("\n").map((line) => {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    return Array.from({ length: line.length }, (_, at) => {
      const token = tokens.find(({ startIndex, endIndex }) => startIndex <= at && at < endIndex);
      return token?.scopes.slice(1).join(" ") ?? "";
    });
  });
}

/** What the grammar may call each kind of sign. Brackets and names that only the compiler knows have no colour. */
const expected: readonly (readonly [TokenType, RegExp])[] = [
  [ItemWord, /^keyword\.declaration/],
  [Quantity, /^constant\.numeric/],
  [NumberWord, /^constant\.numeric/],
  [StringText, /^string\.quoted/],
];

const uncoloured: readonly TokenType[] = [Comma, Dot, Colon];

function isBracket({ image }: IToken): boolean {
  return /^[()[\]{}]$/.test(image);
}

function wanted(token: IToken): RegExp {
  const found = expected.find(([type]) => tokenMatcher(token, type));
  if (found !== undefined) return found[1];
  // A word of a statement may be a name where it stands, and axes in patterns are letters.
  if (tokenMatcher(token, Name))
    return token.tokenType === Name
      ? /^/
      : /^(keyword|constant\.language|support|variable|entity|$)/;
  return isBracket(token) || uncoloured.includes(token.tokenType) ? /^/ : /^keyword\.operator/;
}

test.each(shipped)("%s", (path) => {
  const source = sourceFile(path, readFileSync(path, "utf8"));
  const scopes = scopesOf(source.text);
  const { tokens, comments } = lex(source);
  const at = (offset: number) => {
    const { line, column } = positionOf(source, offset);
    return scopes[line - 1][column - 1];
  };
  const wrong = tokens.flatMap((token) => {
    const scope = at(token.startOffset);
    return wanted(token).test(scope) ? [] : [`${token.image}: ${scope}`];
  });
  expect(wrong).toEqual([]);
  const notes = comments.map(({ documents, span }) => [documents, at(span.start)]);
  for (const [documents, scope] of notes)
    expect(scope).toMatch(documents ? /^comment\.line\.documentation/ : /^comment\.line\.double/);
});

test.each([
  ["  warmup = 3%", "3%", ["constant.numeric.ftp", "keyword.other.unit.ftp"]],
  ["let cosine = 1", "let cosine", ["keyword.declaration.ftp", "entity.name.type.ftp"]],
  ["  to = 1", "to", ["variable.other.property.ftp"]],
  ["  Lora() on layers", "on", ["keyword.control.ftp"]],
  [
    '  "a {b.c + 1} d"',
    "+",
    ["string.quoted.double.ftp meta.interpolation.ftp keyword.operator.ftp"],
  ],
  ['  "a {b} d"', "d", ["string.quoted.double.ftp"]],
  ["  x = f(y) // why", "why", ["comment.line.double-slash.ftp"]],
  ['model m = Llama from "a" as f16', "from", ["keyword.control.ftp"]],
])("of %j, %j is %j", (line, part, wantedScopes) => {
  const [scopes] = scopesOf(line);
  const start = line.indexOf(part);
  const found = scopes.slice(start, start + part.length).filter((scope) => scope !== "");
  expect([...new Set(found)]).toEqual(wantedScopes);
});

test("a string that is not closed ends with its line", () => {
  const [, second] = scopesOf('let a = "open {b\nlet c = 1');
  expect(second[0]).toBe("keyword.declaration.ftp");
});
