/**
 * The extension as one file that an editor installs: `npm run vscode` writes out/ftc.vsix. A .vsix is a zip archive
 * with the extension's files in one folder, a manifest of them, and the types of their contents.
 */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { strToU8, type Zippable, zipSync } from "fflate";
import manifest from "./package.json" with { type: "json" };

const here = new URL("./", import.meta.url);
const license = new URL("../../LICENSE", import.meta.url);
const written = new URL("../../out/ftc.vsix", import.meta.url);

/** Shipped as they are, beside the client. */
const files = [
  "package.json",
  "README.md",
  "language-configuration.json",
  "syntaxes/ftp.tmLanguage.json",
];

/** Zip's own first day, so that the same sources give the same bytes. */
const mtime = new Date(1980, 0, 1);

/** The archive's bytes. */
export async function extension(): Promise<Uint8Array> {
  const shipped = files.map((name) => [name, readFileSync(new URL(name, here))] as const);
  const entries: Zippable = {
    "extension/LICENSE.txt": new Uint8Array(readFileSync(license)),
    "extension.vsixmanifest": strToU8(vsixManifest()),
    "[Content_Types].xml": strToU8(contentTypes),
    "extension/client.cjs": await client(),
  };
  for (const [name, bytes] of shipped) entries[`extension/${name}`] = new Uint8Array(bytes);
  return zipSync(entries, { mtime });
}

/** The client and the library that it speaks with, in one script. The editor brings `vscode` itself. */
async function client(): Promise<Uint8Array> {
  const made = await build({
    entryPoints: [fileURLToPath(new URL("client.ts", here))],
    bundle: true,
    minify: true,
    external: ["vscode"],
    format: "cjs",
    platform: "node",
    target: "node20",
    logLevel: "silent",
    write: false,
  });
  return made.outputFiles[0].contents;
}

function vsixManifest(): string {
  const { name, publisher, version, displayName, description, categories, engines } = manifest;
  return `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id="${name}" Version="${version}" Publisher="${publisher}"/>
    <DisplayName>${displayName}</DisplayName>
    <Description xml:space="preserve">${description}</Description>
    <Categories>${categories.join(",")}</Categories>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value="${engines.vscode}"/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionKind" Value="workspace"/>
    </Properties>
    <License>extension/LICENSE.txt</License>
  </Metadata>
  <Installation>
    <InstallationTarget Id="Microsoft.VisualStudio.Code"/>
  </Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.Details" Path="extension/README.md" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.License" Path="extension/LICENSE.txt" Addressable="true"/>
  </Assets>
</PackageManifest>
`;
}

const contentTypes = `<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
  <Default Extension=".json" ContentType="application/json"/>
  <Default Extension=".vsixmanifest" ContentType="text/xml"/>
  <Default Extension=".cjs" ContentType="application/javascript"/>
  <Default Extension=".md" ContentType="text/markdown"/>
  <Default Extension=".txt" ContentType="text/plain"/>
</Types>
`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = fileURLToPath(written);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, await extension());
  process.stdout.write(`${path}\n`);
}
