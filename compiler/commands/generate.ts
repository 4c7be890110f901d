/** `ftc generate MODEL`: writes on after a prompt, greedily unless options ask for drawing. */

import { Device } from "../../runtime/device.ts";
import { Interrupt } from "../../runtime/interrupt.ts";
import { loadTokenizer, type Tokenizer } from "../../runtime/tokenizer/tokenizer.ts";
import { command, exit, type Io, outputOptions, UsageError, value } from "./command.ts";
import {
  answerOf,
  choiceOf,
  contextFor,
  openWriter,
  requireRoom,
  usualLimit,
  writableModel,
  writerParameters,
} from "./writer.ts";

/** Tokens of room for the padding of a prompt's first chunk. */
const slack = 16;

export const generate = command({
  name: "generate",
  summary: "let a model write on after a prompt",
  parameters: {
    ...writerParameters,
    prompt: value("--prompt <TEXT>", "what to go on from; - reads it from standard input"),
    ...outputOptions("print one JSON object at the end"),
  },
  async run(io, { prompt: written, json, limit = usualLimit, device: name, ...options }) {
    const text = await promptText(io, written);
    const choice = choiceOf(options);
    const model = await writableModel(io, options);
    if (model === undefined) return exit.program;
    const tokenizer = await loadTokenizer(model.tokenizer);
    const prompt = await promptTokens(tokenizer, text);
    const context = contextFor(model, prompt.length + limit + slack);
    requireRoom(prompt, context);
    const device = await Device.open({ name });
    const interrupt = new Interrupt(() => {});
    try {
      const writer = await openWriter(io, model, device, context);
      if (writer === undefined) return exit.program;
      const asked = { prompt, limit, stop: [], choice, interrupt };
      const show = (more: string): void => {
        if (!json) io.stdout.write(more);
      };
      const answer = await answerOf(writer, tokenizer, asked, show).finally(writer.close);
      io.stdout.write(json ? `${JSON.stringify({ prompt: text, ...answer })}\n` : "\n");
      return answer.ended === "interrupted" ? exit.interrupted : exit.done;
    } finally {
      interrupt.close();
      device.close();
    }
  },
});

/** A line end that a shell or an editor put behind the prompt is not part of it. */
async function promptText(io: Io, written: string | undefined): Promise<string> {
  if (written === undefined)
    throw new UsageError("what to go on from? --prompt TEXT, or --prompt - for standard input");
  const text = written === "-" ? (await io.stdin.text()).replace(/\r?\n$/, "") : written;
  if (text !== "") return text;
  throw new UsageError("the prompt is empty, and a model goes on from something");
}

/** With the marks that the tokenizer puts before a text, and without one that it puts after it. */
async function promptTokens(tokenizer: Tokenizer, text: string): Promise<Int32Array> {
  const [[marked], [plain]] = [
    await tokenizer.encode([text], true),
    await tokenizer.encode([text], false),
  ];
  const last = marked.ids[marked.ids.length - 1];
  const isClosed =
    last !== plain.ids[plain.ids.length - 1] && tokenizer.specials.stops.includes(last);
  return isClosed ? marked.ids.slice(0, -1) : marked.ids;
}
