/** Parts of models as graphs, and how many kernels each should become. */

import { bug } from "../../compiler/bug.ts";
import { gradients } from "../../compiler/graph/autodiff.ts";
import { GraphBuilder } from "../../compiler/graph/builder.ts";
import { withoutRepeats } from "../../compiler/graph/cse.ts";
import { withoutDead } from "../../compiler/graph/dead.ts";
import type { Graph, InputKind, ValueId } from "../../compiler/graph/graph.ts";
import { simplified } from "../../compiler/graph/simplify.ts";
import { nodesOf } from "../../compiler/ops/nodes.ts";
import type { Dtype } from "../../compiler/tensor/dtype.ts";

export interface Block {
  readonly title: string;
  readonly graph: Graph;
  /** Kernels that it should become. */
  readonly kernels: number;
}

class Sketch {
  readonly builder: GraphBuilder;
  readonly nodes: ReturnType<typeof nodesOf>;

  constructor(title: string) {
    this.builder = new GraphBuilder(title);
    this.nodes = nodesOf(this.builder);
  }

  input(
    name: string,
    shape: readonly number[],
    kind: InputKind = "weight",
    dtype: Dtype = "f32",
  ): ValueId {
    return this.builder.input(name, kind, { dtype, shape });
  }

  one(op: string, ...args: ValueId[]): ValueId {
    return this.nodes.one(op, args);
  }

  /** A value of the shape without the last axis, repeated along it. */
  alongLast(value: ValueId, like: ValueId): ValueId {
    const { shape } = this.nodes.typeOf(like);
    return this.nodes.broadcast(
      value,
      shape,
      shape.slice(1).map((_, axis) => axis),
    );
  }

  /** A vector, repeated along all axes but the last. */
  everywhere(vector: ValueId, like: ValueId): ValueId {
    const { shape } = this.nodes.typeOf(like);
    return this.nodes.broadcast(vector, shape, [shape.length - 1]);
  }

  /** One number, repeated. */
  filled(number: ValueId, like: ValueId): ValueId {
    return this.nodes.broadcast(number, this.nodes.typeOf(like).shape, []);
  }

  lastAxis(value: ValueId): number[] {
    return [this.nodes.typeOf(value).shape.length - 1];
  }

  /** x[.., k] · w[k, n] */
  linear(x: ValueId, w: ValueId): ValueId {
    const rank = this.nodes.typeOf(x).shape.length;
    const left = Array.from({ length: rank }, (_, axis) => axis);
    return this.nodes.one("contract", [x, w], {
      left,
      right: [rank - 1, rank],
      out: left.with(rank - 1, rank),
    });
  }

  normed(x: ValueId, gain: ValueId): ValueId {
    const { reduceSum, multiply, scale, add, constant, typeOf } = this.nodes;
    const axes = this.lastAxis(x);
    const width = typeOf(x).shape[axes[0]];
    const mean = scale(reduceSum(multiply(x, x), axes), 1 / width);
    const length = this.one("rsqrt", add(mean, constant(1e-6, typeOf(mean))));
    return multiply(multiply(x, this.alongLast(length, x)), this.everywhere(gain, x));
  }

  softmax(x: ValueId): ValueId {
    const { exp, subtract, divide, reduceSum } = this.nodes;
    const axes = this.lastAxis(x);
    const top = this.nodes.one("reduceMax", [x], { axes });
    const shares = exp(subtract(x, this.alongLast(top, x)));
    return divide(shares, this.alongLast(reduceSum(shares, axes), x));
  }

  silu(x: ValueId): ValueId {
    return this.nodes.multiply(x, this.one("sigmoid", x));
  }

  /** The sum of all elements. */
  total(x: ValueId): ValueId {
    return this.nodes.reduceSum(
      x,
      this.nodes.typeOf(x).shape.map((_, axis) => axis),
    );
  }

  done(): Graph {
    return withoutDead(withoutRepeats(simplified(withoutRepeats(this.builder.build()))));
  }
}

function block(title: string, kernels: number, sketch: (sketch: Sketch) => void): Block {
  const own = new Sketch(title);
  sketch(own);
  return { title, kernels, graph: own.done() };
}

export const blocks: readonly Block[] = [
  block("root mean square norm", 1, (s) => {
    s.builder.output("y", s.normed(s.input("x", [6, 32]), s.input("gain", [32])));
  }),

  block("its gradient by the input alone, as when the gain is frozen", 1, (s) => {
    const x = s.input("x", [6, 32]);
    const y = s.normed(x, s.input("gain", [32]));
    const loss = s.total(s.nodes.multiply(y, s.input("dy", [6, 32])));
    s.builder.output("dx", gradientOf(s, loss, x));
  }),

  block("layer norm", 1, (s) => {
    const { reduceSum, scale, subtract, multiply, add, constant, typeOf } = s.nodes;
    const x = s.input("x", [6, 32]);
    const mean = scale(reduceSum(x, [1]), 1 / 32);
    const centred = subtract(x, s.alongLast(mean, x));
    const spread = scale(reduceSum(multiply(centred, centred), [1]), 1 / 32);
    const length = s.one("rsqrt", add(spread, constant(1e-5, typeOf(spread))));
    const y = multiply(
      multiply(centred, s.alongLast(length, x)),
      s.everywhere(s.input("gain", [32]), x),
    );
    s.builder.output("y", add(y, s.everywhere(s.input("bias", [32]), x)));
  }),

  block("softmax", 1, (s) => {
    s.builder.output("y", s.softmax(s.input("x", [3, 5, 24])));
  }),

  block("softmax and its gradient", 1, (s) => {
    const x = s.input("x", [6, 24]);
    const y = s.softmax(x);
    const loss = s.total(s.nodes.multiply(y, s.input("dy", [6, 24])));
    s.builder.output("y", y);
    s.builder.output("dx", gradientOf(s, loss, x));
  }),

  block("a gated unit", 1, (s) => {
    const [gate, up] = [s.input("gate", [6, 48]), s.input("up", [6, 48])];
    s.builder.output("y", s.nodes.multiply(s.silu(gate), up));
  }),

  block("the gradients of a gated unit", 1, (s) => {
    const [gate, up] = [s.input("gate", [6, 48]), s.input("up", [6, 48])];
    const y = s.nodes.multiply(s.silu(gate), up);
    const loss = s.total(s.nodes.multiply(y, s.input("dy", [6, 48])));
    s.builder.output("dgate", gradientOf(s, loss, gate));
    s.builder.output("dup", gradientOf(s, loss, up));
  }),

  block("a linear layer with a bias and a residual", 1, (s) => {
    const x = s.input("x", [6, 32]);
    const y = s.nodes.add(
      s.linear(x, s.input("w", [32, 32])),
      s.everywhere(s.input("bias", [32]), x),
    );
    s.builder.output("y", s.nodes.add(y, s.input("residual", [6, 32])));
  }),

  block("a linear layer on what a norm gives", 2, (s) => {
    const x = s.normed(s.input("x", [2, 5, 32]), s.input("gain", [32]));
    s.builder.output("y", s.linear(x, s.input("w", [32, 40])));
  }),

  block("a low-rank adapter beside a frozen layer", 3, (s) => {
    const x = s.input("x", [6, 32]);
    const low = s.linear(x, s.input("a", [32, 4]));
    const high = s.nodes.scale(s.linear(low, s.input("b", [4, 32])), 0.5);
    s.builder.output("y", s.nodes.add(s.linear(x, s.input("w", [32, 32])), high));
  }),

  block("a gradient added to the sum of those before", 1, (s) => {
    const [x, dy] = [s.input("x", [12, 8]), s.input("dy", [12, 16])];
    const sum = s.input("sum", [8, 16], "state");
    const gradient = s.nodes.one("contract", [x, dy], { left: [0, 1], right: [0, 2], out: [1, 2] });
    s.builder.output("sum", s.nodes.add(sum, gradient), "sum");
  }),

  block("rotary positions", 1, (s) => {
    const { slice, negate, multiply, add, broadcast } = s.nodes;
    const x = s.input("x", [2, 6, 4, 16]);
    const [left, right] = [
      slice(x, [0, 0, 0, 0], [2, 6, 4, 8]),
      slice(x, [0, 0, 0, 8], [2, 6, 4, 8]),
    ];
    const turned = s.nodes.one("concat", [negate(right), left], { axis: 3 });
    const around = (name: string) => broadcast(s.input(name, [6, 16]), [2, 6, 4, 16], [1, 3]);
    s.builder.output("y", add(multiply(x, around("cosine")), multiply(turned, around("sine"))));
  }),

  block("Adam with decoupled decay", 1, (s) => {
    const { multiply, add, subtract, divide, scale, power, constant, typeOf } = s.nodes;
    const p = s.input("p", [8, 12], "state");
    const m = s.input("m", [8, 12], "state");
    const v = s.input("v", [8, 12], "state");
    const g = s.input("g", [8, 12]);
    const step = s.input("step", [], "scalar");
    const one = constant(1, typeOf(step));
    const after = (beta: number) =>
      s.filled(subtract(one, power(constant(beta, typeOf(step)), add(step, one))), p);
    const rate = s.filled(divide(constant(0.01, typeOf(step)), add(step, one)), p);
    const first = add(scale(m, 0.9), scale(g, 0.1));
    const second = add(scale(v, 0.99), scale(multiply(g, g), 0.01));
    const length = add(s.one("sqrt", divide(second, after(0.99))), constant(1e-8, typeOf(p)));
    const change = add(divide(divide(first, after(0.9)), length), scale(p, 0.1));
    s.builder.output("m", first, "m");
    s.builder.output("v", second, "v");
    s.builder.output("p", subtract(p, multiply(rate, change)), "p");
  }),

  // Beside the second fold is room for clearing sums, but they would be gone before the updates read them.
  block(
    "updates of twelve weights, which clear their gradients unless the step went wrong",
    14,
    (s) => {
      const { add, multiply, subtract, scale, select, reduceSum, constant, typeOf } = s.nodes;
      const names = Array.from({ length: 12 }, (_, at) => String(at));
      const state = (name: string) => s.input(name, [8, 12], "state");
      const sums = names.map((name) => state(`sum.${name}`));
      const square = sums.map((sum) => reduceSum(multiply(sum, sum), [0, 1])).reduce(add);
      const sound = s.one("finite", square);
      const replace = (name: string, before: ValueId, after: ValueId) =>
        s.builder.output(name, select(s.filled(sound, before), after, before), name);
      for (const [at, name] of names.entries()) {
        const [p, m, v, sum] = [state(name), state(`m.${name}`), state(`v.${name}`), sums[at]];
        const [first, second] = [add(scale(m, 0.9), sum), add(scale(v, 0.9), multiply(sum, sum))];
        replace(`m.${name}`, m, first);
        replace(`v.${name}`, v, second);
        replace(name, p, subtract(p, multiply(first, second)));
        replace(`sum.${name}`, sum, constant(0, typeOf(sum)));
      }
    },
  ),

  block("embedding with positions", 1, (s) => {
    const tokens = s.input("tokens", [2, 6], "batch", "i32");
    const rows = s.nodes.one("gather", [s.input("table", [11, 16]), tokens]);
    const positions = s.nodes.broadcast(s.input("positions", [6, 16]), [2, 6, 16], [1, 2]);
    s.builder.output("x", s.nodes.add(rows, positions));
  }),

  block("heads taken apart, turned and put together", 1, (s) => {
    const { reshape, transpose } = s.nodes;
    const x = s.input("x", [2, 6, 32]);
    const heads = transpose(reshape(x, [2, 6, 4, 8]), [0, 2, 1, 3]);
    const back = reshape(transpose(heads, [0, 2, 1, 3]), [12, 32]);
    s.builder.output("y", s.linear(back, s.input("w", [32, 16])));
  }),

  block("dropout", 1, (s) => {
    const { constant, less, select, scale, typeOf } = s.nodes;
    const x = s.input("x", [6, 32]);
    const seed = s.input("seed", [], "scalar", "u32");
    const draw = s.nodes.one("random", [seed], { shape: [6, 32], stream: 3 });
    const keeps = less(constant(0.25, typeOf(x)), draw);
    s.builder.output("y", select(keeps, scale(x, 4 / 3), constant(0, typeOf(x))));
  }),

  block("a bias's gradient, over many rows", 1, (s) => {
    s.builder.output("db", s.nodes.reduceSum(s.input("dy", [700, 32]), [0]));
  }),
];

function gradientOf(s: Sketch, loss: ValueId, x: ValueId): ValueId {
  const [gradient] = gradients(s.builder, loss, [x]);
  return gradient ?? bug("the loss does not depend on it");
}
