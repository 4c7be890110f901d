/**
 * The parts of which items are made: expressions, types, paths, parameters. grammar.ts extends them by the
 * items themselves; both are one grammar, and none of it may be used before its last constructor ends.
 */

import { CstParser, type IParserConfig, type IParserErrorMessageProvider } from "chevrotain";
import * as t from "./tokens.ts";

/** What was looked for, as the name of a token; a failed choice is described by its rule, in faults.ts. */
const expectations: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => expected.name,
  buildNotAllInputParsedMessage: () => "",
  buildNoViableAltMessage: () => "",
  buildEarlyExitMessage: () => "",
};

export class PartGrammar extends CstParser {
  constructor(config: IParserConfig) {
    super(t.vocabulary, {
      ...config,
      maxLookahead: 2,
      recoveryEnabled: true,
      nodeLocationTracking: "onlyOffset",
      errorMessageProvider: expectations,
    });
  }

  // Expressions ------------------------------------------------------------------------------------

  expr = this.RULE("expr", () => {
    this.SUBRULE(this.binary);
    this.MANY(() => {
      this.CONSUME(t.PipeSign);
      this.SUBRULE(this.postfix);
    });
  });

  /** Operands and operators in a row; how tightly each binds is settled when the tree is built. */
  binary = this.RULE("binary", () => {
    this.SUBRULE(this.unary);
    this.MANY(() => {
      this.CONSUME(t.Operator);
      this.SUBRULE2(this.unary);
    });
  });

  unary = this.RULE("unary", () => {
    this.OR([
      {
        ALT: () => {
          this.OR2([
            { ALT: () => this.CONSUME(t.Minus, { LABEL: "sign" }) },
            { ALT: () => this.CONSUME(t.Bang, { LABEL: "sign" }) },
          ]);
          this.SUBRULE(this.unary);
        },
      },
      { ALT: () => this.SUBRULE(this.postfix) },
    ]);
  });

  postfix = this.RULE("postfix", () => {
    this.SUBRULE(this.primary);
    this.MANY(() => this.SUBRULE(this.suffix));
  });

  suffix = this.RULE("suffix", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.call) },
      { ALT: () => this.SUBRULE(this.brackets) },
      {
        ALT: () => {
          this.CONSUME(t.Dot);
          this.CONSUME(t.Name);
        },
      },
    ]);
  });

  call = this.RULE("call", () => {
    this.CONSUME(t.TightLParen);
    this.OPTION(() => {
      this.SUBRULE(this.argument);
      this.MANY(() => {
        this.CONSUME(t.Comma);
        this.SUBRULE2(this.argument);
      });
      this.OPTION2(() => this.CONSUME2(t.Comma));
    });
    this.CONSUME(t.RParen);
  });

  argument = this.RULE("argument", () => {
    this.OPTION({
      GATE: () => this.LA(2).tokenType === t.Equals,
      DEF: () => {
        this.CONSUME(t.Name);
        this.CONSUME(t.Equals);
      },
    });
    this.SUBRULE(this.expr);
  });

  /** An index, or the sizes of the call that follows. */
  brackets = this.RULE("brackets", () => {
    this.CONSUME(t.TightLSquare);
    this.SUBRULE(this.index);
    this.MANY(() => {
      this.CONSUME(t.Comma);
      this.SUBRULE2(this.index);
    });
    this.OPTION(() => this.CONSUME2(t.Comma));
    this.CONSUME(t.RSquare);
  });

  index = this.RULE("index", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.rest) },
      {
        ALT: () => {
          this.CONSUME(t.Colon);
          this.OPTION(() => this.SUBRULE(this.expr, { LABEL: "end" }));
        },
      },
      {
        ALT: () => {
          this.SUBRULE2(this.expr, { LABEL: "start" });
          this.OPTION2(() => {
            this.CONSUME2(t.Colon);
            this.OPTION3(() => this.SUBRULE3(this.expr, { LABEL: "end" }));
          });
        },
      },
    ]);
  });

  primary = this.RULE("primary", () => {
    // The words below are names as well, so the choice among them is by order.
    this.OR([
      { ALT: () => this.SUBRULE(this.number) },
      { ALT: () => this.CONSUME(t.Quantity) },
      { ALT: () => this.CONSUME(t.StringText) },
      { ALT: () => this.CONSUME(t.True), IGNORE_AMBIGUITIES: true },
      { ALT: () => this.CONSUME(t.False), IGNORE_AMBIGUITIES: true },
      { ALT: () => this.CONSUME(t.None), IGNORE_AMBIGUITIES: true },
      { ALT: () => this.SUBRULE(this.choose) },
      {
        // Without the parenthesis it is a name like any other.
        GATE: () => this.LA(2).tokenType === t.TightLParen,
        ALT: () => this.SUBRULE(this.axes),
      },
      { ALT: () => this.CONSUME(t.Name) },
      { ALT: () => this.SUBRULE(this.parenthesis) },
      { ALT: () => this.SUBRULE(this.list) },
    ]);
  });

  /** A number, and the unit that a space has parted from it: a fault that has its own words. */
  number = this.RULE("number", () => {
    this.CONSUME(t.NumberWord);
    this.OPTION({
      GATE: () => this.partedUnitFollows(),
      DEF: () => {
        this.OR([
          { ALT: () => this.CONSUME(t.Name, { LABEL: "unit" }) },
          { ALT: () => this.CONSUME(t.Percent, { LABEL: "unit" }) },
        ]);
      },
    });
  });

  parenthesis = this.RULE("parenthesis", () => {
    this.CONSUME(t.LParen);
    this.SUBRULE(this.expr);
    this.CONSUME(t.RParen);
  });

  list = this.RULE("list", () => {
    this.CONSUME(t.LSquare);
    this.OPTION(() => {
      this.SUBRULE(this.expr);
      this.MANY(() => {
        this.CONSUME(t.Comma);
        this.SUBRULE2(this.expr);
      });
      this.OPTION2(() => this.CONSUME2(t.Comma));
    });
    this.CONSUME(t.RSquare);
  });

  choose = this.RULE("choose", () => {
    this.CONSUME(t.If);
    this.SUBRULE(this.expr, { LABEL: "condition" });
    this.CONSUME(t.LCurly);
    this.SUBRULE2(this.expr, { LABEL: "then" });
    this.CONSUME(t.RCurly);
    this.CONSUME(t.Else);
    this.OR([
      { ALT: () => this.SUBRULE(this.choose) },
      {
        ALT: () => {
          this.CONSUME2(t.LCurly);
          this.SUBRULE3(this.expr, { LABEL: "otherwise" });
          this.CONSUME2(t.RCurly);
        },
      },
    ]);
  });

  axes = this.RULE("axes", () => {
    this.CONSUME(t.AxesWord);
    this.CONSUME(t.TightLParen);
    this.SUBRULE(this.operand);
    this.MANY(() => {
      this.CONSUME(t.Comma);
      this.SUBRULE2(this.operand);
    });
    this.CONSUME(t.Arrow);
    this.SUBRULE(this.pattern);
    this.MANY2(() => {
      this.CONSUME2(t.Comma);
      this.SUBRULE(this.binding);
    });
    this.OPTION(() => this.CONSUME3(t.Comma));
    this.CONSUME(t.RParen);
  });

  operand = this.RULE("operand", () => {
    this.SUBRULE(this.expr);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.pattern);
  });

  pattern = this.RULE("pattern", () => {
    this.MANY(() => this.SUBRULE(this.patternAxis));
  });

  patternAxis = this.RULE("patternAxis", () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Name) },
      { ALT: () => this.CONSUME(t.NumberWord) },
      { ALT: () => this.CONSUME(t.DotDot) },
      {
        ALT: () => {
          this.CONSUME(t.LParen);
          this.SUBRULE(this.pattern);
          this.CONSUME(t.RParen);
        },
      },
    ]);
  });

  /** The expression in the braces of a string. */
  interpolation = this.RULE("interpolation", () => this.SUBRULE(this.expr));

  // Types ------------------------------------------------------------------------------------------

  type = this.RULE("type", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.namedType) },
      { ALT: () => this.SUBRULE(this.rowType) },
    ]);
    this.OPTION(() => this.CONSUME(t.Question));
  });

  namedType = this.RULE("namedType", () => {
    this.CONSUME(t.Name);
    this.OPTION(() => {
      this.CONSUME(t.TightLSquare);
      this.SUBRULE(this.extent);
      this.MANY(() => {
        this.CONSUME(t.Comma);
        this.SUBRULE2(this.extent);
      });
      this.OPTION2(() => this.CONSUME2(t.Comma));
      this.CONSUME(t.RSquare);
    });
  });

  extent = this.RULE("extent", () => {
    this.OR([{ ALT: () => this.SUBRULE(this.rest) }, { ALT: () => this.SUBRULE(this.expr) }]);
  });

  rowType = this.RULE("rowType", () => {
    this.CONSUME(t.LCurly);
    this.OPTION(() => {
      this.SUBRULE(this.column);
      this.MANY(() => {
        this.CONSUME(t.Comma);
        this.SUBRULE2(this.column);
      });
      this.OPTION2(() => this.CONSUME2(t.Comma));
    });
    this.CONSUME(t.RCurly);
  });

  column = this.RULE("column", () => {
    this.OR([{ ALT: () => this.SUBRULE(this.rest) }, { ALT: () => this.SUBRULE(this.field) }]);
  });

  /** `..` or `..S` */
  rest = this.RULE("rest", () => {
    this.CONSUME(t.DotDot);
    this.OPTION(() => this.CONSUME(t.Name));
  });

  // Paths ------------------------------------------------------------------------------------------

  path = this.RULE("path", () => {
    this.SUBRULE(this.pathStep);
    this.MANY(() => {
      this.CONSUME(t.Dot);
      this.SUBRULE2(this.pathStep);
    });
  });

  pathStep = this.RULE("pathStep", () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Name) },
      { ALT: () => this.CONSUME(t.NumberWord) },
      { ALT: () => this.CONSUME(t.Star) },
      { ALT: () => this.CONSUME(t.StarStar) },
      { ALT: () => this.SUBRULE(this.pathChoices) },
    ]);
  });

  pathChoices = this.RULE("pathChoices", () => {
    this.CONSUME(t.LCurly);
    this.SUBRULE(this.pathChoice);
    this.MANY(() => {
      this.CONSUME(t.Comma);
      this.SUBRULE2(this.pathChoice);
    });
    this.OPTION(() => this.CONSUME2(t.Comma));
    this.CONSUME(t.RCurly);
  });

  pathChoice = this.RULE("pathChoice", () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Name) },
      {
        ALT: () => {
          this.CONSUME(t.NumberWord, { LABEL: "first" });
          this.OPTION(() => {
            this.CONSUME(t.DotDot);
            this.CONSUME2(t.NumberWord, { LABEL: "last" });
          });
        },
      },
    ]);
  });

  // Declarations -----------------------------------------------------------------------------------

  binding = this.RULE("binding", () => {
    this.CONSUME(t.Name);
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expr);
  });

  sizes = this.RULE("sizes", () => {
    this.CONSUME(t.LSquare);
    this.SUBRULE(this.sizeParam);
    this.MANY(() => {
      this.CONSUME(t.Comma);
      this.SUBRULE2(this.sizeParam);
    });
    this.OPTION(() => this.CONSUME2(t.Comma));
    this.CONSUME(t.RSquare);
  });

  sizeParam = this.RULE("sizeParam", () => {
    this.OPTION(() => this.CONSUME(t.DotDot));
    this.CONSUME(t.Name);
  });

  params = this.RULE("params", () => {
    this.CONSUME(t.LParen);
    this.OPTION(() => {
      this.SUBRULE(this.field);
      this.MANY(() => {
        this.CONSUME(t.Comma);
        this.SUBRULE2(this.field);
      });
      this.OPTION2(() => this.CONSUME2(t.Comma));
    });
    this.CONSUME(t.RParen);
  });

  field = this.RULE("field", () => {
    this.CONSUME(t.Name);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.type);
    this.OPTION(() => {
      this.CONSUME(t.Equals);
      this.SUBRULE(this.expr);
    });
  });

  // Gates ------------------------------------------------------------------------------------------

  /** `32 seq`: a number, then a unit on the same line that does not begin a statement of its own. */
  private partedUnitFollows(): boolean {
    const number = this.LA(0);
    const unit = this.LA(1);
    const after = this.LA(2);
    if (unit.startLine !== number.endLine) return false;
    if (unit.tokenType === t.Percent) {
      const closes = [t.Comma, t.RParen, t.RCurly, t.RSquare].includes(after.tokenType);
      return closes || Number.isNaN(after.startOffset) || this.LA(3).tokenType === t.Equals;
    }
    return t.units.has(unit.image) && after.tokenType !== t.Equals && after.tokenType !== t.Colon;
  }
}
