/** All operations by name. A new one is a record in a file of its family and its name here. */

import { attention, attentionGradientKeyValue, attentionGradientQuery } from "./attention.ts";
import { contract } from "./contract.ts";
import * as elementwise from "./elementwise.ts";
import { gather, scatterAdd, write } from "./gather.ts";
import { constant, iota, random } from "./generate.ts";
import { crossEntropy, crossEntropyGradient } from "./loss.ts";
import { broadcast, concat, pad, reshape, slice, transpose } from "./move.ts";
import type { Op } from "./op.ts";
import { reduceMax, reduceMin, reduceSum } from "./reduce.ts";

const table = {
  constant,
  iota,
  random,
  ...elementwise,
  reduceSum,
  reduceMax,
  reduceMin,
  contract,
  reshape,
  transpose,
  broadcast,
  slice,
  pad,
  concat,
  gather,
  scatterAdd,
  write,
  attention,
  attentionGradientQuery,
  attentionGradientKeyValue,
  crossEntropy,
  crossEntropyGradient,
} satisfies Readonly<Record<string, Op>>;

export type OpName = keyof typeof table;

export function opOf(name: OpName): Op {
  return table[name];
}

export function isOpName(name: string): name is OpName {
  return Object.hasOwn(table, name);
}

export const opNames: readonly OpName[] = Object.keys(table).filter(isOpName);
