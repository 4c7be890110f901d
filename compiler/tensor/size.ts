/**
 * Sizes as integer polynomials. Two of them are equal, different, or we cannot tell.
 *
 * A size is a sum of monomials; an atom of a monomial is a symbol (`D`, at least 1) or a quotient that does not
 * divide out (`D / H`), which is an atom of its own. Floor division and remainder are of non-negative numbers.
 */

export interface Size {
  /** By the monomial's key, sorted; the empty key is the constant term. No coefficient is 0. */
  readonly terms: ReadonlyMap<string, Term>;
}

interface Term {
  readonly atoms: readonly Atom[];
  readonly coefficient: number;
}

type Atom =
  | { readonly kind: "symbol"; readonly key: string; readonly name: string }
  | {
      readonly kind: "quotient" | "remainder";
      readonly key: string;
      readonly over: Size;
      readonly by: Size;
    };

export type Comparison = "equal" | "different" | "cannot-tell";

export function constant(value: number): Size {
  return polynomial(value === 0 ? [] : [{ atoms: [], coefficient: value }]);
}

/** A size that is not known yet. Two symbols are one when their keys are equal; `name` is for people. */
export function symbol(name: string, key = name): Size {
  return polynomial([{ atoms: [{ kind: "symbol", key, name }], coefficient: 1 }]);
}

export function add(a: Size, b: Size): Size {
  return polynomial([...a.terms.values(), ...b.terms.values()]);
}

export function subtract(a: Size, b: Size): Size {
  return add(a, scale(b, -1));
}

export function multiply(a: Size, b: Size): Size {
  const products: Term[] = [];
  for (const left of a.terms.values()) {
    for (const right of b.terms.values()) {
      products.push({
        atoms: [...left.atoms, ...right.atoms],
        coefficient: left.coefficient * right.coefficient,
      });
    }
  }
  return polynomial(products);
}

export function product(sizes: readonly Size[]): Size {
  return sizes.reduce(multiply, constant(1));
}

/** Floor division. What the divisor divides exactly comes out: (2 · D + 3) / 2 is D + 1. */
export function divide(a: Size, b: Size): Size {
  const [x, y] = [knownSize(a), knownSize(b)];
  if (x !== undefined && y !== undefined) return constant(Math.floor(x / y));
  const { over, by } = withoutCommon(a, b);
  const { quotient, rest } = divideExactly(over, by);
  if (rest.terms.size === 0) return quotient;
  return quotient.terms.size === 0 ? opaque("quotient", over, by) : add(quotient, divide(rest, by));
}

/** a − b · floor(a / b). */
export function remainder(a: Size, b: Size): Size {
  const [x, y] = [knownSize(a), knownSize(b)];
  if (x !== undefined && y !== undefined) return constant(x - y * Math.floor(x / y));
  const { common, over, by } = withoutCommon(a, b);
  const { quotient, rest } = divideExactly(over, by);
  if (rest.terms.size === 0) return constant(0);
  const left = quotient.terms.size === 0 ? opaque("remainder", over, by) : remainder(rest, by);
  return multiply(common, left);
}

/** The number, where no symbol is left. */
export function knownSize(size: Size): number | undefined {
  if (size.terms.size === 0) return 0;
  const only = size.terms.get("");
  return only !== undefined && size.terms.size === 1 ? only.coefficient : undefined;
}

/** Symbols are at least 1, so a difference whose terms have one sign is not 0. */
export function compare(a: Size, b: Size): Comparison {
  const terms = [...subtract(a, b).terms.values()];
  if (terms.length === 0) return "equal";
  const opaqueTerm = terms.some((term) => term.atoms.some((atom) => atom.kind !== "symbol"));
  if (opaqueTerm) return "cannot-tell";
  const positive = terms.filter((term) => term.coefficient > 0).length;
  return positive === 0 || positive === terms.length ? "different" : "cannot-tell";
}

/**
 * The size given that others are 0: each of them is solved for one of its monomials, which is then put in place
 * wherever it divides a term. A remainder of 0 says that its quotient divides out, so remainders are spelt out.
 */
export function reduced(size: Size, zeros: readonly Size[]): Size {
  const rules = zeros.flatMap((zero) => {
    const spelt = withoutRemainders(zero);
    const lead = leadOf(spelt);
    return lead === undefined ? [] : [{ lead, spelt }];
  });
  let left = withoutRemainders(size);
  // Each step puts a lead's equal in its place. Facts may go in circles, so the number of steps is bounded.
  for (let step = 0; step < 4 * rules.length + 4; step++) {
    const next = rules.reduce((sum, rule) => replaced(sum, rule.lead, rule.spelt), left);
    if (keyOf(next) === keyOf(left)) return left;
    left = next;
  }
  return left;
}

/** The monomial that a size of 0 is solved for: one of coefficient ±1, and of those one with most atoms. */
function leadOf(zero: Size): Term | undefined {
  const units = [...zero.terms.values()].filter(
    (term) => Math.abs(term.coefficient) === 1 && term.atoms.length > 0,
  );
  return units.reduce<Term | undefined>(
    (most, term) => (most === undefined || term.atoms.length > most.atoms.length ? term : most),
    undefined,
  );
}

function replaced(size: Size, lead: Term, zero: Size): Size {
  for (const term of size.terms.values()) {
    const factor = dividedBy(term, lead);
    if (factor !== undefined) return subtract(size, multiply(polynomial([factor]), zero));
  }
  return size;
}

function withoutRemainders(size: Size): Size {
  return [...size.terms.values()].reduce((sum, term) => {
    const factors = term.atoms.map((atom) =>
      atom.kind === "remainder"
        ? subtract(atom.over, multiply(atom.by, divide(atom.over, atom.by)))
        : polynomial([{ atoms: [atom], coefficient: 1 }]),
    );
    return add(sum, scale(product(factors), term.coefficient));
  }, constant(0));
}

/** The size with sizes put in place of symbols, by key. */
export function substitute(size: Size, values: ReadonlyMap<string, Size>): Size {
  let sum = constant(0);
  for (const term of size.terms.values()) {
    const factors = term.atoms.map((atom) => {
      if (atom.kind === "symbol")
        return values.get(atom.key) ?? polynomial([{ atoms: [atom], coefficient: 1 }]);
      const [over, by] = [substitute(atom.over, values), substitute(atom.by, values)];
      return atom.kind === "quotient" ? divide(over, by) : remainder(over, by);
    });
    sum = add(sum, scale(product(factors), term.coefficient));
  }
  return sum;
}

/** As an author would write it: `H * K`, `T - 1`. */
export function show(size: Size): string {
  const terms = [...size.terms.values()];
  if (terms.length === 0) return "0";
  return terms.map((term, at) => showTerm(term, at === 0)).join("");
}

function showTerm(term: Term, first: boolean): string {
  const amount = Math.abs(term.coefficient);
  const single = term.atoms.length === 1 && amount === 1;
  const factors = term.atoms.map((atom) => {
    if (atom.kind === "symbol") return atom.name;
    const text = `${wrapped(atom.over)} ${atom.kind === "quotient" ? "/" : "%"} ${wrapped(atom.by)}`;
    return single ? text : `(${text})`;
  });
  const shown = amount === 1 && factors.length > 0 ? factors : [String(amount), ...factors];
  const sign = term.coefficient < 0 ? (first ? "-" : " - ") : first ? "" : " + ";
  return sign + shown.join(" * ");
}

function wrapped(size: Size): string {
  const text = show(size);
  return text.includes(" ") ? `(${text})` : text;
}

function scale(size: Size, by: number): Size {
  return polynomial(
    [...size.terms.values()].map((term) => ({ ...term, coefficient: term.coefficient * by })),
  );
}

function opaque(kind: "quotient" | "remainder", over: Size, by: Size): Size {
  const key = `${kind}(${keyOf(over)},${keyOf(by)})`;
  return polynomial([{ atoms: [{ kind, key, over, by }], coefficient: 1 }]);
}

/** What every term of both has as a factor, and both without it: 3 · D over 3 · H is D over H. */
function withoutCommon(a: Size, b: Size): { common: Size; over: Size; by: Size } {
  const terms = [...a.terms.values(), ...b.terms.values()];
  const [first, ...others] = terms;
  if (a.terms.size === 0 || first === undefined) return { common: constant(1), over: a, by: b };
  const coefficient = terms.reduce((sofar, term) => greatestDivisor(sofar, term.coefficient), 0);
  // A quotient may be 0, which cannot be divided by; a symbol is at least 1.
  const symbols = first.atoms.filter((atom) => atom.kind === "symbol");
  const atoms = others.reduce((sofar, term) => shared(sofar, term.atoms), symbols);
  const common = polynomial([{ atoms, coefficient }]);
  return { common, over: divideExactly(a, common).quotient, by: divideExactly(b, common).quotient };
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : greatestDivisor(b, a % b);
}

/** Those of `some` that `others` have as well, as often as both have them. */
function shared<One extends Atom>(some: readonly One[], others: readonly Atom[]): One[] {
  const left = others.map((atom) => atom.key);
  return some.filter(({ key }) => {
    const at = left.indexOf(key);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

/** The terms that the divisor divides, divided, and those that it does not. */
function divideExactly(a: Size, b: Size): { quotient: Size; rest: Size } {
  if (compare(a, b) === "equal") return { quotient: constant(1), rest: constant(0) };
  if (b.terms.size !== 1) return { quotient: constant(0), rest: a };
  const [divisor] = b.terms.values();
  const quotients: Term[] = [];
  const others: Term[] = [];
  for (const term of a.terms.values()) {
    const quotient = dividedBy(term, divisor);
    if (quotient === undefined) others.push(term);
    else quotients.push(quotient);
  }
  return { quotient: polynomial(quotients), rest: polynomial(others) };
}

function dividedBy(term: Term, divisor: Term): Term | undefined {
  if (term.coefficient % divisor.coefficient !== 0) return undefined;
  const left = [...term.atoms];
  for (const atom of divisor.atoms) {
    const at = left.findIndex((other) => other.key === atom.key);
    if (at < 0) return undefined;
    left.splice(at, 1);
  }
  return { atoms: left, coefficient: term.coefficient / divisor.coefficient };
}

function polynomial(terms: readonly Term[]): Size {
  const sums = new Map<string, Term>();
  for (const { atoms, coefficient } of terms) {
    const sorted = atoms.length < 2 ? atoms : [...atoms].sort((a, b) => (a.key < b.key ? -1 : 1));
    const key = sorted.map((atom) => atom.key).join("*");
    sums.set(key, { atoms: sorted, coefficient: coefficient + (sums.get(key)?.coefficient ?? 0) });
  }
  const kept = [...sums].filter(([, term]) => term.coefficient !== 0);
  // The constant term last, as people write it.
  kept.sort(([a], [b]) => (a === "" ? 1 : b === "" ? -1 : a < b ? -1 : 1));
  return { terms: new Map(kept) };
}

function keyOf(size: Size): string {
  return [...size.terms].map(([key, term]) => `${term.coefficient}*${key}`).join("+");
}
