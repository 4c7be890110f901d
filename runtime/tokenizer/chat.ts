/**
 * A model's own chat template (Jinja): conversations as text, and which of it the assistant says. A template
 * with `{% generation %}` marks that itself. For one without, each answer is found as what the conversation
 * up to and with it has beyond the conversation before it; a template that writes an answer differently
 * once others follow cannot be marked so, and we say it instead of guessing.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Marked } from "../data/marked.ts";
import { MachineError, messageOf } from "../errors.ts";
import { isMissing, isObject, readObject } from "../json.ts";
import { renderer, trimmedBlocks } from "./jinja.ts";
import type { Specials } from "./specials.ts";

export type ChatMessage = Readonly<Record<string, unknown>> & { readonly role: string };

export type ChatResult =
  | { readonly kind: "marked"; readonly marked: Marked }
  /** The template refuses this conversation: roles that do not alternate, a system role it does not know. */
  | { readonly kind: "refused"; readonly message: string }
  /** The template is not such that we could tell what the assistant says. */
  | { readonly kind: "unmarkable"; readonly message: string };

export interface ChatTemplate {
  /** A whole conversation, for training. */
  mark(messages: readonly ChatMessage[]): ChatResult;
  /** A conversation and the start of an answer, for generation. Throws what the template raises. */
  prompt(messages: readonly ChatMessage[]): string;
}

/** Undefined where the folder has none: a base model. Throws a MachineError for one that cannot be read. */
export async function loadChatTemplate(
  folder: string,
  specials: Specials,
): Promise<ChatTemplate | undefined> {
  const text = await templateText(folder);
  if (text === undefined) return undefined;
  try {
    return chatTemplate(text, specials);
  } catch (thrown) {
    throw new MachineError(`reading the chat template of ${folder}: ${messageOf(thrown)}`);
  }
}

// Characters that are in no text (Unicode noncharacters) stand for what must be found again.
const spanStart = "\ufdd0";
const spanEnd = "\ufdd1";
const endMark = "\ufdd2";
const reserved = /[\ufdd0-\ufdd2]/;

/** Throws where the template's Jinja does not parse. */
export function chatTemplate(text: string, specials: Specials): ChatTemplate {
  const marksItself = generationTag.test(text);
  const write = renderer(withMarks(trimmedBlocks(text)));
  const render = (
    messages: readonly ChatMessage[],
    options: { readonly asksForAnswer: boolean; readonly end?: string },
  ): string =>
    write({
      messages,
      // Transformers passes these even where there are none.
      tools: null,
      documents: null,
      add_generation_prompt: options.asksForAnswer,
      bos_token: specials.begin?.text ?? "",
      eos_token: options.end ?? specials.end?.text ?? "",
    });
  const prompt = (messages: readonly ChatMessage[]): string =>
    withoutSpans(render(messages, { asksForAnswer: true })).text;

  return {
    prompt,
    mark: (messages) => {
      if (reserved.test(JSON.stringify(messages))) {
        return { kind: "refused", message: "the conversation contains Unicode noncharacters" };
      }
      try {
        if (marksItself) {
          return {
            kind: "marked",
            marked: withoutSpans(render(messages, { asksForAnswer: false })),
          };
        }
        return derivedSpans(messages, specials.end?.text ?? "", (part, asksForAnswer) =>
          render(part, { asksForAnswer, end: endMark }),
        );
      } catch (thrown) {
        return { kind: "refused", message: `the chat template refuses it: ${messageOf(thrown)}` };
      }
    },
  };
}

/**
 * Spans from renderings that write `endMark` for the end token, so that an end token that closes the whole
 * text (rather than an answer) is told apart from everything else.
 */
function derivedSpans(
  messages: readonly ChatMessage[],
  end: string,
  render: (messages: readonly ChatMessage[], asksForAnswer: boolean) => string,
): ChatResult {
  const whole = render(messages, false);
  const learn: [number, number][] = [];
  for (const [index, message] of messages.entries()) {
    if (message.role !== "assistant") continue;
    const before = render(messages.slice(0, index), true);
    if (!whole.startsWith(before))
      return unmarkable(index, "does not begin as the model is asked to begin it");
    const upTo = render(messages.slice(0, index + 1), false);
    const shared = sharedLength(upTo, whole);
    // All of it is in the whole text, but for an end token that only closes a whole text.
    if (shared < upTo.length && upTo.slice(shared) !== endMark) {
      return unmarkable(index, "is written differently when more follows it");
    }
    const closes = closing(messages, index, upTo, render);
    const written = whole.slice(before.length, Math.min(shared, closes)).trimEnd();
    if (written !== "") learn.push([before.length, before.length + written.length]);
  }
  return { kind: "marked", marked: withEndTokens(whole, learn, end) };
}

/** Where an answer ends that is the last message: before what would not be there if a user spoke next. */
function closing(
  messages: readonly ChatMessage[],
  index: number,
  upTo: string,
  render: (messages: readonly ChatMessage[], asksForAnswer: boolean) => string,
): number {
  if (index < messages.length - 1 || !upTo.trimEnd().endsWith(endMark)) return upTo.length;
  const next = { role: "user", content: "?" };
  return sharedLength(upTo, render([...messages, next], false));
}

function unmarkable(index: number, what: string): ChatResult {
  return {
    kind: "unmarkable",
    message: `this chat template cannot mark what the assistant says: message ${index + 1} ${what}`,
  };
}

function sharedLength(a: string, b: string): number {
  const limit = Math.min(a.length, b.length);
  for (let at = 0; at < limit; at++) if (a[at] !== b[at]) return at;
  return limit;
}

/** Writes the end token where `endMark` stands, and moves the spans along. */
function withEndTokens(text: string, learn: readonly [number, number][], end: string): Marked {
  const parts = text.split(endMark);
  const moved = (at: number): number => {
    const marks = text.slice(0, at).split(endMark).length - 1;
    return at + marks * (end.length - endMark.length);
  };
  return { text: parts.join(end), learn: learn.map(([from, to]) => [moved(from), moved(to)]) };
}

const generationTag = /\{%(-?)\s*(end)?generation\s*(-?)%\}/;
const generationTags = new RegExp(generationTag.source, "g");

/** Writes a character where a span starts or ends: the library passes over `{% generation %}`. */
function withMarks(template: string): string {
  return template.replace(
    generationTags,
    (_tag, before: string, end: string | undefined, after: string) =>
      `{{${before} "${end === undefined ? spanStart : spanEnd}" ${after}}}`,
  );
}

function withoutSpans(text: string): Marked {
  const learn: [number, number][] = [];
  let written = "";
  for (const part of text.split(/([\ufdd0\ufdd1])/)) {
    if (part === spanStart) learn.push([written.length, written.length]);
    else if (part === spanEnd) {
      const open = learn.at(-1);
      if (open !== undefined) open[1] = written.length;
    } else written += part;
  }
  return { text: written, learn: learn.filter(([from, to]) => to > from) };
}

/** `chat_template.jinja` wins; tokenizer_config.json has a string, or a list of which one is the default. */
async function templateText(folder: string): Promise<string | undefined> {
  const path = join(folder, "chat_template.jinja");
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    if (!isMissing(thrown)) throw new MachineError(`reading ${path}: ${messageOf(thrown)}`);
  }
  const template = (await readObject(join(folder, "tokenizer_config.json")))?.chat_template;
  if (typeof template === "string") return template;
  if (!Array.isArray(template)) return undefined;
  const chosen = template.find((entry) => isObject(entry) && entry.name === "default");
  return isObject(chosen) && typeof chosen.template === "string" ? chosen.template : undefined;
}
