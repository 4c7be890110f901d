/**
 * The syntax tree of `.ftp`. Every node has a `span`; a part that recovery could not build is `missing`.
 * A missing name or type has the name "", a missing path no steps, a missing expression is MissingExpr; the
 * fault was reported then, so later stages pass over them in silence.
 * Nodes are the keys by which later stages remember what they found, so a tree is never rebuilt or copied.
 */

import type { SourceFile, Span } from "../source/file.ts";

export interface File {
  readonly source: SourceFile;
  readonly items: readonly Item[];
  readonly comments: readonly Comment[];
}

/** `//` and `///`, in source order. `text` is without the slashes and one leading space. */
export interface Comment {
  readonly text: string;
  readonly documents: boolean;
  readonly span: Span;
}

export interface Name {
  readonly text: string;
  readonly span: Span;
}

// Items ---------------------------------------------------------------------------------------

export type Item =
  | Import
  | EnumItem
  | RecordItem
  | FnItem
  | BlockItem
  | AdapterItem
  | OptimizerItem
  | ScheduleItem
  | TemplateItem
  | TransformItem
  | MetricItem
  | LetItem
  | ModelItem
  | DatasetItem
  | AdaptItem
  | StepItem;

interface Node {
  readonly span: Span;
}

interface Named extends Node {
  readonly name: Name;
  /** The `///` lines before it, joined by newlines. */
  readonly doc: string;
}

/** `import std/nn.{Linear, rope}`; without braces the last step names the module: `nn.Linear`. */
export interface Import extends Node {
  readonly kind: "import";
  readonly path: readonly Name[];
  readonly names: readonly Name[];
}

/** `enum Mood { negative, neutral, positive }` */
export interface EnumItem extends Named {
  readonly kind: "enum";
  readonly cases: readonly Name[];
}

/** `record LlamaConfig { vocab_size: dim  require … }` */
export interface RecordItem extends Named {
  readonly kind: "record";
  readonly fields: readonly Field[];
  readonly requires: readonly Require[];
}

/** A field of a record, a parameter of a function, a column of a row. */
export interface Field extends Node {
  readonly kind: "field";
  readonly name: Name;
  readonly type: Type;
  readonly value: Expr | undefined;
  readonly doc: string;
}

/** `fn silu[..S](x: float[..S]) -> float[..S] { … }`; `extern fn` has no body. */
export interface FnItem extends Named {
  readonly kind: "fn";
  readonly sizes: readonly SizeParam[];
  readonly params: readonly Field[];
  readonly result: Type;
  readonly body: Body | undefined;
}

/** `[B, T, ..S]`: `run` marks a named run of axes. */
export interface SizeParam extends Node {
  readonly name: Name;
  readonly run: boolean;
}

/** `block Linear[I, O](bias: bool = false) { … }` */
export interface BlockItem extends Named {
  readonly kind: "block";
  readonly sizes: readonly SizeParam[];
  readonly params: readonly Field[];
  readonly members: readonly Member[];
}

/** `adapter Lora(rank: dim = 16) { rewrite Linear[I, O] as base { … } }` */
export interface AdapterItem extends Named {
  readonly kind: "adapter";
  readonly params: readonly Field[];
  readonly rewrites: readonly Rewrite[];
}

export interface Rewrite extends Node {
  readonly kind: "rewrite";
  readonly target: Name;
  readonly sizes: readonly SizeParam[];
  readonly base: Name;
  readonly members: readonly Member[];
}

/** `optimizer adamw(…) { state m: float = 0.0  let …  next weight = … }` in the order written. */
export interface OptimizerItem extends Named {
  readonly kind: "optimizer";
  readonly params: readonly Field[];
  readonly members: readonly (StateMember | Let | NextMember | Require)[];
}

export interface StateMember extends Node {
  readonly kind: "state";
  readonly name: Name;
  readonly type: Type;
  readonly value: Expr;
}

export interface NextMember extends Node {
  readonly kind: "next";
  readonly name: Name;
  readonly value: Expr;
}

/** `schedule cosine(peak: float, …) { … return … }` */
export interface ScheduleItem extends Named {
  readonly kind: "schedule";
  readonly params: readonly Field[];
  readonly body: Body;
}

/** `template chatml for Chat { … }` */
export interface TemplateItem extends Named {
  readonly kind: "template";
  readonly params: readonly Field[];
  readonly row: Name;
  readonly lines: readonly TemplateLine[];
}

export type TemplateLine =
  | { readonly kind: "text"; readonly value: StringExpr; readonly span: Span }
  | {
      readonly kind: "each";
      readonly name: Name;
      readonly list: Expr;
      readonly lines: readonly TemplateLine[];
      readonly span: Span;
    }
  | {
      /** `learn { … }` or `learn if condition { … }`: always written, learned when the condition holds. */
      readonly kind: "learn";
      readonly condition: Expr | undefined;
      readonly lines: readonly TemplateLine[];
      readonly span: Span;
    }
  | {
      readonly kind: "when";
      readonly condition: Expr;
      readonly lines: readonly TemplateLine[];
      readonly otherwise: readonly TemplateLine[];
      readonly span: Span;
    };

/**
 * `transform shorten(limit: int) from row: { text: string, ..R } to { text = …, ..R }` maps one row;
 * `extern transform tokenize(…) from { text: marked, ..R } to { tokens: seq[token], ..R }` is
 * implemented by the runtime. A reader has no `from`; `split` has several named outputs.
 */
export interface TransformItem extends Named {
  readonly kind: "transform";
  readonly params: readonly Field[];
  readonly extern: boolean;
  readonly row: Name | undefined;
  readonly from: RowType | undefined;
  /**
   * What it makes: for an extern, one row type or several named ones (`to train: { … }, held_out: { … }`).
   * For one written in the language, one row type without columns that holds the `..R`, if there is one.
   */
  readonly outputs: readonly { readonly name: Name | undefined; readonly row: RowType }[];
  /** For a transform written in the language: the columns' values. */
  readonly columns: readonly Binding[];
}

/** `metric accuracy[B](…) -> mean { … }`: a function of what the model gives and of columns. */
export interface MetricItem extends Named {
  readonly kind: "metric";
  readonly sizes: readonly SizeParam[];
  readonly params: readonly Field[];
  readonly result: Type;
  /** None for `extern metric`, which needs generated text and is computed by the runtime. */
  readonly body: Body | undefined;
}

export interface LetItem extends Named {
  readonly kind: "let";
  readonly type: Type | undefined;
  readonly value: Expr;
}

/** `model base = Llama from "hf:org/name" as nf4(block = 64)` or `model tiny = Llama(config, tokenizer = t)` */
export interface ModelItem extends Named {
  readonly kind: "model";
  readonly value: Expr;
  readonly from: StringExpr | undefined;
  readonly storage: Expr | undefined;
}

export interface DatasetItem extends Named {
  readonly kind: "dataset";
  readonly type: Type | undefined;
  readonly value: Expr;
}

/** `adapt support = base { Lora(…) on layers.*.q_proj   train lm_head   freeze embed_tokens }` */
export interface AdaptItem extends Named {
  readonly kind: "adapt";
  readonly model: Expr;
  readonly lines: readonly AdaptLine[];
}

export type AdaptLine =
  | {
      readonly kind: "rewrite-on";
      readonly adapter: Expr;
      readonly path: Path;
      readonly span: Span;
    }
  | { readonly kind: "train-path"; readonly path: Path; readonly span: Span }
  | { readonly kind: "freeze-path"; readonly path: Path; readonly span: Span };

/** `train sft { … }`, `evaluate quality { … }`, `export merged { … }` */
export interface StepItem extends Named {
  readonly kind: "train" | "evaluate" | "export";
  readonly fields: readonly Binding[];
}

/** `name = value` */
export interface Binding extends Node {
  readonly kind: "binding";
  readonly name: Name;
  readonly value: Expr;
}

// Members of blocks and rewrites ---------------------------------------------------------------

export type Member = ParamMember | Let | Tie | Require | Forward | Merge | Checkpoint;

/** `param weight: float[O, I] init normal(0.02) if condition` */
export interface ParamMember extends Node {
  readonly kind: "param";
  readonly name: Name;
  readonly type: Type;
  readonly init: Expr | undefined;
  readonly condition: Expr | undefined;
  readonly doc: string;
}

/** `tie lm_head.weight = embed_tokens.weight if tied` */
export interface Tie extends Node {
  readonly kind: "tie";
  readonly path: Path;
  readonly to: Path;
  readonly condition: Expr | undefined;
}

/** `forward[B, T](x: float[B, T, D]) -> float[B, T, D] { … }` */
export interface Forward extends Node {
  readonly kind: "forward";
  readonly sizes: readonly SizeParam[];
  readonly params: readonly Field[];
  readonly result: Type;
  readonly body: Body;
}

/** `merge base.weight = base.weight + …` */
export interface Merge extends Node {
  readonly kind: "merge";
  readonly path: Path;
  readonly value: Expr;
}

/** `checkpoint "hf" { config { … } weights { layers.*.q = "h.*.attn.q" } }` */
export interface Checkpoint extends Node {
  readonly kind: "checkpoint";
  readonly format: StringExpr;
  readonly config: readonly Binding[];
  readonly weights: readonly {
    readonly path: Path;
    readonly name: StringExpr;
    readonly span: Span;
  }[];
}

// Bodies ----------------------------------------------------------------------------------------

export interface Body extends Node {
  readonly statements: readonly (Let | Require)[];
  readonly result: Expr;
}

export interface Let extends Node {
  readonly kind: "let";
  readonly name: Name;
  readonly type: Type | undefined;
  readonly value: Expr;
  readonly doc: string;
}

export interface Require extends Node {
  readonly kind: "require";
  readonly condition: Expr;
  readonly message: StringExpr | undefined;
}

// Types -----------------------------------------------------------------------------------------

export type Type = NamedType | RowType;

/** `float`, `float[B, ..S, D]`, `seq[int]`, `list[Message]`, `Mood`, `int?` */
export interface NamedType extends Node {
  readonly kind: "named-type";
  readonly name: Name;
  /** Undefined where there are no brackets. */
  readonly extents: readonly Extent[] | undefined;
  readonly optional: boolean;
}

export type Extent =
  | { readonly kind: "size"; readonly value: Expr; readonly span: Span }
  | { readonly kind: "run"; readonly name: Name | undefined; readonly span: Span };

/** `{ text: string, ..R }` */
export interface RowType extends Node {
  readonly kind: "row-type";
  readonly columns: readonly Field[];
  /** Undefined where the row is closed; a rest without a name is `..`. */
  readonly rest: { readonly name: Name | undefined; readonly span: Span } | undefined;
  readonly optional: boolean;
}

// Paths -----------------------------------------------------------------------------------------

/** `layers.*.self_attn.{q_proj, v_proj}` */
export interface Path extends Node {
  readonly kind: "path";
  readonly steps: readonly PathStep[];
}

export type PathStep =
  | { readonly kind: "name"; readonly text: string; readonly span: Span }
  | { readonly kind: "any"; readonly span: Span }
  | { readonly kind: "any-depth"; readonly span: Span }
  | { readonly kind: "choice"; readonly choices: readonly PathChoice[]; readonly span: Span };

/** `q_proj`, `3`, or `0..11`, which holds both ends. */
export interface PathChoice extends Node {
  readonly text: string;
  /** The last number of a range. */
  readonly last: string | undefined;
}

// Expressions -----------------------------------------------------------------------------------

export type Expr =
  | NumberExpr
  | QuantityExpr
  | StringExpr
  | BoolExpr
  | NoneExpr
  | NameExpr
  | MemberExpr
  | CallExpr
  | IndexExpr
  | UnaryExpr
  | BinaryExpr
  | PipeExpr
  | IfExpr
  | ListExpr
  | AxesExpr
  | MissingExpr;

/** `17`, `2e-4`. `integral` is false once a point or an exponent was written. */
export interface NumberExpr extends Node {
  readonly kind: "number";
  readonly value: number;
  readonly integral: boolean;
}

/** `3%`, `2048tok`: the value as written and the unit as written. */
export interface QuantityExpr extends Node {
  readonly kind: "quantity";
  readonly value: number;
  readonly unit: string;
}

/**
 * A string and the expressions in its braces. Escapes are resolved in `text` parts; the span of an `expr`
 * part includes its braces. `""` has no parts.
 */
export interface StringExpr extends Node {
  readonly kind: "string";
  readonly parts: readonly (
    | { readonly kind: "text"; readonly text: string; readonly span: Span }
    | { readonly kind: "expr"; readonly value: Expr; readonly span: Span }
  )[];
}

export interface BoolExpr extends Node {
  readonly kind: "bool";
  readonly value: boolean;
}

/** `none`: the absent value of an optional type. */
export interface NoneExpr extends Node {
  readonly kind: "none";
}

export interface NameExpr extends Node {
  readonly kind: "name";
  readonly text: string;
}

export interface MemberExpr extends Node {
  readonly kind: "member";
  readonly object: Expr;
  readonly name: Name;
}

/** `Linear[I, O](bias = true)`: `sizes` are the brackets between the name and the parenthesis. */
export interface CallExpr extends Node {
  readonly kind: "call";
  readonly callee: Expr;
  readonly sizes: readonly Extent[] | undefined;
  readonly arguments: readonly Argument[];
}

export interface Argument extends Node {
  readonly name: Name | undefined;
  readonly value: Expr;
}

/** `h[:, 0, 1 : T, ..]` */
export interface IndexExpr extends Node {
  readonly kind: "index";
  readonly object: Expr;
  readonly indices: readonly Index[];
}

export type Index =
  | { readonly kind: "all"; readonly span: Span }
  | { readonly kind: "rest"; readonly span: Span }
  | { readonly kind: "at"; readonly value: Expr; readonly span: Span }
  | {
      /** `start : end`, either may be left out. */
      readonly kind: "range";
      readonly start: Expr | undefined;
      readonly end: Expr | undefined;
      readonly span: Span;
    };

export interface UnaryExpr extends Node {
  readonly kind: "unary";
  readonly operator: "-" | "!";
  readonly operand: Expr;
}

export type BinaryOperator =
  | "||"
  | "&&"
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "+"
  | "-"
  | "*"
  | "/"
  | "%";

export interface BinaryExpr extends Node {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly operatorSpan: Span;
  readonly left: Expr;
  readonly right: Expr;
}

/** `a |> f(x)`, which is `f(a, x)`. `call` may be a bare name: `a |> f`. */
export interface PipeExpr extends Node {
  readonly kind: "pipe";
  readonly value: Expr;
  readonly call: Expr;
}

export interface IfExpr extends Node {
  readonly kind: "if";
  readonly condition: Expr;
  readonly then: Expr;
  readonly otherwise: Expr;
}

export interface ListExpr extends Node {
  readonly kind: "list";
  readonly items: readonly Expr[];
}

/** `einsum(q: b h t k, k: b h s k -> b h t s)`, `rearrange(x: b t (h k) -> b h t k, h = H)` */
export interface AxesExpr extends Node {
  readonly kind: "axes";
  readonly operation: "einsum" | "rearrange" | "repeat" | "reduce";
  readonly operands: readonly {
    readonly value: Expr;
    readonly pattern: Pattern;
    readonly span: Span;
  }[];
  readonly result: Pattern;
  /** `h = H`; `reduce` also takes `by = max` here. */
  readonly arguments: readonly Argument[];
}

export interface Pattern extends Node {
  readonly axes: readonly PatternAxis[];
}

export type PatternAxis =
  | { readonly kind: "axis"; readonly text: string; readonly span: Span }
  | { readonly kind: "one"; readonly span: Span }
  | { readonly kind: "rest"; readonly span: Span }
  | { readonly kind: "group"; readonly axes: readonly PatternAxis[]; readonly span: Span };

/** Stands where recovery found nothing; a fault was already reported, so its type is `error`. */
export interface MissingExpr extends Node {
  readonly kind: "missing";
}
