/**
 * Makes a checkout ready: the packages of the lock, and something for WebGPU to compute on. Plain
 * JavaScript without packages, since it runs before there are any. Says nothing where nothing is to do,
 * and ends with exit code 3 where the machine lacks what only its owner can install.
 */

import { lookForAdapter } from "./adapter.mjs";
import { aptInstall } from "./apt.mjs";
import { adviceFor, aptDriverFor, thisSystem } from "./driver.mjs";
import { installPackages, packagesAreInstalled } from "./packages.mjs";

const machineCannot = 3;

try {
  setUp();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = machineCannot;
}

function setUp() {
  checkNode();
  if (!packagesAreInstalled()) {
    say("Installing the packages of package-lock.json …");
    installPackages();
  }
  if (!lookForAdapter().isThere) giveAdapter();
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Error(`ftc needs Node.js 20.19 or newer, and this is ${process.versions.node}.`);
}

function giveAdapter() {
  const system = thisSystem();
  const driver = process.getuid?.() === 0 ? aptDriverFor(system) : undefined;
  if (driver === undefined) {
    throw new Error(`WebGPU finds nothing to compute on here: ${adviceFor(system)}.`);
  }
  say("WebGPU finds nothing to compute on here. Installing Mesa's Vulkan driver …");
  aptInstall(driver.packages, driver.backportsOf);
  const { isThere, why } = lookForAdapter();
  if (!isThere) throw new Error(`WebGPU still finds nothing to compute on.\n${why}`);
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`${text}\n`);
}
