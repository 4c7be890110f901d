/**
 * `ftc chat MODEL`: a conversation by the model's own chat template, a line of standard input a turn. Ctrl-C ends the
 * answer at hand; the end of the input (Ctrl-D) ends the conversation.
 */

import { Device } from "../../runtime/device.ts";
import { MachineError, messageOf } from "../../runtime/errors.ts";
import { Interrupt } from "../../runtime/interrupt.ts";
import {
  type ChatMessage,
  type ChatTemplate,
  loadChatTemplate,
} from "../../runtime/tokenizer/chat.ts";
import { loadTokenizer, type Tokenizer } from "../../runtime/tokenizer/tokenizer.ts";
import { command, type ExitCode, exit, flag, value } from "./command.ts";
import {
  answerOf,
  choiceOf,
  openWriter,
  usualLimit,
  writableModel,
  writerParameters,
} from "./writer.ts";

/** Tokens of a conversation, where the model reads so many. */
const context = 4096;

export const chat = command({
  name: "chat",
  summary: "talk with a model, a line a turn",
  parameters: {
    ...writerParameters,
    system: value("--system <TEXT>", "what the conversation begins with"),
    json: flag("--json", "print one JSON object a turn"),
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
    const stop = await endOfTurn(template, tokenizer);
    const device = await Device.open({ name });
    try {
      const writer = await openWriter(io, model, device, context);
      const messages: ChatMessage[] =
        system === undefined ? [] : [{ role: "system", content: system }];
      const ask = (): void => {
        if (io.stdin.isTerminal) io.stderr.write("> ");
      };
      ask();
      let code: ExitCode = exit.done;
      for await (const line of io.stdin.lines()) {
        if (line.trim() !== "") {
          messages.push({ role: "user", content: line });
          const prompt = await promptTokens(template, tokenizer, messages);
          const interrupt = new Interrupt(() => {});
          // Each turn draws from a seed of its own.
          const seeded =
            choice.kind === "greedy" ? choice : { ...choice, seed: choice.seed + messages.length };
          const asked = { prompt, limit, stop, choice: seeded, interrupt };
          const answer = await answerOf(writer, tokenizer, asked, (more) => {
            if (!json) io.stdout.write(more);
          });
          interrupt.close();
          io.stdout.write(json ? `${JSON.stringify(answer)}\n` : "\n");
          messages.push({ role: "assistant", content: answer.text });
          if (answer.ended === "interrupted" && !io.stdin.isTerminal) {
            code = exit.interrupted;
            break;
          }
        }
        ask();
      }
      if (io.stdin.isTerminal) io.stderr.write("\n");
      writer.close();
      return code;
    } finally {
      device.close();
    }
  },
});

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
