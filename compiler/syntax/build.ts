/** Items: the parser's output to the syntax tree. Parts that recovery could not find are left empty. */

import type {
  AdapterItem,
  AdaptItem,
  BlockItem,
  DatasetItem,
  EnumItem,
  FnItem,
  Import,
  Item,
  LetItem,
  MetricItem,
  ModelItem,
  OptimizerItem,
  RecordItem,
  Rewrite,
  ScheduleItem,
  StepItem,
  TemplateItem,
  TransformItem,
} from "./ast.ts";
import { buildExpr, buildNeeded, buildString } from "./build-expr.ts";
import {
  buildAdaptLines,
  buildBinding,
  buildBindings,
  buildBody,
  buildLines,
  buildMembers,
  buildOptimizerMembers,
  buildRequire,
} from "./build-members.ts";
import { type Building, buildName, buildNames, docOf, first, nodeSpan } from "./build-parts.ts";
import {
  buildField,
  buildNeededRow,
  buildParams,
  buildRest,
  buildRowType,
  buildSizes,
  buildType,
  reportRests,
} from "./build-type.ts";
import type {
  AdapterItemCstNode,
  AdaptItemCstNode,
  BlockItemCstNode,
  DatasetItemCstNode,
  EnumItemCstNode,
  ExternItemCstNode,
  ExternTransformCstNode,
  FnItemCstNode,
  ImportItemCstNode,
  ItemCstNode,
  LetItemCstNode,
  MetricItemCstNode,
  ModelItemCstNode,
  OptimizerItemCstNode,
  OutputCstNode,
  RecordItemCstNode,
  RewriteCstNode,
  RowValueCstNode,
  ScheduleItemCstNode,
  SignatureCstNode,
  SourceCstNode,
  StepItemCstNode,
  TemplateItemCstNode,
  TransformItemCstNode,
} from "./cst.ts";

/** An item; undefined if not even its kind is known (`extern` and nothing after it). */
export function buildItem(building: Building, node: ItemCstNode): Item | undefined {
  const of = node.children;
  if (of.importItem?.[0]) return buildImport(building, of.importItem[0]);
  if (of.enumItem?.[0]) return buildEnum(building, of.enumItem[0]);
  if (of.recordItem?.[0]) return buildRecord(building, of.recordItem[0]);
  if (of.fnItem?.[0]) return buildFn(building, of.fnItem[0]);
  if (of.blockItem?.[0]) return buildBlock(building, of.blockItem[0]);
  if (of.adapterItem?.[0]) return buildAdapter(building, of.adapterItem[0]);
  if (of.optimizerItem?.[0]) return buildOptimizer(building, of.optimizerItem[0]);
  if (of.scheduleItem?.[0]) return buildSchedule(building, of.scheduleItem[0]);
  if (of.templateItem?.[0]) return buildTemplate(building, of.templateItem[0]);
  if (of.transformItem?.[0]) return buildTransform(building, of.transformItem[0]);
  if (of.metricItem?.[0]) return buildMetric(building, of.metricItem[0]);
  if (of.externItem?.[0]) return buildExtern(building, of.externItem[0]);
  if (of.letItem?.[0]) return buildLetItem(building, of.letItem[0]);
  if (of.modelItem?.[0]) return buildModel(building, of.modelItem[0]);
  if (of.datasetItem?.[0]) return buildDataset(building, of.datasetItem[0]);
  if (of.adaptItem?.[0]) return buildAdapt(building, of.adaptItem[0]);
  if (of.stepItem?.[0]) return buildStep(building, of.stepItem[0]);
  return undefined;
}

function buildImport(building: Building, node: ImportItemCstNode): Import {
  return {
    kind: "import",
    path: buildNames(building, node.children.path),
    names: buildNames(building, first(node.children.nameList)?.children.Name),
    span: nodeSpan(building, node),
  };
}

function buildEnum(building: Building, node: EnumItemCstNode): EnumItem {
  return {
    kind: "enum",
    name: buildName(building, first(node.children.Name), node),
    doc: docOf(building, node),
    cases: buildNames(building, first(node.children.nameList)?.children.Name),
    span: nodeSpan(building, node),
  };
}

function buildRecord(building: Building, node: RecordItemCstNode): RecordItem {
  const members = node.children.recordMember ?? [];
  return {
    kind: "record",
    name: buildName(building, first(node.children.Name), node),
    doc: docOf(building, node),
    fields: members.flatMap((member) =>
      (member.children.field ?? []).map((field) => buildField(building, field)),
    ),
    requires: members.flatMap((member) =>
      (member.children.require ?? []).map((require) => buildRequire(building, require)),
    ),
    span: nodeSpan(building, node),
  };
}

// What computes ----------------------------------------------------------------------------------

type Declared = FnItemCstNode | MetricItemCstNode | ExternItemCstNode;

/** The part that `fn`, `metric` and their `extern` forms share. */
function buildSignature(building: Building, node: Declared) {
  const signature: SignatureCstNode | undefined = first(node.children.signature);
  return {
    name: buildName(building, first(signature?.children.Name), signature ?? node),
    doc: docOf(building, node),
    sizes: buildSizes(building, signature?.children.sizes),
    params: buildParams(building, signature?.children.params),
    result: buildType(building, first(signature?.children.type), signature ?? node),
    span: nodeSpan(building, node),
  };
}

function buildFn(building: Building, node: FnItemCstNode): FnItem {
  const body = buildBody(building, first(node.children.body), node);
  return { kind: "fn", ...buildSignature(building, node), body };
}

function buildMetric(building: Building, node: MetricItemCstNode): MetricItem {
  const body = buildBody(building, first(node.children.body), node);
  return { kind: "metric", ...buildSignature(building, node), body };
}

function buildExtern(building: Building, node: ExternItemCstNode): Item | undefined {
  const { WordFn, WordMetric, externTransform } = node.children;
  if (WordFn?.[0]) return { kind: "fn", ...buildSignature(building, node), body: undefined };
  if (WordMetric?.[0]) {
    return { kind: "metric", ...buildSignature(building, node), body: undefined };
  }
  return externTransform?.[0] && buildExternTransform(building, node, externTransform[0]);
}

function buildBlock(building: Building, node: BlockItemCstNode): BlockItem {
  return {
    kind: "block",
    name: buildName(building, first(node.children.Name), node),
    doc: docOf(building, node),
    sizes: buildSizes(building, node.children.sizes),
    params: buildParams(building, node.children.params),
    members: buildMembers(building, node.children.members),
    span: nodeSpan(building, node),
  };
}

function buildAdapter(building: Building, node: AdapterItemCstNode): AdapterItem {
  return {
    kind: "adapter",
    name: buildName(building, first(node.children.Name), node),
    doc: docOf(building, node),
    params: buildParams(building, node.children.params),
    rewrites: (node.children.rewrite ?? []).map((rewrite) => buildRewrite(building, rewrite)),
    span: nodeSpan(building, node),
  };
}

function buildRewrite(building: Building, node: RewriteCstNode): Rewrite {
  return {
    kind: "rewrite",
    target: buildName(building, first(node.children.target), node),
    sizes: buildSizes(building, node.children.sizes),
    base: buildName(building, first(node.children.base), node),
    members: buildMembers(building, node.children.members),
    span: nodeSpan(building, node),
  };
}

function buildOptimizer(building: Building, node: OptimizerItemCstNode): OptimizerItem {
  return {
    kind: "optimizer",
    name: buildName(building, first(node.children.Name), node),
    doc: docOf(building, node),
    params: buildParams(building, node.children.params),
    members: buildOptimizerMembers(building, node.children.optimizerMember),
    span: nodeSpan(building, node),
  };
}

function buildSchedule(building: Building, node: ScheduleItemCstNode): ScheduleItem {
  return {
    kind: "schedule",
    name: buildName(building, first(node.children.Name), node),
    doc: docOf(building, node),
    params: buildParams(building, node.children.params),
    body: buildBody(building, first(node.children.body), node),
    span: nodeSpan(building, node),
  };
}

// Rows -------------------------------------------------------------------------------------------

function buildTemplate(building: Building, node: TemplateItemCstNode): TemplateItem {
  return {
    kind: "template",
    name: buildName(building, first(node.children.name), node),
    doc: docOf(building, node),
    params: buildParams(building, node.children.params),
    row: buildName(building, first(node.children.row), node),
    lines: buildLines(building, node.children.lines),
    span: nodeSpan(building, node),
  };
}

function buildTransform(building: Building, node: TransformItemCstNode): TransformItem {
  const value = first(node.children.rowValue);
  return {
    kind: "transform",
    name: buildName(building, first(node.children.Name), node),
    doc: docOf(building, node),
    params: buildParams(building, node.children.params),
    extern: false,
    ...buildSource(building, first(node.children.source)),
    outputs: value === undefined ? [] : [{ name: undefined, row: restOf(building, value) }],
    columns: bindingsOf(building, value),
    span: nodeSpan(building, node),
  };
}

/** Of `{ text = …, ..R }`: the `..R`. The columns' types follow from their values. */
function restOf(
  building: Building,
  node: RowValueCstNode,
): TransformItem["outputs"][number]["row"] {
  reportRests(building, node.children.rowEntry ?? []);
  const rests = (node.children.rowEntry ?? []).flatMap((entry) => entry.children.rest ?? []);
  const rest = rests[0] && buildRest(building, rests[0]);
  return { kind: "row-type", columns: [], rest, optional: false, span: nodeSpan(building, node) };
}

function bindingsOf(building: Building, node: RowValueCstNode | undefined) {
  return (node?.children.rowEntry ?? [])
    .flatMap((entry) => entry.children.binding ?? [])
    .map((binding) => buildBinding(building, binding));
}

function buildExternTransform(
  building: Building,
  item: ExternItemCstNode,
  node: ExternTransformCstNode,
): TransformItem {
  return {
    kind: "transform",
    name: buildName(building, first(node.children.Name), node),
    doc: docOf(building, item),
    params: buildParams(building, node.children.params),
    extern: true,
    ...buildSource(building, first(node.children.source)),
    outputs: (node.children.output ?? []).map((output) => buildOutput(building, output)),
    columns: [],
    span: nodeSpan(building, item),
  };
}

function buildSource(building: Building, node: SourceCstNode | undefined) {
  const row = first(node?.children.rowType);
  return {
    row: buildNames(building, node?.children.Name)[0],
    from: row && buildRowType(building, row),
  };
}

function buildOutput(building: Building, node: OutputCstNode): TransformItem["outputs"][number] {
  return {
    name: buildNames(building, node.children.Name)[0],
    row: buildNeededRow(building, first(node.children.rowType), node),
  };
}

// Pipelines --------------------------------------------------------------------------------------

/** The part that `let` and `dataset` share. */
function buildDefinition(building: Building, node: LetItemCstNode | DatasetItemCstNode) {
  const definition = first(node.children.definition);
  const type = first(definition?.children.type);
  return {
    name: buildName(building, first(definition?.children.Name), definition ?? node),
    doc: docOf(building, node),
    type: type && buildType(building, type, node),
    value: buildNeeded(building, first(definition?.children.expr), node),
    span: nodeSpan(building, node),
  };
}

function buildLetItem(building: Building, node: LetItemCstNode): LetItem {
  return { kind: "let", ...buildDefinition(building, node) };
}

function buildDataset(building: Building, node: DatasetItemCstNode): DatasetItem {
  return { kind: "dataset", ...buildDefinition(building, node) };
}

function buildModel(building: Building, node: ModelItemCstNode): ModelItem {
  const from = first(node.children.StringText);
  const storage = first(node.children.storage);
  return {
    kind: "model",
    name: buildName(building, first(node.children.Name), node),
    doc: docOf(building, node),
    value: buildNeeded(building, first(node.children.expr), node),
    from: from && buildString(building, from),
    storage: storage && buildExpr(building, storage),
    span: nodeSpan(building, node),
  };
}

function buildAdapt(building: Building, node: AdaptItemCstNode): AdaptItem {
  return {
    kind: "adapt",
    name: buildName(building, first(node.children.Name), node),
    doc: docOf(building, node),
    model: buildNeeded(building, first(node.children.expr), node),
    lines: buildAdaptLines(building, node.children.adaptLine),
    span: nodeSpan(building, node),
  };
}

function buildStep(building: Building, node: StepItemCstNode): StepItem {
  const { ItemTrain, ItemEvaluate } = node.children;
  return {
    kind: ItemTrain?.[0] ? "train" : ItemEvaluate?.[0] ? "evaluate" : "export",
    name: buildName(building, first(node.children.Name), node),
    doc: docOf(building, node),
    fields: buildBindings(building, node.children.bindings),
    span: nodeSpan(building, node),
  };
}
