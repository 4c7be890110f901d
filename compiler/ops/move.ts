/**
 * Operations that move elements and compute nothing. Each says where a result's element comes from, by which
 * the kernel level reads through it without a copy.
 */

import { elementsOf, type NdArray, placesOf, stridesOf, taken } from "../tensor/ndarray.ts";
import { type Decoded, decode, type Schema, whole, wholes } from "./attrs.ts";
import { demand, demandCount, operation, sameShape } from "./define.ts";
import type { Form, IndexArithmetic, Source, TensorType } from "./op.ts";
import { flatGroups } from "./reshape-groups.ts";

const shapeOnly = { shape: wholes };

/** The same elements in the same row-major order, under other axes. */
export const reshape = operation("reshape", {
  attrs: shapeOnly,
  form: view("reshape", shapeOnly, (arithmetic, index, [x], { shape }) => {
    const inner = x.shape.map(() => arithmetic.constant(0));
    // The index along an axis of size 1 is 0, and takes no arithmetic.
    const isLong = (of: readonly number[]) => (axis: number) => of[axis] > 1;
    for (const group of flatGroups(x.shape, shape)) {
      const [from, to] = [group.from.filter(isLong(x.shape)), group.to.filter(isLong(shape))];
      const [first, ...others] = to;
      if (first === undefined) continue;
      let flat = index[first];
      for (const axis of others) {
        flat = arithmetic.add(arithmetic.multiply(flat, shape[axis]), index[axis]);
      }
      for (const axis of from.toReversed()) {
        inner[axis] = axis === from[0] ? flat : arithmetic.remainder(flat, x.shape[axis]);
        if (axis !== from[0]) flat = arithmetic.divide(flat, x.shape[axis]);
      }
    }
    return [always(0, inner)];
  }),
  infer(args, { shape }) {
    demandCount("reshape", args, 1);
    const [x] = args;
    const fits = elementsOf(x.shape) === elementsOf(shape);
    demand(fits, "reshape", `[${shape}] has as many elements`, args);
    return [{ dtype: x.dtype, shape }];
  },
  gradient: ({ reshape, typeOf }, { args: [x], dy }) => [() => reshape(dy, typeOf(x).shape)],
  reference: ([x], { shape }) => [{ ...x, shape }],
});

const orderOnly = { order: wholes };

/** Axis `order[i]` of the argument becomes axis i. */
export const transpose = operation("transpose", {
  attrs: orderOnly,
  form: view("transpose", orderOnly, (_, index, __, { order }) => [
    always(
      0,
      order.map((___, axis) => index[order.indexOf(axis)]),
    ),
  ]),
  infer(args, { order }) {
    demandCount("transpose", args, 1);
    const [{ dtype, shape }] = args;
    const isPermutation =
      order.length === shape.length && shape.every((_, axis) => order.includes(axis));
    demand(isPermutation, "transpose", `[${order}] names each axis once`, args);
    return [{ dtype, shape: order.map((axis) => shape[axis]) }];
  },
  gradient: ({ transpose }, { attrs: { order }, dy }) => [
    () =>
      transpose(
        dy,
        order.map((_, axis) => order.indexOf(axis)),
      ),
  ],
  reference([x], { order }, [result]) {
    const strides = stridesOf(x.shape);
    return [
      read(
        x,
        result,
        order.map((axis) => strides[axis]),
      ),
    ];
  },
});

const broadcastAttrs = { shape: wholes, axes: wholes };

/** Repeats along new axes: axis i of the argument becomes axis `axes[i]` of `shape`, with the same size. */
export const broadcast = operation("broadcast", {
  attrs: broadcastAttrs,
  form: view("broadcast", broadcastAttrs, (_, index, __, { axes }) => [
    always(
      0,
      axes.map((axis) => index[axis]),
    ),
  ]),
  infer(args, { shape, axes }) {
    demandCount("broadcast", args, 1);
    const [x] = args;
    const inOrder = axes.every((axis, at) => at === 0 || axes[at - 1] < axis);
    const fits = sameShape(
      x.shape,
      axes.map((axis) => shape[axis]),
    );
    demand(
      inOrder && fits,
      "broadcast",
      `axes [${axes}] of [${shape}] are its own, in order`,
      args,
    );
    return [{ dtype: x.dtype, shape }];
  },
  gradient: ({ reduceSum }, { attrs: { shape, axes }, dy }) => [
    () => reduceSum(dy, newAxes(shape, axes)),
  ],
  reference([x], { shape, axes }, [result]) {
    const strides = stridesOf(x.shape);
    const repeated = shape.map((_, axis) =>
      axes.includes(axis) ? strides[axes.indexOf(axis)] : 0,
    );
    return [read(x, result, repeated)];
  },
});

const sliceAttrs = { starts: wholes, sizes: wholes };

/** The part that begins at `starts` and has `sizes`. */
export const slice = operation("slice", {
  attrs: sliceAttrs,
  form: view("slice", sliceAttrs, (arithmetic, index, _, { starts }) => [
    always(
      0,
      starts.map((start, axis) => shifted(arithmetic, index[axis], start)),
    ),
  ]),
  infer(args, { starts, sizes }) {
    demandCount("slice", args, 1);
    const [{ dtype, shape }] = args;
    const inside =
      starts.length === shape.length &&
      sizes.length === shape.length &&
      shape.every((size, axis) => starts[axis] + sizes[axis] <= size);
    demand(inside, "slice", `[${sizes}] from [${starts}] lies inside`, args);
    return [{ dtype, shape: sizes }];
  },
  gradient: ({ pad, typeOf }, { args: [x], attrs: { starts, sizes }, dy }) => [
    () =>
      pad(
        dy,
        starts,
        typeOf(x).shape.map((size, axis) => size - starts[axis] - sizes[axis]),
      ),
  ],
  reference([x], { starts }, [result]) {
    const strides = stridesOf(x.shape);
    const start = starts.reduce((sum, at, axis) => sum + at * strides[axis], 0);
    return [read(x, result, strides, start)];
  },
});

const padAttrs = { before: wholes, after: wholes };

/** Zeros around: so many before and after along each axis. */
export const pad = operation("pad", {
  attrs: padAttrs,
  form: view("pad", padAttrs, (arithmetic, index, [x], { before, after }) => {
    const inner = before.map((count, axis) => shifted(arithmetic, index[axis], -count));
    const inside = index.flatMap((at, axis) =>
      before[axis] + after[axis] === 0
        ? []
        : [{ index: at, lower: before[axis], upper: before[axis] + x.shape[axis] }],
    );
    return [{ argument: 0, index: inner, inside }];
  }),
  infer(args, { before, after }) {
    demandCount("pad", args, 1);
    const [{ dtype, shape }] = args;
    const fits = before.length === shape.length && after.length === shape.length;
    demand(fits, "pad", `before [${before}] and after [${after}] have a number an axis`, args);
    return [{ dtype, shape: shape.map((size, axis) => before[axis] + size + after[axis]) }];
  },
  gradient: ({ slice, typeOf }, { args: [x], attrs: { before }, dy }) => [
    () => slice(dy, before, typeOf(x).shape),
  ],
  reference([x], { before }, [result]) {
    const data = new Float64Array(elementsOf(result.shape));
    write(data, result, x, before);
    return [{ ...result, data }];
  },
});

const axisOnly = { axis: whole };

/** Any number of tensors, one after the other along `axis`. */
export const concat = operation("concat", {
  attrs: axisOnly,
  form: view("concat", axisOnly, (arithmetic, index, args, { axis }) =>
    startsAlong(args, axis).map((start, argument) => {
      const inner = index.map((at, other) =>
        other === axis ? shifted(arithmetic, at, -start) : at,
      );
      const upper = start + args[argument].shape[axis];
      return { argument, index: inner, inside: [{ index: index[axis], lower: start, upper }] };
    }),
  ),
  infer(args, { axis }) {
    demand(args.length > 0, "concat", "it takes one argument or more", args);
    const [{ dtype, shape }] = args;
    const alike = args.every(
      (arg) =>
        arg.dtype === dtype &&
        arg.shape.length === shape.length &&
        shape.every((size, at) => at === axis || arg.shape[at] === size),
    );
    demand(alike && axis < shape.length, "concat", `they are alike but along axis ${axis}`, args);
    const along = args.reduce((sum, arg) => sum + arg.shape[axis], 0);
    return [{ dtype, shape: shape.with(axis, along) }];
  },
  gradient({ slice, typeOf }, { args, attrs: { axis }, dy }) {
    const types = args.map(typeOf);
    return startsAlong(types, axis).map((start, at) => () => {
      const { shape } = types[at];
      return slice(
        dy,
        shape.map((_, other) => (other === axis ? start : 0)),
        shape,
      );
    });
  },
  reference(args, { axis }, [result]) {
    const data = new Float64Array(elementsOf(result.shape));
    const starts = startsAlong(args, axis);
    args.forEach((arg, at) => {
      write(
        data,
        result,
        arg,
        arg.shape.map((_, other) => (other === axis ? starts[at] : 0)),
      );
    });
    return [{ ...result, data }];
  },
});

// Places ----------------------------------------------------------------------------------------

type DecodedView<S extends Schema> = <I>(
  arithmetic: IndexArithmetic<I>,
  index: readonly I[],
  args: readonly TensorType[],
  attrs: Decoded<S>,
  result: TensorType,
) => readonly Source<I>[];

function view<S extends Schema>(name: string, schema: S, rule: DecodedView<S>): Form {
  return {
    kind: "view",
    view: (arithmetic, index, args, attrs, result) =>
      rule(arithmetic, index, args, decode(name, schema, attrs), result),
  };
}

function always<I>(argument: number, index: readonly I[]): Source<I> {
  return { argument, index, inside: [] };
}

function shifted<I>(arithmetic: IndexArithmetic<I>, index: I, by: number): I {
  return by === 0 ? index : arithmetic.add(index, arithmetic.constant(by));
}

/** Where each part begins along the axis. */
function startsAlong(args: readonly TensorType[], axis: number): number[] {
  let start = 0;
  return args.map((arg) => {
    const own = start;
    start += arg.shape[axis];
    return own;
  });
}

function newAxes(shape: readonly number[], axes: readonly number[]): number[] {
  return shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
}

function read(x: NdArray, result: TensorType, strides: readonly number[], start = 0): NdArray {
  return { ...result, data: taken(x.data, placesOf(result.shape, strides, start)) };
}

/** Puts an array into a larger one, from an index of it on. */
export function write(
  data: Float64Array,
  whole: TensorType,
  part: NdArray,
  at: readonly number[],
): void {
  const strides = stridesOf(whole.shape);
  const start = at.reduce((sum, index, axis) => sum + index * strides[axis], 0);
  const places = placesOf(part.shape, strides, start);
  for (let element = 0; element < places.length; element++) {
    data[places[element]] = part.data[element];
  }
}
