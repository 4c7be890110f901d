/**
 * Which driver gives a machine without a GPU something to compute on: Mesa's Vulkan driver for the CPU.
 * Decides only; apt.mjs installs. Dawn does not take the Mesa 22.3 of Debian 12, but that of its backports.
 */

import { existsSync, readFileSync } from "node:fs";

/**
 * @typedef {object} System
 * @property {string} platform as Node names it
 * @property {Readonly<Record<string, string>>} release the fields of /etc/os-release
 *
 * @typedef {{ readonly packages: readonly string[], readonly backportsOf: string | undefined }} AptDriver
 */

/** @returns {System} */
export function thisSystem() {
  const file = "/etc/os-release";
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  return { platform: process.platform, release: readRelease(text) };
}

/**
 * What apt would install; undefined where there is no apt, or nothing new enough in it.
 *
 * @param {System} system
 * @returns {AptDriver | undefined}
 */
export function aptDriverFor({ platform, release }) {
  if (platform !== "linux" || !familiesOf(release).includes("debian")) return undefined;
  // Testing and unstable have no version, and are newer than all that have.
  const isNumbered = release.ID === "debian" && release.VERSION_ID !== undefined;
  const version = isNumbered ? Number(release.VERSION_ID) : Number.POSITIVE_INFINITY;
  if (version < 12) return undefined;
  return {
    packages: ["mesa-vulkan-drivers", "libvulkan1"],
    backportsOf: version === 12 ? release.VERSION_CODENAME : undefined,
  };
}

/**
 * What the machine's owner can do, in one sentence.
 *
 * @param {System} system
 * @returns {string}
 */
export function adviceFor(system) {
  if (system.platform !== "linux")
    return "install the current driver of this machine's graphics card";
  const apt = aptDriverFor(system);
  if (apt !== undefined) {
    return apt.backportsOf === undefined
      ? `install a Vulkan driver: sudo apt-get install ${apt.packages.join(" ")}`
      : `install mesa-vulkan-drivers from ${apt.backportsOf}-backports, which \`npm run setup\` does when root runs it`;
  }
  const families = familiesOf(system.release);
  if (families.includes("debian")) {
    return "use Debian 12 or newer, since the Vulkan drivers of this one are too old for WebGPU";
  }
  if (families.includes("fedora") || families.includes("rhel")) {
    return "install a Vulkan driver: sudo dnf install mesa-vulkan-drivers vulkan-loader";
  }
  if (families.includes("arch")) {
    return "install a Vulkan driver: sudo pacman -S vulkan-swrast vulkan-icd-loader";
  }
  if (families.includes("alpine")) {
    return "use a system with glibc, since WebGPU's build for Linux does not load with musl";
  }
  return "install Mesa's Vulkan drivers, 25 or newer, and the Vulkan loader (libvulkan.so.1)";
}

/**
 * The fields of an os-release file.
 *
 * @param {string} text
 * @returns {Readonly<Record<string, string>>}
 */
export function readRelease(text) {
  const fields = [...text.matchAll(/^([A-Z_]+)=(?:"(.*)"|'(.*)'|(.*))$/gm)];
  return Object.fromEntries(
    fields.map(([, name, double, single, bare]) => [name, double ?? single ?? bare ?? ""]),
  );
}

/** @param {Readonly<Record<string, string>>} release */
function familiesOf({ ID = "", ID_LIKE = "" }) {
  return [ID, ...ID_LIKE.split(" ")];
}
