/**
 * What a dataset becomes in a plan, as plain data: stages in order with their arguments. The shapes are those of
 * the runtime's plan format, which this level may not import; where plans are written one is assigned to the
 * other, so the compiler of TypeScript holds the two together.
 */

export interface DataStage {
  /** The transform's name in the standard library; `map` is a transform written in the language. */
  readonly stage: string;
  readonly args: Readonly<Record<string, DataArg>>;
  /** Which output goes on, for a stage that has several: `train`, `held_out`. */
  readonly output?: string;
}

export type DataArg =
  | number
  | string
  | boolean
  | readonly DataArg[]
  | TemplateProgram
  | ChatTemplateReference
  | TokenizerReference
  | RowSchema
  | RowMapping
  | NestedData;

/** Another dataset as an argument: `mix(others = [a, b])`. */
export interface NestedData {
  readonly kind: "data";
  readonly stages: readonly DataStage[];
}

// Row types -------------------------------------------------------------------------------------

/**
 * The row type a reader checks each row against; the `row` argument of a reader. Columns of the file that
 * the type does not name are left out.
 */
export interface RowSchema {
  readonly kind: "row";
  /** The record's name, for messages. */
  readonly name: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
}

export type ColumnType =
  | { readonly kind: "string" }
  | { readonly kind: "int" }
  | { readonly kind: "float" }
  | { readonly kind: "bool" }
  /** Written in the file as the case's name or, if the file holds numbers, as its position. */
  | { readonly kind: "enum"; readonly name: string; readonly cases: readonly string[] }
  | { readonly kind: "list"; readonly item: ColumnType }
  | {
      readonly kind: "record";
      readonly name: string;
      readonly columns: Readonly<Record<string, ColumnType>>;
    }
  /** Null or left out where absent. */
  | { readonly kind: "optional"; readonly item: ColumnType };

// Expressions over one row ------------------------------------------------------------------------

export type RowExpression =
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  /** A column and the members after it: `translation.en` is `["translation", "en"]`. */
  | { readonly kind: "column"; readonly path: readonly string[] }
  /** A variable of an enclosing `for` and the members after it. */
  | { readonly kind: "variable"; readonly name: string; readonly path: readonly string[] }
  /** The parts as text, joined: what a string with braces means. */
  | { readonly kind: "join"; readonly parts: readonly RowExpression[] }
  /** An enum's case is its name as a string. */
  | {
      readonly kind: "compare";
      readonly operator: "==" | "!=" | "<" | "<=" | ">" | ">=";
      readonly left: RowExpression;
      readonly right: RowExpression;
    }
  | {
      readonly kind: "arithmetic";
      readonly operator: "+" | "-" | "*" | "/" | "%";
      readonly left: RowExpression;
      readonly right: RowExpression;
    }
  | { readonly kind: "and" | "or"; readonly left: RowExpression; readonly right: RowExpression }
  | { readonly kind: "not"; readonly operand: RowExpression }
  | {
      readonly kind: "select";
      readonly condition: RowExpression;
      readonly value: RowExpression;
      readonly otherwise: RowExpression;
    };

/** A transform written in the language: new columns, and with `rest` the row's other columns too. */
export interface RowMapping {
  readonly kind: "mapping";
  readonly columns: Readonly<Record<string, RowExpression>>;
  readonly rest: boolean;
}

// Templates -------------------------------------------------------------------------------------

/** A compiled `template` item; the `template` argument of `render`. */
export interface TemplateProgram {
  readonly kind: "template";
  /** The template's name, for messages. */
  readonly name: string;
  readonly lines: readonly TemplateInstruction[];
}

export type TemplateInstruction =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "expression"; readonly value: RowExpression }
  | {
      readonly kind: "each";
      readonly variable: string;
      readonly list: RowExpression;
      readonly lines: readonly TemplateInstruction[];
    }
  | {
      /** Always written; learned when the condition holds, and always without one. */
      readonly kind: "learn";
      readonly condition?: RowExpression;
      readonly lines: readonly TemplateInstruction[];
    }
  | {
      readonly kind: "when";
      readonly condition: RowExpression;
      readonly lines: readonly TemplateInstruction[];
      readonly otherwise: readonly TemplateInstruction[];
    };

/** A model's own chat template (Jinja), over the row's `messages`. */
export interface ChatTemplateReference {
  readonly kind: "chat-template";
  /** The folder with `chat_template.jinja` or `tokenizer_config.json`. */
  readonly folder: string;
}

// Tokenizers ------------------------------------------------------------------------------------

export type TokenizerReference =
  /** The folder with `tokenizer.json`. */
  | { readonly kind: "tokenizer"; readonly folder: string }
  /** Trained on a column of text before anything else; the same data give the same tokenizer. */
  | {
      readonly kind: "trained-tokenizer";
      readonly data: readonly DataStage[];
      readonly column: string;
      /** Tokens in all, special ones included. */
      readonly vocabulary: number;
      /** In the order of their ids, which are the last ones: `<|endoftext|>` and the like. */
      readonly special: readonly string[];
      /** Which of them begins a text, ends one, fills up a window. */
      readonly begin?: string;
      readonly end?: string;
      readonly padding?: string;
    };
