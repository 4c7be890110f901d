/** Sizes as polynomials: what is equal, what is not, what a fact decides, and how they are written. */

import { expect, test } from "vitest";
import {
  add,
  compare,
  constant,
  divide,
  multiply,
  knownSize as numberIn,
  reduced,
  remainder,
  show,
  substitute,
  subtract,
  symbol,
} from "../../compiler/tensor/size.ts";

const [D, H, K] = ["D", "H", "K"].map((name) => symbol(name));
const two = constant(2);

function numbers(of: Readonly<Record<string, number>>) {
  return new Map(Object.entries(of).map(([name, value]) => [name, constant(value)]));
}

test("products and sums do not depend on their order", () => {
  expect(compare(multiply(add(H, K), D), add(multiply(D, K), multiply(D, H)))).toBe("equal");
});

test("a size and a larger one are different", () => {
  expect(compare(K, add(K, constant(1)))).toBe("different");
  expect(compare(K, multiply(two, K))).toBe("different");
});

test("two symbols may or may not be equal", () => {
  expect(compare(D, multiply(H, K))).toBe("cannot-tell");
});

test("a quotient divides out where it is exact, and is left where it is not", () => {
  expect(show(divide(multiply(H, K), H))).toBe("K");
  expect(show(multiply(two, divide(K, two)))).toBe("2 * (K / 2)");
  expect(numberIn(remainder(multiply(two, K), two))).toBe(0);
});

test("numbers divide to the next whole one below", () => {
  expect(numberIn(divide(constant(7), two))).toBe(3);
  expect(numberIn(remainder(constant(7), two))).toBe(1);
});

test("a size written as a difference keeps its signs", () => {
  expect(show(subtract(K, constant(1)))).toBe("K - 1");
});

test("numbers in place of symbols give a number, quotients too", () => {
  const half = divide(K, two);
  expect(numberIn(substitute(half, new Map([["K", constant(64)]])))).toBe(32);
});

test("a stated equality decides multiples of itself", () => {
  const zero = subtract(multiply(H, K), D);
  expect(numberIn(reduced(subtract(multiply(two, multiply(H, K)), multiply(two, D)), [zero]))).toBe(
    0,
  );
  expect(numberIn(reduced(subtract(H, D), [zero]))).toBeUndefined();
});

test("a remainder of 0 says that two halves are the whole", () => {
  const halves = multiply(two, divide(K, two));
  expect(numberIn(reduced(subtract(halves, K), [remainder(K, two)]))).toBe(0);
  expect(numberIn(reduced(subtract(halves, K), []))).toBeUndefined();
});

test("a factor of both sides of a quotient makes no difference to it", () => {
  const three = constant(3);
  const [over, by] = [multiply(three, multiply(D, K)), multiply(three, multiply(K, H))];
  expect(show(divide(over, by))).toBe("D / H");
  const whole = subtract(multiply(by, divide(over, by)), over);
  expect(numberIn(reduced(whole, [remainder(D, H)]))).toBe(0);
  expect(numberIn(reduced(whole, []))).toBeUndefined();
  expect(numberIn(substitute(remainder(over, by), numbers({ D: 7, H: 4, K: 2 })))).toBe(18);
});

test("facts that go in circles come to an end", () => {
  const zeros = [subtract(D, H), subtract(H, multiply(D, D))];
  expect(numberIn(reduced(subtract(K, D), zeros))).toBeUndefined();
});
