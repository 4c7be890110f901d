/**
 * The pages behind the codes: `explain/FTnnn.md`, one each, found by code or by slug. A page holds a program that causes
 * the fault and the program mended; what its blocks mean is said in test/support/pages.ts, which runs them.
 */

import { existsSync, readFileSync } from "node:fs";
import { codeOf, codes, isAllowable, type Slug } from "./codes.ts";
import { nearest } from "./suggest.ts";

export interface Page {
  readonly code: string;
  readonly slug: Slug;
  /** Its Markdown; of what may be a warning, also how to allow it. */
  readonly text: string;
}

const slugs = Object.keys(codes).filter(isSlug);

function isSlug(name: string): name is Slug {
  return Object.hasOwn(codes, name);
}

/** The slug of `FT501`, `ft501`, `501` or `no-such-layer`; undefined if there is no such code. */
export function slugOf(name: string): Slug | undefined {
  if (isSlug(name)) return name;
  const number = /^(?:FT)?(\d{1,3})$/i.exec(name)?.[1];
  return slugs.find((slug) => number !== undefined && codes[slug] === Number(number));
}

/** The slug or code that was probably meant. */
export function nearestCode(name: string): string | undefined {
  return nearest(name, [...slugs, ...slugs.map(codeOf)]);
}

/** The page of a code; undefined where none is written. */
export function pageOf(slug: Slug): Page | undefined {
  const code = codeOf(slug);
  const path = new URL(`./explain/${code}.md`, import.meta.url);
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, "utf8");
  return { code, slug, text: isAllowable(slug) ? `${text}\n${allowing(code)}` : text };
}

function allowing(code: string): string {
  return `**Where it is meant**, a comment on the line above allows the warning: \`// ftc: allow ${code} — the reason\`.\n`;
}
