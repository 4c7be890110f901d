/**
 * The Jinja of chat templates, as Transformers sets it up (blocks trimmed, `raise_exception`), but without a
 * clock: templates that write today's date have a date of their own for where there is none, and with it
 * the same conversations are the same text on every day.
 */

import { Environment, Interpreter, parse, tokenize } from "@huggingface/jinja";

export type Renderer = (variables: Readonly<Record<string, unknown>>) => string;

/**
 * Jinja's `lstrip_blocks` and `trim_blocks`: the space before a block on its line, and the line end after
 * one, are not text. It comes before anything else is done with a template's tags.
 */
export function trimmedBlocks(template: string): string {
  return template.replace(/^[ \t]*(\{[#%-])/gm, "$1").replace(/([#%-]\})\n/g, "$1");
}

/**
 * `template` has its blocks trimmed. Throws where it does not parse; the renderer throws what the template
 * raises.
 */
export function renderer(template: string): Renderer {
  const program = parse(tokenize(template));
  return (variables) => {
    const environment = new Environment();
    for (const [name, value] of Object.entries({ ...globals, ...variables }))
      environment.set(name, value);
    const result = new Interpreter(environment).run(program);
    return String(result.value);
  };
}

const globals = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
  raise_exception: (message: string) => {
    throw new Error(message);
  },
  range: (start: number, stop?: number, step?: number) => numbers(start, stop, step),
};

/** Python's `range`, whose first argument is the end when it is alone. */
function numbers(start: number, stop?: number, step = 1): readonly number[] {
  const [first, end] = stop === undefined ? [0, start] : [start, stop];
  const count = Math.max(0, Math.ceil((end - first) / step));
  return Array.from({ length: count }, (_, index) => first + index * step);
}
