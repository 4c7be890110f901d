/**
 * The shape of what grammar.ts parses. Machine-written from the grammar; a test keeps the two equal,
 * and `UPDATE_GOLDEN=1` writes it again.
 */
// biome-ignore-all format: machine-written

import type { CstNode, IToken } from "chevrotain";

export interface ExprCstNode extends CstNode {
  name: "expr";
  children: ExprCstChildren;
}

export type ExprCstChildren = {
  binary: BinaryCstNode[];
  PipeSign?: IToken[];
  postfix?: PostfixCstNode[];
};

export interface BinaryCstNode extends CstNode {
  name: "binary";
  children: BinaryCstChildren;
}

export type BinaryCstChildren = {
  unary: (UnaryCstNode)[];
  Operator?: IToken[];
};

export interface UnaryCstNode extends CstNode {
  name: "unary";
  children: UnaryCstChildren;
}

export type UnaryCstChildren = {
  sign?: (IToken)[];
  unary?: UnaryCstNode[];
  postfix?: PostfixCstNode[];
};

export interface PostfixCstNode extends CstNode {
  name: "postfix";
  children: PostfixCstChildren;
}

export type PostfixCstChildren = {
  primary: PrimaryCstNode[];
  suffix?: SuffixCstNode[];
};

export interface SuffixCstNode extends CstNode {
  name: "suffix";
  children: SuffixCstChildren;
}

export type SuffixCstChildren = {
  call?: CallCstNode[];
  brackets?: BracketsCstNode[];
  Dot?: IToken[];
  Name?: IToken[];
};

export interface CallCstNode extends CstNode {
  name: "call";
  children: CallCstChildren;
}

export type CallCstChildren = {
  TightLParen: IToken[];
  argument?: (ArgumentCstNode)[];
  Comma?: (IToken)[];
  RParen: IToken[];
};

export interface ArgumentCstNode extends CstNode {
  name: "argument";
  children: ArgumentCstChildren;
}

export type ArgumentCstChildren = {
  Name?: IToken[];
  Equals?: IToken[];
  expr: ExprCstNode[];
};

export interface BracketsCstNode extends CstNode {
  name: "brackets";
  children: BracketsCstChildren;
}

export type BracketsCstChildren = {
  TightLSquare: IToken[];
  index: (IndexCstNode)[];
  Comma?: (IToken)[];
  RSquare: IToken[];
};

export interface IndexCstNode extends CstNode {
  name: "index";
  children: IndexCstChildren;
}

export type IndexCstChildren = {
  rest?: RestCstNode[];
  Colon?: (IToken)[];
  end?: (ExprCstNode)[];
  start?: ExprCstNode[];
};

export interface PrimaryCstNode extends CstNode {
  name: "primary";
  children: PrimaryCstChildren;
}

export type PrimaryCstChildren = {
  number?: NumberCstNode[];
  Quantity?: IToken[];
  StringText?: IToken[];
  WordTrue?: IToken[];
  WordFalse?: IToken[];
  WordNone?: IToken[];
  choose?: ChooseCstNode[];
  axes?: AxesCstNode[];
  Name?: IToken[];
  parenthesis?: ParenthesisCstNode[];
  list?: ListCstNode[];
};

export interface NumberCstNode extends CstNode {
  name: "number";
  children: NumberCstChildren;
}

export type NumberCstChildren = {
  NumberWord: IToken[];
  unit?: (IToken)[];
};

export interface ParenthesisCstNode extends CstNode {
  name: "parenthesis";
  children: ParenthesisCstChildren;
}

export type ParenthesisCstChildren = {
  LParen: IToken[];
  expr: ExprCstNode[];
  RParen: IToken[];
};

export interface ListCstNode extends CstNode {
  name: "list";
  children: ListCstChildren;
}

export type ListCstChildren = {
  LSquare: IToken[];
  expr?: (ExprCstNode)[];
  Comma?: (IToken)[];
  RSquare: IToken[];
};

export interface ChooseCstNode extends CstNode {
  name: "choose";
  children: ChooseCstChildren;
}

export type ChooseCstChildren = {
  WordIf: IToken[];
  condition: ExprCstNode[];
  LCurly: (IToken)[];
  then: ExprCstNode[];
  RCurly: (IToken)[];
  WordElse: IToken[];
  choose?: ChooseCstNode[];
  otherwise?: ExprCstNode[];
};

export interface AxesCstNode extends CstNode {
  name: "axes";
  children: AxesCstChildren;
}

export type AxesCstChildren = {
  AxesWord: IToken[];
  TightLParen: IToken[];
  operand: (OperandCstNode)[];
  Comma?: (IToken)[];
  Arrow: IToken[];
  pattern: PatternCstNode[];
  binding?: BindingCstNode[];
  RParen: IToken[];
};

export interface OperandCstNode extends CstNode {
  name: "operand";
  children: OperandCstChildren;
}

export type OperandCstChildren = {
  expr: ExprCstNode[];
  Colon: IToken[];
  pattern: PatternCstNode[];
};

export interface PatternCstNode extends CstNode {
  name: "pattern";
  children: PatternCstChildren;
}

export type PatternCstChildren = {
  patternAxis?: PatternAxisCstNode[];
};

export interface PatternAxisCstNode extends CstNode {
  name: "patternAxis";
  children: PatternAxisCstChildren;
}

export type PatternAxisCstChildren = {
  Name?: IToken[];
  NumberWord?: IToken[];
  DotDot?: IToken[];
  LParen?: IToken[];
  pattern?: PatternCstNode[];
  RParen?: IToken[];
};

export interface InterpolationCstNode extends CstNode {
  name: "interpolation";
  children: InterpolationCstChildren;
}

export type InterpolationCstChildren = {
  expr: ExprCstNode[];
};

export interface TypeCstNode extends CstNode {
  name: "type";
  children: TypeCstChildren;
}

export type TypeCstChildren = {
  namedType?: NamedTypeCstNode[];
  rowType?: RowTypeCstNode[];
  Question?: IToken[];
};

export interface NamedTypeCstNode extends CstNode {
  name: "namedType";
  children: NamedTypeCstChildren;
}

export type NamedTypeCstChildren = {
  Name: IToken[];
  TightLSquare?: IToken[];
  extent?: (ExtentCstNode)[];
  Comma?: (IToken)[];
  RSquare?: IToken[];
};

export interface ExtentCstNode extends CstNode {
  name: "extent";
  children: ExtentCstChildren;
}

export type ExtentCstChildren = {
  rest?: RestCstNode[];
  expr?: ExprCstNode[];
};

export interface RowTypeCstNode extends CstNode {
  name: "rowType";
  children: RowTypeCstChildren;
}

export type RowTypeCstChildren = {
  LCurly: IToken[];
  column?: (ColumnCstNode)[];
  Comma?: (IToken)[];
  RCurly: IToken[];
};

export interface ColumnCstNode extends CstNode {
  name: "column";
  children: ColumnCstChildren;
}

export type ColumnCstChildren = {
  rest?: RestCstNode[];
  field?: FieldCstNode[];
};

export interface RestCstNode extends CstNode {
  name: "rest";
  children: RestCstChildren;
}

export type RestCstChildren = {
  DotDot: IToken[];
  Name?: IToken[];
};

export interface PathCstNode extends CstNode {
  name: "path";
  children: PathCstChildren;
}

export type PathCstChildren = {
  pathStep: (PathStepCstNode)[];
  Dot?: IToken[];
};

export interface PathStepCstNode extends CstNode {
  name: "pathStep";
  children: PathStepCstChildren;
}

export type PathStepCstChildren = {
  Name?: IToken[];
  NumberWord?: IToken[];
  Star?: IToken[];
  StarStar?: IToken[];
  pathChoices?: PathChoicesCstNode[];
};

export interface PathChoicesCstNode extends CstNode {
  name: "pathChoices";
  children: PathChoicesCstChildren;
}

export type PathChoicesCstChildren = {
  LCurly: IToken[];
  pathChoice: (PathChoiceCstNode)[];
  Comma?: (IToken)[];
  RCurly: IToken[];
};

export interface PathChoiceCstNode extends CstNode {
  name: "pathChoice";
  children: PathChoiceCstChildren;
}

export type PathChoiceCstChildren = {
  Name?: IToken[];
  first?: IToken[];
  DotDot?: IToken[];
  last?: IToken[];
};

export interface BindingCstNode extends CstNode {
  name: "binding";
  children: BindingCstChildren;
}

export type BindingCstChildren = {
  Name: IToken[];
  Equals: IToken[];
  expr: ExprCstNode[];
};

export interface SizesCstNode extends CstNode {
  name: "sizes";
  children: SizesCstChildren;
}

export type SizesCstChildren = {
  LSquare: IToken[];
  sizeParam: (SizeParamCstNode)[];
  Comma?: (IToken)[];
  RSquare: IToken[];
};

export interface SizeParamCstNode extends CstNode {
  name: "sizeParam";
  children: SizeParamCstChildren;
}

export type SizeParamCstChildren = {
  DotDot?: IToken[];
  Name: IToken[];
};

export interface ParamsCstNode extends CstNode {
  name: "params";
  children: ParamsCstChildren;
}

export type ParamsCstChildren = {
  LParen: IToken[];
  field?: (FieldCstNode)[];
  Comma?: (IToken)[];
  RParen: IToken[];
};

export interface FieldCstNode extends CstNode {
  name: "field";
  children: FieldCstChildren;
}

export type FieldCstChildren = {
  Name: IToken[];
  Colon: IToken[];
  type: TypeCstNode[];
  Equals?: IToken[];
  expr?: ExprCstNode[];
};

export interface ItemCstNode extends CstNode {
  name: "item";
  children: ItemCstChildren;
}

export type ItemCstChildren = {
  importItem?: ImportItemCstNode[];
  enumItem?: EnumItemCstNode[];
  recordItem?: RecordItemCstNode[];
  fnItem?: FnItemCstNode[];
  blockItem?: BlockItemCstNode[];
  adapterItem?: AdapterItemCstNode[];
  optimizerItem?: OptimizerItemCstNode[];
  scheduleItem?: ScheduleItemCstNode[];
  templateItem?: TemplateItemCstNode[];
  transformItem?: TransformItemCstNode[];
  metricItem?: MetricItemCstNode[];
  externItem?: ExternItemCstNode[];
  letItem?: LetItemCstNode[];
  modelItem?: ModelItemCstNode[];
  datasetItem?: DatasetItemCstNode[];
  adaptItem?: AdaptItemCstNode[];
  stepItem?: StepItemCstNode[];
};

export interface ImportItemCstNode extends CstNode {
  name: "importItem";
  children: ImportItemCstChildren;
}

export type ImportItemCstChildren = {
  ItemImport: IToken[];
  path: (IToken)[];
  Slash?: IToken[];
  Dot?: IToken[];
  LCurly?: IToken[];
  nameList?: NameListCstNode[];
  RCurly?: IToken[];
};

export interface NameListCstNode extends CstNode {
  name: "nameList";
  children: NameListCstChildren;
}

export type NameListCstChildren = {
  Name: (IToken)[];
  Comma?: (IToken)[];
};

export interface EnumItemCstNode extends CstNode {
  name: "enumItem";
  children: EnumItemCstChildren;
}

export type EnumItemCstChildren = {
  ItemEnum: IToken[];
  Name: IToken[];
  LCurly: IToken[];
  nameList: NameListCstNode[];
  RCurly: IToken[];
};

export interface RecordItemCstNode extends CstNode {
  name: "recordItem";
  children: RecordItemCstChildren;
}

export type RecordItemCstChildren = {
  ItemRecord: IToken[];
  Name: IToken[];
  LCurly: IToken[];
  recordMember?: RecordMemberCstNode[];
  RCurly: IToken[];
};

export interface RecordMemberCstNode extends CstNode {
  name: "recordMember";
  children: RecordMemberCstChildren;
}

export type RecordMemberCstChildren = {
  require?: RequireCstNode[];
  field?: FieldCstNode[];
};

export interface FnItemCstNode extends CstNode {
  name: "fnItem";
  children: FnItemCstChildren;
}

export type FnItemCstChildren = {
  ItemFn: IToken[];
  signature: SignatureCstNode[];
  body: BodyCstNode[];
};

export interface SignatureCstNode extends CstNode {
  name: "signature";
  children: SignatureCstChildren;
}

export type SignatureCstChildren = {
  Name: IToken[];
  sizes?: SizesCstNode[];
  params: ParamsCstNode[];
  Arrow: IToken[];
  type: TypeCstNode[];
};

export interface BlockItemCstNode extends CstNode {
  name: "blockItem";
  children: BlockItemCstChildren;
}

export type BlockItemCstChildren = {
  ItemBlock: IToken[];
  Name: IToken[];
  sizes?: SizesCstNode[];
  params: ParamsCstNode[];
  members: MembersCstNode[];
};

export interface AdapterItemCstNode extends CstNode {
  name: "adapterItem";
  children: AdapterItemCstChildren;
}

export type AdapterItemCstChildren = {
  ItemAdapter: IToken[];
  Name: IToken[];
  params: ParamsCstNode[];
  LCurly: IToken[];
  rewrite?: RewriteCstNode[];
  RCurly: IToken[];
};

export interface RewriteCstNode extends CstNode {
  name: "rewrite";
  children: RewriteCstChildren;
}

export type RewriteCstChildren = {
  WordRewrite: IToken[];
  target: IToken[];
  sizes?: SizesCstNode[];
  WordAs: IToken[];
  base: IToken[];
  members: MembersCstNode[];
};

export interface OptimizerItemCstNode extends CstNode {
  name: "optimizerItem";
  children: OptimizerItemCstChildren;
}

export type OptimizerItemCstChildren = {
  ItemOptimizer: IToken[];
  Name: IToken[];
  params: ParamsCstNode[];
  LCurly: IToken[];
  optimizerMember?: OptimizerMemberCstNode[];
  RCurly: IToken[];
};

export interface OptimizerMemberCstNode extends CstNode {
  name: "optimizerMember";
  children: OptimizerMemberCstChildren;
}

export type OptimizerMemberCstChildren = {
  state?: StateCstNode[];
  let?: LetCstNode[];
  next?: NextCstNode[];
  require?: RequireCstNode[];
};

export interface StateCstNode extends CstNode {
  name: "state";
  children: StateCstChildren;
}

export type StateCstChildren = {
  WordState: IToken[];
  Name: IToken[];
  Colon: IToken[];
  type: TypeCstNode[];
  Equals: IToken[];
  expr: ExprCstNode[];
};

export interface NextCstNode extends CstNode {
  name: "next";
  children: NextCstChildren;
}

export type NextCstChildren = {
  WordNext: IToken[];
  Name: IToken[];
  Equals: IToken[];
  expr: ExprCstNode[];
};

export interface ScheduleItemCstNode extends CstNode {
  name: "scheduleItem";
  children: ScheduleItemCstChildren;
}

export type ScheduleItemCstChildren = {
  ItemSchedule: IToken[];
  Name: IToken[];
  params: ParamsCstNode[];
  body: BodyCstNode[];
};

export interface TemplateItemCstNode extends CstNode {
  name: "templateItem";
  children: TemplateItemCstChildren;
}

export type TemplateItemCstChildren = {
  ItemTemplate: IToken[];
  name: IToken[];
  params?: ParamsCstNode[];
  WordFor: IToken[];
  row: IToken[];
  lines: LinesCstNode[];
};

export interface LinesCstNode extends CstNode {
  name: "lines";
  children: LinesCstChildren;
}

export type LinesCstChildren = {
  LCurly: IToken[];
  line?: LineCstNode[];
  RCurly: IToken[];
};

export interface LineCstNode extends CstNode {
  name: "line";
  children: LineCstChildren;
}

export type LineCstChildren = {
  StringText?: IToken[];
  eachLine?: EachLineCstNode[];
  learnLine?: LearnLineCstNode[];
  whenLine?: WhenLineCstNode[];
};

export interface EachLineCstNode extends CstNode {
  name: "eachLine";
  children: EachLineCstChildren;
}

export type EachLineCstChildren = {
  WordFor: IToken[];
  Name: IToken[];
  WordIn: IToken[];
  expr: ExprCstNode[];
  lines: LinesCstNode[];
};

export interface LearnLineCstNode extends CstNode {
  name: "learnLine";
  children: LearnLineCstChildren;
}

export type LearnLineCstChildren = {
  WordLearn: IToken[];
  WordIf?: IToken[];
  expr?: ExprCstNode[];
  lines: LinesCstNode[];
};

export interface WhenLineCstNode extends CstNode {
  name: "whenLine";
  children: WhenLineCstChildren;
}

export type WhenLineCstChildren = {
  WordIf: IToken[];
  expr: ExprCstNode[];
  lines: LinesCstNode[];
  WordElse?: IToken[];
  whenLine?: WhenLineCstNode[];
  otherwise?: LinesCstNode[];
};

export interface TransformItemCstNode extends CstNode {
  name: "transformItem";
  children: TransformItemCstChildren;
}

export type TransformItemCstChildren = {
  ItemTransform: IToken[];
  Name: IToken[];
  params: ParamsCstNode[];
  source?: SourceCstNode[];
  WordTo: IToken[];
  rowValue: RowValueCstNode[];
};

export interface SourceCstNode extends CstNode {
  name: "source";
  children: SourceCstChildren;
}

export type SourceCstChildren = {
  WordFrom: IToken[];
  Name?: IToken[];
  Colon?: IToken[];
  rowType: RowTypeCstNode[];
};

export interface RowValueCstNode extends CstNode {
  name: "rowValue";
  children: RowValueCstChildren;
}

export type RowValueCstChildren = {
  LCurly: IToken[];
  rowEntry?: (RowEntryCstNode)[];
  Comma?: (IToken)[];
  RCurly: IToken[];
};

export interface RowEntryCstNode extends CstNode {
  name: "rowEntry";
  children: RowEntryCstChildren;
}

export type RowEntryCstChildren = {
  binding?: BindingCstNode[];
  rest?: RestCstNode[];
};

export interface MetricItemCstNode extends CstNode {
  name: "metricItem";
  children: MetricItemCstChildren;
}

export type MetricItemCstChildren = {
  ItemMetric: IToken[];
  signature: SignatureCstNode[];
  body: BodyCstNode[];
};

export interface ExternItemCstNode extends CstNode {
  name: "externItem";
  children: ExternItemCstChildren;
}

export type ExternItemCstChildren = {
  ItemExtern: IToken[];
  WordFn?: IToken[];
  signature?: (SignatureCstNode)[];
  WordMetric?: IToken[];
  WordTransform?: IToken[];
  externTransform?: ExternTransformCstNode[];
};

export interface ExternTransformCstNode extends CstNode {
  name: "externTransform";
  children: ExternTransformCstChildren;
}

export type ExternTransformCstChildren = {
  Name: IToken[];
  params: ParamsCstNode[];
  source?: SourceCstNode[];
  WordTo: IToken[];
  output: (OutputCstNode)[];
  Comma?: IToken[];
};

export interface OutputCstNode extends CstNode {
  name: "output";
  children: OutputCstChildren;
}

export type OutputCstChildren = {
  Name?: IToken[];
  Colon?: IToken[];
  rowType: RowTypeCstNode[];
};

export interface LetItemCstNode extends CstNode {
  name: "letItem";
  children: LetItemCstChildren;
}

export type LetItemCstChildren = {
  ItemLet: IToken[];
  definition: DefinitionCstNode[];
};

export interface ModelItemCstNode extends CstNode {
  name: "modelItem";
  children: ModelItemCstChildren;
}

export type ModelItemCstChildren = {
  ItemModel: IToken[];
  Name: IToken[];
  Equals: IToken[];
  expr: ExprCstNode[];
  WordFrom?: IToken[];
  StringText?: IToken[];
  WordAs?: IToken[];
  storage?: ExprCstNode[];
};

export interface DatasetItemCstNode extends CstNode {
  name: "datasetItem";
  children: DatasetItemCstChildren;
}

export type DatasetItemCstChildren = {
  ItemDataset: IToken[];
  definition: DefinitionCstNode[];
};

export interface DefinitionCstNode extends CstNode {
  name: "definition";
  children: DefinitionCstChildren;
}

export type DefinitionCstChildren = {
  Name: IToken[];
  Colon?: IToken[];
  type?: TypeCstNode[];
  Equals: IToken[];
  expr: ExprCstNode[];
};

export interface AdaptItemCstNode extends CstNode {
  name: "adaptItem";
  children: AdaptItemCstChildren;
}

export type AdaptItemCstChildren = {
  ItemAdapt: IToken[];
  Name: IToken[];
  Equals: IToken[];
  expr: ExprCstNode[];
  LCurly: IToken[];
  adaptLine?: AdaptLineCstNode[];
  RCurly: IToken[];
};

export interface AdaptLineCstNode extends CstNode {
  name: "adaptLine";
  children: AdaptLineCstChildren;
}

export type AdaptLineCstChildren = {
  trainPath?: TrainPathCstNode[];
  freezePath?: FreezePathCstNode[];
  rewriteOn?: RewriteOnCstNode[];
};

export interface TrainPathCstNode extends CstNode {
  name: "trainPath";
  children: TrainPathCstChildren;
}

export type TrainPathCstChildren = {
  WordTrain: IToken[];
  path: PathCstNode[];
};

export interface FreezePathCstNode extends CstNode {
  name: "freezePath";
  children: FreezePathCstChildren;
}

export type FreezePathCstChildren = {
  WordFreeze: IToken[];
  path: PathCstNode[];
};

export interface RewriteOnCstNode extends CstNode {
  name: "rewriteOn";
  children: RewriteOnCstChildren;
}

export type RewriteOnCstChildren = {
  postfix: PostfixCstNode[];
  WordOn: IToken[];
  path: PathCstNode[];
};

export interface StepItemCstNode extends CstNode {
  name: "stepItem";
  children: StepItemCstChildren;
}

export type StepItemCstChildren = {
  ItemTrain?: IToken[];
  ItemEvaluate?: IToken[];
  ItemExport?: IToken[];
  Name: IToken[];
  bindings: BindingsCstNode[];
};

export interface BindingsCstNode extends CstNode {
  name: "bindings";
  children: BindingsCstChildren;
}

export type BindingsCstChildren = {
  LCurly: IToken[];
  binding?: BindingCstNode[];
  RCurly: IToken[];
};

export interface MembersCstNode extends CstNode {
  name: "members";
  children: MembersCstChildren;
}

export type MembersCstChildren = {
  LCurly: IToken[];
  member?: MemberCstNode[];
  RCurly: IToken[];
};

export interface MemberCstNode extends CstNode {
  name: "member";
  children: MemberCstChildren;
}

export type MemberCstChildren = {
  param?: ParamCstNode[];
  let?: LetCstNode[];
  tie?: TieCstNode[];
  require?: RequireCstNode[];
  forward?: ForwardCstNode[];
  merge?: MergeCstNode[];
  checkpoint?: CheckpointCstNode[];
};

export interface ParamCstNode extends CstNode {
  name: "param";
  children: ParamCstChildren;
}

export type ParamCstChildren = {
  WordParam: IToken[];
  Name: IToken[];
  Colon: IToken[];
  type: TypeCstNode[];
  WordInit?: IToken[];
  init?: ExprCstNode[];
  WordIf?: IToken[];
  condition?: ExprCstNode[];
};

export interface TieCstNode extends CstNode {
  name: "tie";
  children: TieCstChildren;
}

export type TieCstChildren = {
  WordTie: IToken[];
  tied: PathCstNode[];
  Equals: IToken[];
  to: PathCstNode[];
  WordIf?: IToken[];
  expr?: ExprCstNode[];
};

export interface ForwardCstNode extends CstNode {
  name: "forward";
  children: ForwardCstChildren;
}

export type ForwardCstChildren = {
  WordForward: IToken[];
  sizes?: SizesCstNode[];
  params: ParamsCstNode[];
  Arrow: IToken[];
  type: TypeCstNode[];
  body: BodyCstNode[];
};

export interface MergeCstNode extends CstNode {
  name: "merge";
  children: MergeCstChildren;
}

export type MergeCstChildren = {
  WordMerge: IToken[];
  path: PathCstNode[];
  Equals: IToken[];
  expr: ExprCstNode[];
};

export interface CheckpointCstNode extends CstNode {
  name: "checkpoint";
  children: CheckpointCstChildren;
}

export type CheckpointCstChildren = {
  WordCheckpoint: IToken[];
  StringText: IToken[];
  LCurly: (IToken)[];
  WordConfig?: IToken[];
  bindings?: BindingsCstNode[];
  WordWeights?: IToken[];
  weight?: WeightCstNode[];
  RCurly: (IToken)[];
};

export interface WeightCstNode extends CstNode {
  name: "weight";
  children: WeightCstChildren;
}

export type WeightCstChildren = {
  path: PathCstNode[];
  Equals: IToken[];
  StringText: IToken[];
};

export interface BodyCstNode extends CstNode {
  name: "body";
  children: BodyCstChildren;
}

export type BodyCstChildren = {
  LCurly: IToken[];
  statement?: StatementCstNode[];
  WordReturn: IToken[];
  expr: ExprCstNode[];
  RCurly: IToken[];
};

export interface StatementCstNode extends CstNode {
  name: "statement";
  children: StatementCstChildren;
}

export type StatementCstChildren = {
  let?: LetCstNode[];
  require?: RequireCstNode[];
};

export interface LetCstNode extends CstNode {
  name: "let";
  children: LetCstChildren;
}

export type LetCstChildren = {
  WordLet: IToken[];
  definition: DefinitionCstNode[];
};

export interface RequireCstNode extends CstNode {
  name: "require";
  children: RequireCstChildren;
}

export type RequireCstChildren = {
  WordRequire: IToken[];
  expr: ExprCstNode[];
  Comma?: IToken[];
  StringText?: IToken[];
};
