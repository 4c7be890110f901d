/** What setup decides: whether packages are missing, which driver a machine needs, and where apt gets it. */

import { describe, expect, test } from "vitest";
import { sourcesWithBackports } from "../../scripts/apt.mjs";
import { adviceFor, aptDriverFor, readRelease } from "../../scripts/driver.mjs";
import { agrees } from "../../scripts/packages.mjs";

describe("packages", () => {
  const lock = {
    packages: {
      "": { version: "0.1.0" },
      "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
      "node_modules/a-for-one-system": { version: "1.0.0", optional: true },
    },
  };
  const installed = { packages: { "node_modules/a": { version: "1.0.0", integrity: "sha512-a" } } };

  test("are installed when all but the optional ones are there", () => {
    expect(agrees(lock, installed)).toBe(true);
  });

  test("are not when one is missing", () => {
    expect(agrees(lock, { packages: {} })).toBe(false);
  });

  test("are not when the lock moved to another build of one", () => {
    const older = { packages: { "node_modules/a": { version: "1.0.0", integrity: "sha512-b" } } };
    expect(agrees(lock, older)).toBe(false);
  });

  test("are not when one is there that the lock no longer has", () => {
    const more = { packages: { ...installed.packages, "node_modules/b": { version: "1.0.0" } } };
    expect(agrees(lock, more)).toBe(false);
  });
});

describe("the driver", () => {
  const bookworm =
    'PRETTY_NAME="Debian 12"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=debian\n';
  const trixie = 'VERSION_ID="13"\nVERSION_CODENAME=trixie\nID=debian\n';
  const bullseye = 'VERSION_ID="11"\nVERSION_CODENAME=bullseye\nID=debian\n';
  const noble = 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\n';

  function on(release: string, platform = "linux") {
    return { platform, release: readRelease(release) };
  }

  test("of Debian 12 comes from its backports", () => {
    expect(aptDriverFor(on(bookworm))).toMatchObject({ backportsOf: "bookworm" });
  });

  test.each([
    ["Debian 13", on(trixie)],
    ["Debian testing", on("ID=debian\nVERSION_CODENAME=forky\n")],
    ["Ubuntu", on(noble)],
  ])("of %s comes from its own archive", (_, system) => {
    expect(aptDriverFor(system)).toMatchObject({ backportsOf: undefined });
  });

  test.each([
    ["a Debian that is too old", on(bullseye)],
    ["Fedora", on("ID=fedora\nVERSION_ID=42\n")],
    ["macOS", on("", "darwin")],
  ])("of %s is not apt's to install", (_, system) => {
    expect(aptDriverFor(system)).toBeUndefined();
  });

  test.each([
    ["Debian 12", on(bookworm), "from bookworm-backports, which `npm run setup` does"],
    ["Ubuntu", on(noble), "sudo apt-get install mesa-vulkan-drivers libvulkan1"],
    ["a Debian that is too old", on(bullseye), "use Debian 12 or newer"],
    ["Fedora", on("ID=fedora\nVERSION_ID=42\n"), "sudo dnf install mesa-vulkan-drivers"],
    ["Rocky", on('ID="rocky"\nID_LIKE="rhel centos"\n'), "sudo dnf install mesa-vulkan-drivers"],
    ["Arch", on("ID=arch\n"), "sudo pacman -S vulkan-swrast"],
    ["Alpine", on("ID=alpine\n"), "use a system with glibc"],
    ["a system without a name", on(""), "the Vulkan loader"],
    ["macOS", on("", "darwin"), "driver of this machine's graphics card"],
  ])("of %s is named to its owner", (_, system, words) => {
    expect(adviceFor(system)).toContain(words);
  });
});

describe("apt's sources", () => {
  test("in fields give the backports of the same mirror with the same keys", () => {
    const text = [
      "Types: deb deb-src",
      "# a remark",
      "URIs: http://mirror.test/debian",
      "Suites: bookworm bookworm-updates",
      "Components: main contrib",
      "Signed-By:",
      " -----BEGIN PGP PUBLIC KEY BLOCK-----",
      " .",
      " abc=",
      "",
    ].join("\n");
    expect(sourcesWithBackports([{ name: "debian.sources", text }], "bookworm").text).toBe(
      [
        "types: deb",
        "uris: http://mirror.test/debian",
        "suites: bookworm bookworm-backports",
        "components: main",
        "signed-by:",
        " -----BEGIN PGP PUBLIC KEY BLOCK-----",
        " .",
        " abc=",
        "",
      ].join("\n"),
    );
  });

  test("in lines keep their options", () => {
    const text =
      "# deb http://old.test bookworm main\n" +
      "deb-src http://mirror.test/debian bookworm main\n" +
      "deb [arch=amd64 signed-by=/keys/debian.gpg] http://mirror.test/debian bookworm main contrib\n";
    const start = "deb [arch=amd64 signed-by=/keys/debian.gpg] http://mirror.test/debian";
    expect(sourcesWithBackports([{ name: "/etc/apt/sources.list", text }], "bookworm")).toEqual({
      name: "ftc.list",
      text: `${start} bookworm main\n${start} bookworm-backports main\n`,
    });
  });

  test("that are switched off or of another suite are passed over", () => {
    const off = "Types: deb\nURIs: http://off.test\nSuites: bookworm\nEnabled: no\n";
    const security = "Types: deb\nURIs: http://security.test\nSuites: bookworm-security\n";
    const on = "Types: deb\nURIs: http://on.test\nSuites: bookworm\n";
    const file = { name: "all.sources", text: [off, security, on].join("\n") };
    expect(sourcesWithBackports([file], "bookworm").text).toContain("uris: http://on.test\n");
  });

  test("without the suite are an error", () => {
    expect(() => sourcesWithBackports([], "bookworm")).toThrow("name no mirror for bookworm");
  });
});
