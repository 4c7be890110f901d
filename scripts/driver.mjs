/**
 * Which driver gives a machine without a GPU something to compute on: Mesa's Vulkan driver for the CPU.
 * Decides only; apt.mjs installs. Dawn does not take the Mesa 22.3 of Debian 12, but that of its backports.
 */

/**
 * @typedef {object} Machine
 * @property {string} platform as Node names it
 * @property {Readonly<Record<string, string>>} release the fields of /etc/os-release
 * @property {boolean} isRoot
 *
 * @typedef {{ readonly kind: "apt", readonly backportsOf?: string }} Install
 * @typedef {{ readonly kind: "advice", readonly text: string }} Advice one sentence for people
 */

/** What apt calls it. */
export const aptPackages = ["mesa-vulkan-drivers", "libvulkan1"];

/**
 * @param {Machine} machine
 * @returns {Install | Advice}
 */
export function driverFor({ platform, release, isRoot }) {
  if (platform !== "linux") {
    return advice(
      "Install the current driver of this machine's graphics card: it brings WebGPU's part.",
    );
  }
  const families = [release.ID, ...(release.ID_LIKE ?? "").split(" ")];
  if (families.includes("debian") || families.includes("ubuntu")) return debian(release, isRoot);
  if (families.includes("fedora") || families.includes("rhel")) {
    return advice("Install a Vulkan driver: sudo dnf install mesa-vulkan-drivers vulkan-loader");
  }
  if (families.includes("arch")) {
    return advice("Install a Vulkan driver: sudo pacman -S vulkan-swrast vulkan-icd-loader");
  }
  if (families.includes("alpine")) {
    return advice(
      "Use a system with glibc, since WebGPU's build for Linux does not load with musl.",
    );
  }
  return advice(
    "Install Mesa's Vulkan drivers, 25 or newer, and the Vulkan loader (libvulkan.so.1).",
  );
}

/**
 * @param {Readonly<Record<string, string>>} release
 * @param {boolean} isRoot
 * @returns {Install | Advice}
 */
function debian({ ID, VERSION_ID, VERSION_CODENAME }, isRoot) {
  // Testing and unstable have no version.
  const version = ID === "debian" ? Number(VERSION_ID ?? Number.POSITIVE_INFINITY) : undefined;
  if (version !== undefined && version < 12) {
    return advice(
      "Use Debian 12 or newer, since the Vulkan drivers of this one are too old for WebGPU.",
    );
  }
  const suite = version === 12 ? VERSION_CODENAME : undefined;
  if (isRoot) return suite === undefined ? { kind: "apt" } : { kind: "apt", backportsOf: suite };
  return advice(
    suite === undefined
      ? `Install a Vulkan driver: sudo apt-get install ${aptPackages.join(" ")}`
      : `Install Mesa's Vulkan driver from ${suite}-backports, or run \`npm run setup\` once as root, which does it.`,
  );
}

/**
 * @param {string} text
 * @returns {Advice}
 */
function advice(text) {
  return { kind: "advice", text };
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
