/** Every code there is, one line each. A slug names a fault in our code; the number is what users quote. */

export const codes = {
  // 0xx syntax
  "open-brace": 1,
  "unclosed-string": 2,
  "not-a-token": 3,
  "split-quantity": 4,
  syntax: 5,
  "no-such-item": 6,
  "not-utf8": 7,
  // 05x comments that allow
  "allow-unused": 51,
  "allow-without-reason": 52,
  "allow-of-error": 53,
  "allow-of-no-code": 54,
  "allow-unclear": 55,
  // 1xx names
  "no-such-name": 101,
  "no-such-module": 102,
  "no-such-field": 103,
  "defined-twice": 104,
  "import-cycle": 105,
  "missing-argument": 106,
  "missing-field": 107,
  "not-that-kind": 108,
  "too-many-arguments": 109,
  "defined-by-itself": 110,
  "never-read": 111,
  "made-of-too-much": 112,
  // 2xx types and sizes
  "size-mismatch": 201,
  "type-mismatch": 202,
  "size-unproved": 203,
  "rank-mismatch": 204,
  "axis-two-sizes": 205,
  "axis-from-nowhere": 206,
  "axis-unknown-size": 207,
  "broadcast-refused": 208,
  "dtype-mismatch": 209,
  "int-for-float": 210,
  "branches-differ": 211,
  "requirement-broken": 212,
  "index-out-of-range": 213,
  // 3xx units
  "bare-number": 301,
  "no-such-unit": 302,
  "unit-mismatch": 303,
  // 4xx data
  "missing-column": 401,
  "row-does-not-fit": 402,
  "untyped-rows": 403,
  "column-lost": 404,
  "nothing-to-learn": 405,
  "row-column-in-window": 407,
  "template-does-not-fit": 408,
  "begin-mark-twice": 409,
  "label-set-mismatch": 410,
  "rows-cut": 411,
  "end-mark-never-learned": 412,
  "missing-in-template": 413,
  "rows-dropped": 414,
  leak: 415,
  "few-examples": 416,
  "label-leak": 417,
  "token-beyond-vocabulary": 418,
  // 5xx adapters and parameters
  "no-such-layer": 501,
  "adapter-does-not-fit": 502,
  "adapter-requirement": 503,
  "adapter-on-tied": 504,
  "lossy-merge": 505,
  "adapted-twice": 506,
  "no-merge": 507,
  "no-peft-layout": 508,
  // 6xx runs and schedules
  "warmup-too-long": 601,
  "eval-without-data": 602,
  "eval-never": 603,
  "save-never": 604,
  "window-beyond-context": 605,
  "nothing-to-train": 606,
  "same-place": 608,
  "untrained-model": 609,
  // 7xx precision and memory
  "too-big": 701,
  "no-such-precision": 702,
  // 8xx lock and files
  "out-of-lock": 801,
  "file-changed": 802,
  "no-such-file": 803,
  "weight-shape": 804,
  "weight-missing": 805,
  "weight-unused": 806,
  "config-does-not-fit": 807,
  "broken-file": 808,
  "weight-dtype": 809,
} as const;

export type Slug = keyof typeof codes;

/**
 * What may be a warning, and what it is found in: every check reads the sources, a plan and a run read all rows, and what
 * a device takes differs from one to the next. These a comment can allow; `allow-unused`, which is about such comments, is
 * the one warning beside them.
 */
export const allowable = {
  "never-read": "sources",
  "nothing-to-learn": "rows",
  "template-does-not-fit": "rows",
  "rows-cut": "rows",
  "end-mark-never-learned": "rows",
  "rows-dropped": "rows",
  "few-examples": "rows",
  "label-leak": "rows",
  "untrained-model": "sources",
  "too-big": "device",
} as const satisfies Partial<Record<Slug, "sources" | "rows" | "device">>;

export type AllowableSlug = keyof typeof allowable;

export function isAllowable(slug: Slug): slug is AllowableSlug {
  return Object.hasOwn(allowable, slug);
}

/** `FT501`. */
export function codeOf(slug: Slug): string {
  return `FT${String(codes[slug]).padStart(3, "0")}`;
}
