/**
 * `ftc chat MODEL`: a conversation by the model's own chat template, a line of standard input a turn. Ctrl-C ends the
 * answer at hand; the end of the input (Ctrl-D) ends the conversation.
 */

import type { Choice } from "../../runtime/choose.ts";
import { Device } from "../../runtime/device.ts";
import { MachineError, messageOf } from "../../runtime/errors.ts";
import { Interrupt } from "../../runtime/interrupt.ts";
import {
  type ChatMessage,
  type ChatTemplate,
  loadChatTemplate,
} from "../../runtime/tokenizer/chat.ts";
import { loadTokenizer, type Tokenizer } from "../../runtime/tokenizer/tokenizer.ts";
import { command, type ExitCode, exit, type Io, outputOptions, value } from "./command.ts";
import {
  type Answer,
  answerOf,
  choiceOf,
  contextFor,
  openWriter,
  requireRoom,
  usualLimit,
  type Writer,
  writableModel,
  writerParameters,
} from "./writer.ts";

/** Tokens of a conversation, where the model reads so many. */
const usualContext = 4096;

export const chat = command({
  name: "chat",
  summary: "talk with a model, a line a turn",
  parameters: {
    ...writerParameters,
    system: value("--system <TEXT>", "what the conversation begins with"),
    ...outputOptions("print one JSON object a turn"),
  },
  async run(io, { system, json, limit = usualLimit, device: name, ...options }) {
    const choice = choiceOf(options);
    const model = await writableModel(io, options);
    if (model === undefined) return exit.program;
    const tokenizer = await loadTokenizer(model.tokenizer);
    const template = await loadChatTemplate(model.tokenizer, tokenizer.specials);
    if (template === undefined) {
      throw new MachineError(`${options.of} has no chat template, so nobody knows how it talks`, [
        "`ftc generate` goes on from plain text",
      ]);
    }
    const device = await Device.open({ name });
    try {
      const writer = await openWriter(io, model, device, contextFor(model, usualContext));
      if (writer === undefined) return exit.program;
      const messages: ChatMessage[] = [];
      if (system !== undefined) messages.push({ role: "system", content: system });
      const stop = await endOfTurn(template, tokenizer);
      const conversation = {
        writer,
        tokenizer,
        template,
        messages,
        choice,
        limit,
        stop,
        json,
      };
      return await talk(io, conversation).finally(writer.close);
    } finally {
      device.close();
    }
  },
});

interface Conversation {
  readonly writer: Writer;
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate;
  /** Grows by two a turn. */
  readonly messages: ChatMessage[];
  readonly choice: Choice;
  readonly limit: number;
  /** Tokens that end a turn. */
  readonly stop: readonly number[];
  readonly json: boolean;
}

/** A turn for each line that says something, until the input ends. */
async function talk(io: Io, conversation: Conversation): Promise<ExitCode> {
  const { isTerminal } = io.stdin;
  const ask = (): void => {
    if (isTerminal) io.stderr.write("> ");
  };
  ask();
  for await (const line of io.stdin.lines()) {
    if (line.trim() !== "") {
      const { ended } = await turn(io, conversation, line);
      // Whoever pipes lines in asks for all of them to end; a person goes on.
      if (ended === "interrupted" && !isTerminal) return exit.interrupted;
    }
    ask();
  }
  if (isTerminal) io.stderr.write("\n");
  return exit.done;
}

async function turn(io: Io, conversation: Conversation, line: string): Promise<Answer> {
  const { writer, tokenizer, template, messages, choice, limit, stop, json } = conversation;
  messages.push({ role: "user", content: line });
  const prompt = await promptTokens(template, tokenizer, messages);
  requireRoom(prompt, writer.context);
  const interrupt = new Interrupt(() => {});
  try {
    // Each turn draws from a seed of its own.
    const own =
      choice.kind === "greedy" ? choice : { ...choice, seed: choice.seed + messages.length };
    const asked = { prompt, limit, stop, choice: own, interrupt };
    const answer = await answerOf(writer, tokenizer, asked, (more) => {
      if (!json) io.stdout.write(more);
    });
    io.stdout.write(json ? `${JSON.stringify(answer)}\n` : "\n");
    messages.push({ role: "assistant", content: answer.text });
    return answer;
  } finally {
    interrupt.close();
  }
}

/** The template writes every mark itself, so the tokenizer adds none. */
async function promptTokens(
  template: ChatTemplate,
  tokenizer: Tokenizer,
  messages: readonly ChatMessage[],
): Promise<Int32Array> {
  let text: string;
  try {
    text = template.prompt(messages);
  } catch (thrown) {
    throw new MachineError(`the chat template refuses the conversation: ${messageOf(thrown)}`);
  }
  const [{ ids }] = await tokenizer.encode([text]);
  return ids;
}

/** The special tokens with which the template ends what an assistant says. */
async function endOfTurn(template: ChatTemplate, tokenizer: Tokenizer): Promise<readonly number[]> {
  const said = "answer";
  const result = template.mark([
    { role: "user", content: "question" },
    { role: "assistant", content: said },
  ]);
  if (result.kind !== "marked") return [];
  const { text, learn } = result.marked;
  const [from, to] = learn[learn.length - 1] ?? [0, 0];
  const [{ ids }] = await tokenizer.encode([text.slice(from, to).slice(said.length)]);
  return [...ids].filter((id) => tokenizer.isSpecial(id));
}
