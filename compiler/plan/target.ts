/** What plans are made for: the facts of a device that kernels and memory depend on, and a few known ones. */

import type { KernelTarget } from "../wgsl/templates/template.ts";

export interface Target extends KernelTarget {
  readonly name: string;
  /** f16 can be stored and computed with. */
  readonly hasHalf: boolean;
  /** Bytes of one binding, and of one buffer. */
  readonly mostBound: number;
  readonly mostBuffer: number;
  /** Storage buffers that a kernel may bind. */
  readonly mostBindings: number;
}

/** An adapter as the runtime describes it. */
export interface AdapterFacts {
  readonly device: string;
  readonly isSoftware: boolean;
  readonly subgroup: { readonly smallest: number; readonly largest: number };
  readonly features: readonly string[];
  readonly limits: Readonly<
    Record<
      | "maxBufferSize"
      | "maxStorageBufferBindingSize"
      | "maxStorageBuffersPerShaderStage"
      | "maxComputeWorkgroupStorageSize"
      | "maxComputeInvocationsPerWorkgroup",
      number
    >
  >;
}

export function targetOf({ device, isSoftware, subgroup, features, limits }: AdapterFacts): Target {
  return {
    name: device,
    subgroupSize: subgroup.smallest === subgroup.largest ? subgroup.smallest : 0,
    hasSubgroups: features.includes("subgroups"),
    hasHalf: features.includes("shader-f16"),
    software: isSoftware,
    workgroupStorage: limits.maxComputeWorkgroupStorageSize,
    maxInvocations: limits.maxComputeInvocationsPerWorkgroup,
    mostBound: limits.maxStorageBufferBindingSize,
    mostBuffer: limits.maxBufferSize,
    mostBindings: limits.maxStorageBuffersPerShaderStage,
  };
}

/** Mesa's lavapipe, as `setup` installs it. */
export const softwareTarget: Target = {
  name: "software",
  subgroupSize: 8,
  hasSubgroups: true,
  hasHalf: true,
  software: true,
  workgroupStorage: 32 * 1024,
  maxInvocations: 1024,
  mostBound: 128 * 2 ** 20,
  mostBuffer: 2 ** 32 - 1,
  mostBindings: 16,
};

/** Any device: WebGPU's default limits, but for bindings, of which every adapter seen offers ten and more. */
export const plainTarget: Target = {
  name: "plain",
  subgroupSize: 0,
  hasSubgroups: false,
  hasHalf: false,
  software: false,
  workgroupStorage: 16 * 1024,
  maxInvocations: 256,
  mostBound: 128 * 2 ** 20,
  mostBuffer: 256 * 2 ** 20,
  mostBindings: 10,
};

/** Whether it stands for a device that nobody has asked. */
export function isAssumed(target: Target): boolean {
  return target === softwareTarget || target === plainTarget;
}
