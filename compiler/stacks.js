/**
 * Stacks that name the sources and not the bundle that was made of them. Node's own way to do this reads the source
 * map at every start; this one reads it when a stack is looked at.
 */

import { SourceMap } from "node:module";
import { dirname, resolve } from "node:path";

/**
 * @param {{ path: string, sourceMap: () => string | undefined }} bundle
 */
export function showSources({ path, sourceMap }) {
  /** @type {SourceMap | undefined} */
  let map;
  let isRead = false;
  Error.prepareStackTrace = (error, sites) => {
    if (!isRead) {
      isRead = true;
      const text = sourceMap();
      if (text !== undefined) map = new SourceMap(JSON.parse(text));
    }
    const lines = sites.map(
      (site) => `\n    at ${map === undefined ? site : shown(site, path, map)}`,
    );
    return `${Error.prototype.toString.call(error)}${lines.join("")}`;
  };
}

/**
 * @param {NodeJS.CallSite} site
 * @param {string} path
 * @param {SourceMap} map
 */
function shown(site, path, map) {
  const [line, column] = [site.getLineNumber(), site.getColumnNumber()];
  if (site.getFileName() !== path || line === null || column === null) return String(site);
  // Stacks count from 1, source maps from 0.
  const found = map.findEntry(line - 1, column - 1);
  if (!("originalSource" in found)) return String(site);
  const { originalSource, originalLine, originalColumn } = found;
  const place = `${resolve(dirname(path), originalSource)}:${originalLine + 1}:${originalColumn + 1}`;
  return String(site).replace(`${path}:${line}:${column}`, place);
}
