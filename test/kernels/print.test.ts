/** Kernels as text, and what of a kernel its text does not depend on. */

import { expect, test } from "vitest";
import { parseGraph } from "../../compiler/graph/parse.ts";
import { fuse } from "../../compiler/kernels/fuse.ts";
import { printKernel } from "../../compiler/kernels/print.ts";
import { signatureOf } from "../../compiler/kernels/signature.ts";

const none = new Map<number, number>();

function kernelsOf(text: string) {
  return fuse(parseGraph(`graph "test" {\n${text}\n}\n`)).kernels;
}

test("a norm: one fold, and elements that use it", () => {
  const [kernel] = kernelsOf(`
    %0 = weight "x" : f32[6,32]
    %1 = multiply %0, %0 : f32[6,32]
    %2 = reduceSum %1 {axes = [1]} : f32[6]
    %3 = rsqrt %2 : f32[6]
    %4 = broadcast %3 {axes = [0], shape = [6,32]} : f32[6,32]
    %5 = multiply %0, %4 : f32[6,32]
    return y = %5`);
  expect(printKernel(kernel)).toMatchInlineSnapshot(`
    "rows reduceSum  [6 × 32]
      fold 0 = sum multiply(%0[32*i + r], %0[32*i + r])
      %5[32*i + r] = multiply(%0[32*i + r], rsqrt(fold 0))"
  `);
});

test("a matmul of a turned operand, with what is added to it", () => {
  const [kernel] = kernelsOf(`
    %0 = weight "x" : f32[6,32]
    %1 = weight "w" : f32[8,32]
    %2 = weight "bias" : f32[8]
    %3 = transpose %1 {order = [1,0]} : f32[32,8]
    %4 = contract %0, %3 {left = [0,1], out = [0,2], right = [1,2]} : f32[6,8]
    %5 = broadcast %2 {axes = [1], shape = [6,8]} : f32[6,8]
    %6 = add %4, %5 : f32[6,8]
    return y = %6`);
  expect(printKernel(kernel)).toMatchInlineSnapshot(`
    "contract contract  [1 × 6 × 8, 32 summed]
      left = %0[k + 32*m]
      right = %1[k + 32*n]
      %6[8*m + n] = add(sum, %2[n])"
  `);
});

test("parts side by side: one is read where the other is not", () => {
  const [kernel] = kernelsOf(`
    %0 = weight "x" : f32[2,4]
    %1 = weight "y" : f32[2,4]
    %2 = concat %0, %1 {axis = 1} : f32[2,8]
    return y = %2`);
  expect(printKernel(kernel)).toMatchInlineSnapshot(`
    "map concat  [16]
      %2[i] = (0 ≤ (i % 8) < 4 ? %0[(i % 8) + 4*(i / 8)] : %1[(i % 8) + 4*(i / 8) + -4])"
  `);
});

test("a kernel's signature forgets which values it is of", () => {
  const layer = (x: string, w: string) => `
    %0 = weight "x" : f32[4,4]
    %1 = weight "v" : f32[4,4]
    %2 = weight "w" : f32[4,4]
    %3 = add ${x}, ${w} : f32[4,4]
    return y = %3`;
  const sign = (text: string) => signatureOf(kernelsOf(text)[0], none).text;
  expect(sign(layer("%0", "%1"))).toBe(sign(layer("%1", "%2")));
  expect(sign(layer("%0", "%1"))).not.toBe(sign(layer("%0", "%0")));
});
