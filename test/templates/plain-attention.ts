/**
 * Attention over contiguous tensors in buffers of their own, and what it must give by plain loops in double
 * precision. Where asked, every load counts bad indices in a last buffer.
 */

import type {
  AttentionForwardSpec,
  AttentionKeyValueGradientSpec,
  AttentionQueryGradientSpec,
  AttentionShape,
  HeadStore,
  HeadTensor,
} from "../../compiler/wgsl/templates/template.ts";

export interface PlainAttention extends AttentionShape {
  readonly causal: boolean;
  readonly offset: number;
  /** Indices are checked in the kernels. */
  readonly checked: boolean;
}

export interface AttentionInputs {
  readonly query: Float32Array;
  readonly key: Float32Array;
  readonly value: Float32Array;
  readonly outGradient: Float32Array;
  readonly querySegment: Int32Array;
  readonly keySegment: Int32Array;
}

export const scaleOf = (shape: AttentionShape): number => 1 / Math.sqrt(shape.channels);

type Axis = "queries" | "keys";

/** Shapes of everything that is a tensor of heads. */
const headTensors = {
  query: ["heads", "queries"],
  key: ["groups", "keys"],
  value: ["groups", "keys"],
  out: ["heads", "queries"],
  outGradient: ["heads", "queries"],
  queryGradient: ["heads", "queries"],
  keyGradient: ["groups", "keys"],
  valueGradient: ["groups", "keys"],
} as const satisfies Readonly<Record<string, readonly ["heads" | "groups", Axis]>>;

export type HeadName = keyof typeof headTensors;

export function elementsOf(shape: AttentionShape, name: HeadName): number {
  const [heads, positions] = headTensors[name];
  return shape.batch * shape[heads] * shape[positions] * shape.channels;
}

/** Names of buffers in the order of bindings, with what each holds. */
const bindings = {
  forward: [
    "query",
    "key",
    "value",
    "querySegment",
    "keySegment",
    "offset",
    "out",
    "lse",
    "faults",
  ],
  query: [
    "query",
    "key",
    "value",
    "out",
    "outGradient",
    "lse",
    "querySegment",
    "keySegment",
    "offset",
    "queryGradient",
    "faults",
  ],
  "key-value": [
    "query",
    "key",
    "value",
    "out",
    "outGradient",
    "lse",
    "querySegment",
    "keySegment",
    "offset",
    "keyGradient",
    "valueGradient",
    "faults",
  ],
} as const;

export type AttentionBuffer = (typeof bindings)[keyof typeof bindings][number];

/** Without what nothing uses. */
export function attentionBuffers(
  part: keyof typeof bindings,
  { causal, checked }: PlainAttention,
): readonly AttentionBuffer[] {
  const unused = [...(causal ? [] : ["offset"]), ...(checked ? [] : ["faults"])];
  return bindings[part].filter((name) => !unused.includes(name));
}

export function plainAttention(
  plain: PlainAttention,
  part: keyof typeof bindings,
): AttentionForwardSpec & AttentionQueryGradientSpec & AttentionKeyValueGradientSpec {
  const { batch, heads, groups, queries, keys, channels, causal } = plain;
  const vectors = channels % 4 === 0;
  const names = attentionBuffers(part, plain);
  const written = {
    forward: ["out", "lse"],
    query: ["queryGradient"],
    "key-value": ["keyGradient", "valueGradient"],
  }[part];
  const declared = names.map((name, binding) => {
    const access = written.includes(name) || name === "faults" ? "read_write" : "read";
    const isLoadedHead = name in headTensors && !written.includes(name);
    const type = isLoadedHead
      ? `array<${vectors ? "vec4<f32>" : "f32"}>`
      : name === "faults"
        ? "atomic<u32>"
        : name === "offset"
          ? "i32"
          : `array<${name.endsWith("Segment") ? "i32" : "f32"}>`;
    return `@group(0) @binding(${binding}) var<storage, ${access}> ${name}: ${type};`;
  });
  const loaded = names.filter(
    (name): name is HeadName => name in headTensors && !written.includes(name),
  );
  const functions = loaded.flatMap((name) => {
    const [headAxis, axis] = headTensors[name];
    const index = `((b * ${plain[headAxis]}u + h) * ${plain[axis]}u + t) * ${channels}u + c`;
    const check = (c: string) =>
      !plain.checked
        ? ""
        : `if (b >= ${batch}u || h >= ${plain[headAxis]}u || t >= ${plain[axis]}u || ${c} >= ${channels}u) { atomicAdd(&faults, 1u); }`;
    const at = vectors ? `${name}[i / 4u][i % 4u]` : `${name}[i]`;
    const parameters = "b: u32, h: u32, t: u32, c: u32";
    return [
      `fn load_${name}(${parameters}) -> f32 { ${check("c")} let i = ${index}; return ${at}; }`,
      ...(vectors
        ? [
            `fn load4_${name}(${parameters}) -> vec4<f32> { ${check("(c | 3u)")} let i = ${index}; return ${name}[i / 4u]; }`,
          ]
        : []),
    ];
  });
  const tensor = (name: HeadName): HeadTensor => ({
    load: (...at) => `load_${name}(${at.join(", ")})`,
    ...(vectors
      ? { loadVector: (...at: readonly string[]) => `load4_${name}(${at.join(", ")})` }
      : {}),
  });
  const store =
    (name: HeadName): HeadStore =>
    (b, h, t, c, value) => {
      const [headAxis, axis] = headTensors[name];
      return `${name}[((${b} * ${plain[headAxis]}u + ${h}) * ${plain[axis]}u + ${t}) * ${channels}u + ${c}] = ${value};`;
    };
  const rowAt = (b: string, h: string, t: string) =>
    `(${b} * ${heads}u + ${h}) * ${queries}u + ${t}`;
  return {
    batch,
    heads,
    groups,
    queries,
    keys,
    channels,
    causal,
    scale: scaleOf(plain),
    query: tensor("query"),
    key: tensor("key"),
    value: tensor("value"),
    out: tensor("out"),
    outGradient: tensor("outGradient"),
    lse: { load: (b, h, t) => `lse[${rowAt(b, h, t)}]` },
    querySegment: (b, t) => `querySegment[${b} * ${queries}u + ${t}]`,
    keySegment: (b, t) => `keySegment[${b} * ${keys}u + ${t}]`,
    offset: "offset",
    storeOut: store("out"),
    storeLse: (b, h, t, value) => `lse[${rowAt(b, h, t)}] = ${value};`,
    storeQueryGradient: store("queryGradient"),
    storeKeyGradient: store("keyGradient"),
    storeValueGradient: store("valueGradient"),
    declarations: { enables: [], text: [...declared, ...functions].join("\n") },
  };
}

export type Expected = Readonly<Record<"lse" | HeadName, Float64Array>>;

/** Everything attention computes, from the definition. */
export function expectedAttention(plain: PlainAttention, inputs: AttentionInputs): Expected {
  const { batch, heads, groups, queries, keys, channels, causal, offset } = plain;
  const scale = scaleOf(plain);
  const zeros = (name: HeadName) => new Float64Array(elementsOf(plain, name));
  const out = zeros("out");
  const lse = new Float64Array(batch * heads * queries).fill(-3e38);
  const gradients = {
    queryGradient: zeros("queryGradient"),
    keyGradient: zeros("keyGradient"),
    valueGradient: zeros("valueGradient"),
  };
  for (let b = 0; b < batch; b += 1) {
    for (let h = 0; h < heads; h += 1) {
      const g = Math.floor(h / (heads / groups));
      for (let t = 0; t < queries; t += 1) {
        const mine = ((b * heads + h) * queries + t) * channels;
        const segment = inputs.querySegment[b * queries + t];
        const seen = Array.from({ length: keys }, (_, j) => j).filter((j) => {
          const other = inputs.keySegment[b * keys + j];
          return other === segment && other >= 0 && (!causal || j <= t + offset);
        });
        if (seen.length === 0) continue;
        const theirs = (j: number) => ((b * groups + g) * keys + j) * channels;
        const dot = (
          a: Float32Array | Float64Array,
          i: number,
          c: Float32Array | Float64Array,
          j: number,
        ) => {
          let sum = 0;
          for (let channel = 0; channel < channels; channel += 1)
            sum += a[i + channel] * c[j + channel];
          return sum;
        };
        const scores = seen.map((j) => scale * dot(inputs.query, mine, inputs.key, theirs(j)));
        const most = Math.max(...scores);
        const total = scores.reduce((sum, score) => sum + Math.exp(score - most), 0);
        lse[(b * heads + h) * queries + t] = most + Math.log(total);
        const shares = scores.map((score) => Math.exp(score - most) / total);
        seen.forEach((j, at) => {
          for (let c = 0; c < channels; c += 1)
            out[mine + c] += shares[at] * inputs.value[theirs(j) + c];
        });
        const delta = dot(inputs.outGradient, mine, out, mine);
        seen.forEach((j, at) => {
          const d = dot(inputs.outGradient, mine, inputs.value, theirs(j));
          const gradient = shares[at] * (d - delta) * scale;
          for (let c = 0; c < channels; c += 1) {
            gradients.queryGradient[mine + c] += gradient * inputs.key[theirs(j) + c];
            gradients.keyGradient[theirs(j) + c] += gradient * inputs.query[mine + c];
            gradients.valueGradient[theirs(j) + c] += shares[at] * inputs.outGradient[mine + c];
          }
        });
      }
    }
  }
  const copy = (data: Float32Array) => Float64Array.from(data);
  return {
    lse,
    out,
    ...gradients,
    query: copy(inputs.query),
    key: copy(inputs.key),
    value: copy(inputs.value),
    outGradient: copy(inputs.outGradient),
  };
}
