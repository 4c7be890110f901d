/** First values of parameters: a function of seed, name and place alone. */

import { describe, expect, test } from "vitest";
import { initialValues } from "../../runtime/initialize.ts";

const normal = { kind: "normal", std: 0.02, seed: 17, stream: "layers.0.weight" } as const;
const uniform = { kind: "uniform", bound: 0.5, seed: 17, stream: "lora_A" } as const;

function numbers(source: Parameters<typeof initialValues>[0], count: number): Float32Array {
  const values = initialValues(source, "f32", count);
  if (!(values instanceof Float32Array)) throw new Error("no values");
  return values;
}

function moments(values: Float32Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(square) };
}

describe("initial values", () => {
  test("that are normal have the mean and deviation asked for", () => {
    const { mean, deviation } = moments(numbers(normal, 100_000));
    // Four standard errors: 0.02 / √100000 and 0.02 / √200000.
    expect(Math.abs(mean)).toBeLessThan(4 * 6.4e-5);
    expect(Math.abs(deviation - 0.02)).toBeLessThan(4 * 4.5e-5);
  });

  test("that are uniform fill the interval evenly", () => {
    const values = numbers(uniform, 100_000);
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(0.5);
    const { mean, deviation } = moments(values);
    expect(Math.abs(mean)).toBeLessThan(4 * 9.2e-4);
    expect(Math.abs(deviation - 0.5 / Math.sqrt(3))).toBeLessThan(2e-3);
  });

  test("of a shorter tensor begin those of a longer one", () => {
    expect(numbers(normal, 101)).toEqual(numbers(normal, 256).subarray(0, 101));
  });

  test("differ between parameters and between seeds", () => {
    const first = numbers(normal, 8);
    expect(numbers({ ...normal, stream: "layers.1.weight" }, 8)).not.toEqual(first);
    expect(numbers({ ...normal, seed: 18 }, 8)).not.toEqual(first);
  });

  test("are the same on every machine", () => {
    expect([...numbers(normal, 4)]).toMatchInlineSnapshot(`
      [
        -0.013853685930371284,
        -0.025362148880958557,
        -0.00840186607092619,
        -0.026107409968972206,
      ]
    `);
    expect([...numbers(uniform, 4)]).toMatchInlineSnapshot(`
      [
        -0.08483864367008209,
        0.18883256614208221,
        0.3346158266067505,
        0.06168809533119202,
      ]
    `);
  });

  test("in half precision are those in single precision, rounded", () => {
    const source = { kind: "fill", value: 1 / 3 } as const;
    expect(initialValues(source, "f16", 2)).toEqual(Uint16Array.of(0x3555, 0x3555));
  });
});
