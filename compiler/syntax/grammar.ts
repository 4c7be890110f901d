/**
 * The grammar of one item, LL(2). A file is cut into items before it is parsed (chunks.ts), so a fault in
 * one item cannot reach the next. Rules say what may stand where and nothing else; build.ts makes the tree.
 */

import type { IParserConfig } from "chevrotain";
import { PartGrammar } from "./grammar-parts.ts";
import * as t from "./tokens.ts";

export class Grammar extends PartGrammar {
  constructor(config: IParserConfig = { skipValidations: true }) {
    super(config);
    this.performSelfAnalysis();
  }

  // Items ----------------------------------------------------------------------------------------

  item = this.RULE("item", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.importItem) },
      { ALT: () => this.SUBRULE(this.enumItem) },
      { ALT: () => this.SUBRULE(this.recordItem) },
      { ALT: () => this.SUBRULE(this.fnItem) },
      { ALT: () => this.SUBRULE(this.blockItem) },
      { ALT: () => this.SUBRULE(this.adapterItem) },
      { ALT: () => this.SUBRULE(this.optimizerItem) },
      { ALT: () => this.SUBRULE(this.scheduleItem) },
      { ALT: () => this.SUBRULE(this.templateItem) },
      { ALT: () => this.SUBRULE(this.transformItem) },
      { ALT: () => this.SUBRULE(this.metricItem) },
      { ALT: () => this.SUBRULE(this.externItem) },
      { ALT: () => this.SUBRULE(this.letItem) },
      { ALT: () => this.SUBRULE(this.modelItem) },
      { ALT: () => this.SUBRULE(this.datasetItem) },
      { ALT: () => this.SUBRULE(this.adaptItem) },
      { ALT: () => this.SUBRULE(this.stepItem) },
    ]);
  });

  importItem = this.RULE("importItem", () => {
    this.CONSUME(t.ImportItem);
    this.CONSUME(t.Name, { LABEL: "path" });
    this.MANY(() => {
      this.CONSUME(t.Slash);
      this.CONSUME2(t.Name, { LABEL: "path" });
    });
    this.OPTION(() => {
      this.CONSUME(t.Dot);
      this.CONSUME(t.LCurly);
      this.SUBRULE(this.nameList);
      this.CONSUME(t.RCurly);
    });
  });

  nameList = this.RULE("nameList", () => {
    this.CONSUME(t.Name);
    this.MANY(() => {
      this.CONSUME(t.Comma);
      this.CONSUME2(t.Name);
    });
    this.OPTION(() => this.CONSUME2(t.Comma));
  });

  enumItem = this.RULE("enumItem", () => {
    this.CONSUME(t.EnumItem);
    this.CONSUME(t.Name);
    this.CONSUME(t.LCurly);
    this.SUBRULE(this.nameList);
    this.CONSUME(t.RCurly);
  });

  recordItem = this.RULE("recordItem", () => {
    this.CONSUME(t.RecordItem);
    this.CONSUME(t.Name);
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.recordMember));
    this.CONSUME(t.RCurly);
  });

  recordMember = this.RULE("recordMember", () => {
    this.OR([
      // A field may be called `require`.
      {
        GATE: () => this.LA(2).tokenType !== t.Colon,
        ALT: () => this.SUBRULE(this.require),
      },
      { ALT: () => this.SUBRULE(this.field) },
    ]);
  });

  fnItem = this.RULE("fnItem", () => {
    this.CONSUME(t.FnItem);
    this.SUBRULE(this.signature);
    this.SUBRULE(this.body);
  });

  /** What `fn` and `metric` have in common. */
  signature = this.RULE("signature", () => {
    this.CONSUME(t.Name);
    this.OPTION(() => this.SUBRULE(this.sizes));
    this.SUBRULE(this.params);
    this.CONSUME(t.Arrow);
    this.SUBRULE(this.type);
  });

  blockItem = this.RULE("blockItem", () => {
    this.CONSUME(t.BlockItem);
    this.CONSUME(t.Name);
    this.OPTION(() => this.SUBRULE(this.sizes));
    this.SUBRULE(this.params);
    this.SUBRULE(this.members);
  });

  adapterItem = this.RULE("adapterItem", () => {
    this.CONSUME(t.AdapterItem);
    this.CONSUME(t.Name);
    this.SUBRULE(this.params);
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.rewrite));
    this.CONSUME(t.RCurly);
  });

  rewrite = this.RULE("rewrite", () => {
    this.CONSUME(t.RewriteWord);
    this.CONSUME(t.Name, { LABEL: "target" });
    this.OPTION(() => this.SUBRULE(this.sizes));
    this.CONSUME(t.As);
    this.CONSUME2(t.Name, { LABEL: "base" });
    this.SUBRULE(this.members);
  });

  optimizerItem = this.RULE("optimizerItem", () => {
    this.CONSUME(t.OptimizerItem);
    this.CONSUME(t.Name);
    this.SUBRULE(this.params);
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.optimizerMember));
    this.CONSUME(t.RCurly);
  });

  optimizerMember = this.RULE("optimizerMember", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.state) },
      { ALT: () => this.SUBRULE(this.let) },
      { ALT: () => this.SUBRULE(this.next) },
      { ALT: () => this.SUBRULE(this.require) },
    ]);
  });

  state = this.RULE("state", () => {
    this.CONSUME(t.State);
    this.CONSUME(t.Name);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.type);
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expr);
  });

  next = this.RULE("next", () => {
    this.CONSUME(t.Next);
    this.CONSUME(t.Name);
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expr);
  });

  scheduleItem = this.RULE("scheduleItem", () => {
    this.CONSUME(t.ScheduleItem);
    this.CONSUME(t.Name);
    this.SUBRULE(this.params);
    this.SUBRULE(this.body);
  });

  templateItem = this.RULE("templateItem", () => {
    this.CONSUME(t.TemplateItem);
    this.CONSUME(t.Name, { LABEL: "name" });
    this.OPTION(() => this.SUBRULE(this.params));
    this.CONSUME(t.For);
    this.CONSUME2(t.Name, { LABEL: "row" });
    this.SUBRULE(this.lines);
  });

  lines = this.RULE("lines", () => {
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.line));
    this.CONSUME(t.RCurly);
  });

  line = this.RULE("line", () => {
    this.OR([
      { ALT: () => this.CONSUME(t.StringText) },
      { ALT: () => this.SUBRULE(this.eachLine) },
      { ALT: () => this.SUBRULE(this.learnLine) },
      { ALT: () => this.SUBRULE(this.whenLine) },
    ]);
  });

  eachLine = this.RULE("eachLine", () => {
    this.CONSUME(t.For);
    this.CONSUME(t.Name);
    this.CONSUME(t.In);
    this.SUBRULE(this.expr);
    this.SUBRULE(this.lines);
  });

  learnLine = this.RULE("learnLine", () => {
    this.CONSUME(t.Learn);
    this.OPTION(() => {
      this.CONSUME(t.If);
      this.SUBRULE(this.expr);
    });
    this.SUBRULE(this.lines);
  });

  whenLine = this.RULE("whenLine", () => {
    this.CONSUME(t.If);
    this.SUBRULE(this.expr);
    this.SUBRULE(this.lines);
    this.OPTION(() => {
      this.CONSUME(t.Else);
      this.OR([
        { ALT: () => this.SUBRULE(this.whenLine) },
        { ALT: () => this.SUBRULE2(this.lines, { LABEL: "otherwise" }) },
      ]);
    });
  });

  transformItem = this.RULE("transformItem", () => {
    this.CONSUME(t.TransformItem);
    this.CONSUME(t.Name);
    this.SUBRULE(this.params);
    this.OPTION(() => this.SUBRULE(this.source));
    this.CONSUME(t.To);
    this.SUBRULE(this.rowValue);
  });

  /** `from row: { … }` */
  source = this.RULE("source", () => {
    this.CONSUME(t.From);
    this.OPTION(() => {
      this.CONSUME(t.Name);
      this.CONSUME(t.Colon);
    });
    this.SUBRULE(this.rowType);
  });

  rowValue = this.RULE("rowValue", () => {
    this.CONSUME(t.LCurly);
    this.OPTION(() => {
      this.SUBRULE(this.rowEntry);
      this.MANY(() => {
        this.CONSUME(t.Comma);
        this.SUBRULE2(this.rowEntry);
      });
      this.OPTION2(() => this.CONSUME2(t.Comma));
    });
    this.CONSUME(t.RCurly);
  });

  rowEntry = this.RULE("rowEntry", () => {
    this.OR([{ ALT: () => this.SUBRULE(this.binding) }, { ALT: () => this.SUBRULE(this.rest) }]);
  });

  metricItem = this.RULE("metricItem", () => {
    this.CONSUME(t.MetricItem);
    this.SUBRULE(this.signature);
    this.SUBRULE(this.body);
  });

  externItem = this.RULE("externItem", () => {
    this.CONSUME(t.ExternItem);
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.FnWord);
          this.SUBRULE(this.signature);
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.MetricWord);
          this.SUBRULE2(this.signature);
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.TransformWord);
          this.SUBRULE(this.externTransform);
        },
      },
    ]);
  });

  externTransform = this.RULE("externTransform", () => {
    this.CONSUME(t.Name);
    this.SUBRULE(this.params);
    this.OPTION(() => this.SUBRULE(this.source));
    this.CONSUME(t.To);
    this.SUBRULE(this.output);
    this.MANY(() => {
      this.CONSUME(t.Comma);
      this.SUBRULE2(this.output);
    });
  });

  output = this.RULE("output", () => {
    this.OPTION(() => {
      this.CONSUME(t.Name);
      this.CONSUME(t.Colon);
    });
    this.SUBRULE(this.rowType);
  });

  letItem = this.RULE("letItem", () => {
    this.CONSUME(t.LetItem);
    this.SUBRULE(this.definition);
  });

  modelItem = this.RULE("modelItem", () => {
    this.CONSUME(t.ModelItem);
    this.CONSUME(t.Name);
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expr);
    this.OPTION(() => {
      this.CONSUME(t.From);
      this.CONSUME(t.StringText);
      this.OPTION2(() => {
        this.CONSUME(t.As);
        this.SUBRULE2(this.expr, { LABEL: "storage" });
      });
    });
  });

  datasetItem = this.RULE("datasetItem", () => {
    this.CONSUME(t.DatasetItem);
    this.SUBRULE(this.definition);
  });

  /** What `let` and `dataset` have in common. */
  definition = this.RULE("definition", () => {
    this.CONSUME(t.Name);
    this.OPTION(() => {
      this.CONSUME(t.Colon);
      this.SUBRULE(this.type);
    });
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expr);
  });

  adaptItem = this.RULE("adaptItem", () => {
    this.CONSUME(t.AdaptItem);
    this.CONSUME(t.Name);
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expr);
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.adaptLine));
    this.CONSUME(t.RCurly);
  });

  adaptLine = this.RULE("adaptLine", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.trainPath) },
      { ALT: () => this.SUBRULE(this.freezePath) },
      { ALT: () => this.SUBRULE(this.rewriteOn) },
    ]);
  });

  trainPath = this.RULE("trainPath", () => {
    this.CONSUME(t.TrainWord);
    this.SUBRULE(this.path);
  });

  freezePath = this.RULE("freezePath", () => {
    this.CONSUME(t.Freeze);
    this.SUBRULE(this.path);
  });

  rewriteOn = this.RULE("rewriteOn", () => {
    this.SUBRULE(this.postfix);
    this.CONSUME(t.On);
    this.SUBRULE(this.path);
  });

  stepItem = this.RULE("stepItem", () => {
    this.OR([
      { ALT: () => this.CONSUME(t.TrainItem) },
      { ALT: () => this.CONSUME(t.EvaluateItem) },
      { ALT: () => this.CONSUME(t.ExportItem) },
    ]);
    this.CONSUME(t.Name);
    this.SUBRULE(this.bindings);
  });

  bindings = this.RULE("bindings", () => {
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.binding));
    this.CONSUME(t.RCurly);
  });

  // Members of blocks and rewrites -----------------------------------------------------------------

  members = this.RULE("members", () => {
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.member));
    this.CONSUME(t.RCurly);
  });

  member = this.RULE("member", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.param) },
      { ALT: () => this.SUBRULE(this.let) },
      { ALT: () => this.SUBRULE(this.tie) },
      { ALT: () => this.SUBRULE(this.require) },
      { ALT: () => this.SUBRULE(this.forward) },
      { ALT: () => this.SUBRULE(this.merge) },
      { ALT: () => this.SUBRULE(this.checkpoint) },
    ]);
  });

  param = this.RULE("param", () => {
    this.CONSUME(t.Param);
    this.CONSUME(t.Name);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.type);
    this.OPTION(() => {
      this.CONSUME(t.Init);
      this.SUBRULE(this.expr, { LABEL: "init" });
    });
    this.OPTION2(() => {
      this.CONSUME(t.If);
      this.SUBRULE2(this.expr, { LABEL: "condition" });
    });
  });

  tie = this.RULE("tie", () => {
    this.CONSUME(t.Tie);
    this.SUBRULE(this.path, { LABEL: "tied" });
    this.CONSUME(t.Equals);
    this.SUBRULE2(this.path, { LABEL: "to" });
    this.OPTION(() => {
      this.CONSUME(t.If);
      this.SUBRULE(this.expr);
    });
  });

  forward = this.RULE("forward", () => {
    this.CONSUME(t.ForwardWord);
    this.OPTION(() => this.SUBRULE(this.sizes));
    this.SUBRULE(this.params);
    this.CONSUME(t.Arrow);
    this.SUBRULE(this.type);
    this.SUBRULE(this.body);
  });

  merge = this.RULE("merge", () => {
    this.CONSUME(t.MergeWord);
    this.SUBRULE(this.path);
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expr);
  });

  checkpoint = this.RULE("checkpoint", () => {
    this.CONSUME(t.CheckpointWord);
    this.CONSUME(t.StringText);
    this.CONSUME(t.LCurly);
    this.OPTION(() => {
      this.CONSUME(t.Config);
      this.SUBRULE(this.bindings);
    });
    this.OPTION2(() => {
      this.CONSUME(t.Weights);
      this.CONSUME2(t.LCurly);
      this.MANY(() => this.SUBRULE(this.weight));
      this.CONSUME2(t.RCurly);
    });
    this.CONSUME(t.RCurly);
  });

  weight = this.RULE("weight", () => {
    this.SUBRULE(this.path);
    this.CONSUME(t.Equals);
    this.CONSUME(t.StringText);
  });

  // Bodies -----------------------------------------------------------------------------------------

  body = this.RULE("body", () => {
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.statement));
    this.CONSUME(t.Return);
    this.SUBRULE(this.expr);
    this.CONSUME(t.RCurly);
  });

  statement = this.RULE("statement", () => {
    this.OR([{ ALT: () => this.SUBRULE(this.let) }, { ALT: () => this.SUBRULE(this.require) }]);
  });

  let = this.RULE("let", () => {
    this.CONSUME(t.Let);
    this.SUBRULE(this.definition);
  });

  require = this.RULE("require", () => {
    this.CONSUME(t.RequireWord);
    this.SUBRULE(this.expr);
    this.OPTION(() => {
      this.CONSUME(t.Comma);
      this.CONSUME(t.StringText);
    });
  });
}
