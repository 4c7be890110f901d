/**
 * How deep an item nests, told from its tokens alone. The parser, and everything that walks the tree after
 * it, goes one call deeper for each level, and the machine's stack ends long before memory does.
 */

import { type IToken, tokenMatcher } from "chevrotain";
import { isCloser, isOpener } from "./brackets.ts";
import * as t from "./tokens.ts";

/** What a bracket costs, in the unit of a link in a chain of operators. */
const bracketCost = 10;

/** Forty brackets, or four hundred operators in a row: some three times less than the stack can bear. */
export const itemBudget = 400;

/** For the expression in a string's braces, which is read with the item's own stack still in use. */
export const holeBudget = 100;

/** Strings in the braces of strings in the braces of … */
export const deepestHole = 4;

/** The first token that is nested too deep for the budget. */
export function tooDeep(tokens: readonly IToken[], budget: number): IToken | undefined {
  // The length of the chain of operators at each open bracket, the outermost first.
  const chains = [0];
  let spent = 0;
  for (const token of tokens) {
    if (isOpener(token.tokenType)) {
      // A bracket that touches its value is a link as well: `f(x)(y)(z)`.
      if (token.tokenType === t.TightLParen || token.tokenType === t.TightLSquare) {
        chains[chains.length - 1]++;
        spent++;
      }
      chains.push(0);
      spent += bracketCost;
    } else if (isCloser(token.tokenType)) {
      if (chains.length > 1) spent -= (chains.pop() ?? 0) + bracketCost;
    } else if (isLink(token)) {
      chains[chains.length - 1]++;
      spent++;
    } else if (endsChain(token)) {
      spent -= chains[chains.length - 1];
      chains[chains.length - 1] = 0;
    }
    if (spent > budget) return token;
  }
  return undefined;
}

function isLink(token: IToken): boolean {
  return (
    tokenMatcher(token, t.Operator) || [t.Bang, t.Dot, t.PipeSign, t.Else].includes(token.tokenType)
  );
}

/** What parts values or statements; the value after it begins a chain of its own. */
function endsChain({ tokenType }: IToken): boolean {
  return (
    [t.Comma, t.Equals, t.Colon].includes(tokenType) || (t.isWord(tokenType) && tokenType !== t.If)
  );
}
