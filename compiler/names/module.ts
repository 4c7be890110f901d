/**
 * Modules: a file's items and what it imports, found through a reader so that this stays pure. Every module a
 * program reaches is loaded once; an import cycle, a missing module and a missing name are reported at the import.
 */

import { type Diagnostic, error, replace } from "../diagnostics/diagnostic.ts";
import { listed } from "../diagnostics/list.ts";
import { NameIndex, nearest } from "../diagnostics/suggest.ts";
import type { SourceFile } from "../source/file.ts";
import type { File, Import, Item, Name } from "../syntax/ast.ts";
import { type ParseResult, parse } from "../syntax/parse.ts";

/** A named item: all but imports. */
export type NamedItem = Exclude<Item, Import>;

export interface Module {
  /** `std/nn`, or the entry's own path. */
  readonly path: string;
  readonly file: File;
  readonly items: ReadonlyMap<string, NamedItem>;
  /** Imported names; an import without braces gives the module its last step's name. */
  readonly imports: ReadonlyMap<string, Imported>;
}

export type Imported =
  | { readonly kind: "item"; readonly module: Module; readonly item: NamedItem }
  | { readonly kind: "module"; readonly module: Module };

export interface Program {
  readonly entry: Module;
  /** Imported ones before those that import them; the entry is last. */
  readonly modules: readonly Module[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The source of a module path as an import writes it (`std/nn`), and the paths there are, for suggestions. */
export interface Library {
  read(path: string): SourceFile | undefined;
  paths(): readonly string[];
}

/** Modules as an editor keeps them from one program to the next, by their texts. */
export type ModuleMemory = WeakMap<SourceFile, Remembered>;

interface Remembered {
  readonly parsed: ParseResult;
  /** By path, since a file may be a program of its own and a part of others. */
  readonly modules: Map<string, Module>;
}

/** Modules that lie in each other, each imported by the one before. Loading goes some calls deeper for each. */
const deepest = 100;

/** With a memory, a text is parsed once, and a module that imports what it did before is the one of before. */
export function loadProgram(source: SourceFile, library: Library, memory?: ModuleMemory): Program {
  const diagnostics: Diagnostic[] = [];
  const loaded = new Map<string, Module | "loading">();
  const modules: Module[] = [];
  let loading = 0;

  function load(path: string, from: SourceFile): Module {
    loaded.set(path, "loading");
    loading++;
    const known = memory?.get(from) ?? { parsed: parse(from), modules: new Map() };
    memory?.set(from, known);
    const { file, diagnostics: faults } = known.parsed;
    for (const fault of faults) diagnostics.push(fault);
    const imports = new Map<string, Imported>();
    const items = itemsOf(file, diagnostics);
    for (const item of file.items) {
      if (item.kind === "import") addImport(item, imports, items);
    }
    const before = known.modules.get(path);
    const module =
      before !== undefined && sameImports(before.imports, imports)
        ? before
        : { path, file, items, imports };
    known.modules.set(path, module);
    loaded.set(path, module);
    loading--;
    modules.push(module);
    return module;
  }

  function addImport(
    item: Import,
    imports: Map<string, Imported>,
    own: ReadonlyMap<string, NamedItem>,
  ): void {
    // A path that could not be read was reported then.
    if (item.path.length === 0) return;
    const module = moduleOf(item);
    if (module === undefined) return;
    const isMeant = module.path !== importPath(item);
    const add = (name: Name, what: Imported): void => {
      const same = own.get(name.text);
      // Of a module that is only meant nothing more is said than that.
      if (isMeant && (same !== undefined || imports.has(name.text))) return;
      if (same !== undefined) diagnostics.push(twice(same.name, name, "imported here"));
      else if (imports.has(name.text)) diagnostics.push(twiceImported(name));
      else imports.set(name.text, what);
    };
    if (item.names.length === 0) add(item.path[item.path.length - 1], { kind: "module", module });
    for (const name of item.names) {
      const found = module.items.get(name.text);
      if (found !== undefined) add(name, { kind: "item", module, item: found });
      else if (name.text !== "") {
        const meant = nearest(name.text, itemNames(module));
        diagnostics.push(missingItem(name, module, meant));
        // Where it is used by its own name, nothing is wrong.
        const item = meant === undefined ? undefined : module.items.get(meant);
        if (meant !== undefined && item !== undefined && !imports.has(meant) && !own.has(meant))
          imports.set(meant, { kind: "item", module, item });
      }
    }
  }

  function moduleOf(item: Import): Module | undefined {
    const path = importPath(item);
    const known = loaded.get(path);
    if (known === "loading") {
      diagnostics.push(
        error("import-cycle", {
          at: item.span,
          title: `${path} imports this file, so neither can come first`,
          fixes: [{ text: "move what both need into a module of its own" }],
        }),
      );
      return undefined;
    }
    if (known !== undefined) return known;
    if (loading === deepest) {
      diagnostics.push(tooDeep(item, path));
      return undefined;
    }
    const found = library.read(path);
    if (found === undefined) {
      const near = nearest(path, library.paths());
      diagnostics.push(missingModule(item, path, library.paths(), near));
      return near === undefined ? undefined : meantModule(near);
    }
    return load(path, found);
  }

  /** What is imported from it is there, once its name is mended. */
  function meantModule(path: string): Module | undefined {
    const known = loaded.get(path);
    if (known !== undefined) return known === "loading" ? undefined : known;
    const found = library.read(path);
    return found === undefined ? undefined : load(path, found);
  }

  const entry = load(source.path, source);
  return { entry, modules, diagnostics };
}

/** The item a name of the module means: its own, or one it imports. */
export function lookup(module: Module, name: string): Imported | undefined {
  const own = module.items.get(name);
  return own === undefined ? module.imports.get(name) : { kind: "item", module, item: own };
}

const indexes = new WeakMap<Module, NameIndex>();

/** The names of a module's items, of which very many may be misspelt. */
export function itemNames(module: Module): NameIndex {
  const index = indexes.get(module) ?? new NameIndex(module.items.keys());
  indexes.set(module, index);
  return index;
}

/** The module's name as the import writes it: `std/nn`. */
export function importPath({ path }: Import): string {
  return path.map((step) => step.text).join("/");
}

function sameImports(one: Module["imports"], other: Module["imports"]): boolean {
  if (one.size !== other.size) return false;
  return [...one].every(([name, { module }]) => other.get(name)?.module === module);
}

function itemsOf(file: File, diagnostics: Diagnostic[]): Map<string, NamedItem> {
  const items = new Map<string, NamedItem>();
  for (const item of file.items) {
    if (item.kind === "import" || item.name.text === "") continue;
    const first = items.get(item.name.text);
    if (first === undefined) {
      items.set(item.name.text, item);
      continue;
    }
    diagnostics.push(twice(item.name, first.name, "the first one"));
  }
  return items;
}

function twice(name: Name, other: Name, label: string): Diagnostic {
  return error("defined-twice", {
    at: name.span,
    title: `\`${name.text}\` is defined twice in this file`,
    secondary: [{ span: other.span, text: label }],
    fixes: [{ text: "give one of them another name" }],
  });
}

function twiceImported(name: Name): Diagnostic {
  return error("defined-twice", {
    at: name.span,
    title: `\`${name.text}\` is imported twice`,
    fixes: [{ text: "leave it out here, or import one of the modules whole: `nn.Linear`" }],
  });
}

function tooDeep({ span }: Import, path: string): Diagnostic {
  return error("made-of-too-much", {
    at: span,
    title: `${path} would be the last of ${deepest + 1} modules that import each other in turn, which is too deep to follow`,
    fixes: [{ text: "import what is needed from where it is defined" }],
  });
}

function missingItem(name: Name, module: Module, near: string | undefined): Diagnostic {
  const names = [...module.items.keys()];
  return error("no-such-name", {
    at: name.span,
    title: `${module.path} has nothing called \`${name.text}\``,
    notes: [`It has ${listed(names)}.`],
    fixes: near === undefined ? [] : [replace(name.span, near)],
  });
}

function missingModule(
  item: Import,
  path: string,
  paths: readonly string[],
  near: string | undefined,
): Diagnostic {
  const first = item.path[0].span;
  const last = item.path[item.path.length - 1].span;
  const span = { file: first.file, start: first.start, end: last.end };
  return error("no-such-module", {
    at: span,
    title: `there is no module ${path}`,
    notes: paths.length > 0 ? [`There are ${listed(paths)}.`] : [],
    fixes: near === undefined ? [] : [replace(span, near)],
  });
}
