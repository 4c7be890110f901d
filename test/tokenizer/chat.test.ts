/** Chat templates of models: text, and which of it the assistant says. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type ChatMessage, chatTemplate, loadChatTemplate } from "../../runtime/tokenizer/chat.ts";
import type { Specials } from "../../runtime/tokenizer/specials.ts";
import { folderWith } from "../support/folder.ts";

const specials: Specials = {
  begin: { id: 0, text: "<s>" },
  end: { id: 1, text: "</s>" },
  padding: undefined,
  unknown: undefined,
  stops: [1],
};

const conversation: readonly ChatMessage[] = [
  { role: "user", content: "Hi 😀" },
  { role: "assistant", content: "Hello" },
  { role: "user", content: "2+2" },
  { role: "assistant", content: "4" },
];

/** The text with what is learned in brackets, or why there is none. */
function shown(template: string, messages: readonly ChatMessage[] = conversation): string {
  const result = chatTemplate(template, specials).mark(messages);
  if (result.kind !== "marked") return `${result.kind}: ${result.message}`;
  const { text, learn } = result.marked;
  let written = "";
  let at = 0;
  for (const [start, end] of learn) {
    written += `${text.slice(at, start)}[${text.slice(start, end)}]`;
    at = end;
  }
  return written + text.slice(at);
}

const chatml =
  "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>\n{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}";

test("an answer is learned with the mark that ends it, and not with the line end after it", () => {
  expect(shown(chatml)).toBe(
    "<|user|>Hi 😀<|end|>\n<|assistant|>[Hello<|end|>]\n<|user|>2+2<|end|>\n<|assistant|>[4<|end|>]\n",
  );
});

test("an end token that ends an answer is learned", () => {
  const template =
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST]{{ m.content }}[/INST]{% else %}{{ m.content }}{{ eos_token }}{% endif %}{% endfor %}";
  expect(shown(template)).toBe("<s>[INST]Hi 😀[/INST][Hello</s>][INST]2+2[/INST][4</s>]");
});

test("an end token that only closes the whole text is not learned", () => {
  const template = `${chatml.replace("{% endif %}", "{% else %}{{ eos_token }}{% endif %}")}`;
  expect(shown(template)).toMatch(/\[Hello<\|end\|>\].*\[4<\|end\|>\]\s*<\/s>$/s);
});

test("generation tags mark what is learned, whatever the prompt is", () => {
  const template =
    "{% for m in messages %}\n  {% if m.role == 'assistant' %}\n  {% generation %}\n{{ m.content }}{{ eos_token }}{% endgeneration %}\n  {% else %}\n{{ m.content }}|{% endif %}\n{% endfor %}";
  expect(shown(template)).toBe("Hi 😀|[Hello</s>]2+2|[4</s>]");
});

test("generation tags with minus signs take the space around them away", () => {
  const template =
    "{% for m in messages %}{% if m.role == 'assistant' %}a  {%- generation -%}  {{ m.content }}  {%- endgeneration -%}  b{% endif %}{% endfor %}";
  expect(shown(template)).toBe("a[Hello]ba[4]b");
});

test("a template that begins answers unlike its prompt cannot be marked", () => {
  const thinking = chatml.replace("<|assistant|>{% endif %}", "<|assistant|><think>{% endif %}");
  expect(shown(thinking)).toBe(
    "unmarkable: this chat template cannot mark what the assistant says: message 2 does not begin as the model is asked to begin it",
  );
});

test("a template that writes earlier answers differently cannot be marked", () => {
  const forgetful =
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content if loop.last or m.role == 'user' else 'gone' }}<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}";
  expect(shown(forgetful)).toBe(
    "unmarkable: this chat template cannot mark what the assistant says: message 2 is written differently when more follows it",
  );
});

test("a conversation that the template refuses says why", () => {
  expect(shown("{{ raise_exception('roles must alternate') }}")).toBe(
    "refused: the chat template refuses it: roles must alternate",
  );
});

test("a conversation with the characters that we search by is refused", () => {
  expect(shown(chatml, [{ role: "assistant", content: "\ufdd0" }])).toMatch(/^refused: /);
});

test("the date of a template is its own, so that every day gives the same text", () => {
  const dated =
    "{% if strftime_now is defined %}{{ strftime_now('%d') }}{% else %}26 Jul{% endif %}";
  expect(shown(dated, [])).toBe("26 Jul");
});

test("a prompt ends where the answer begins", () => {
  expect(chatTemplate(chatml, specials).prompt(conversation.slice(0, 1))).toBe(
    "<|user|>Hi 😀<|end|>\n<|assistant|>",
  );
});

test("range counts as Python's does", () => {
  const template =
    "{% for n in range(3) %}{{ n }}{% endfor %} {% for n in range(2, 8, 3) %}{{ n }}{% endfor %} {% for n in range(3, 0, -1) %}{{ n }}{% endfor %}";
  expect(shown(template, [])).toBe("012 25 321");
});

describe("the template of a folder", () => {
  const config = (template: unknown): string => JSON.stringify({ chat_template: template });
  const written = async (files: Readonly<Record<string, string>>): Promise<string | undefined> =>
    (await loadChatTemplate(folderWith(files), specials))?.prompt([]);

  test("is chat_template.jinja before the tokenizer's config", async () => {
    expect(
      await written({ "chat_template.jinja": "a", "tokenizer_config.json": config("b") }),
    ).toBe("a");
  });

  test("is in the tokenizer's config, or the default one of a list there", async () => {
    expect(await written({ "tokenizer_config.json": config("b") })).toBe("b");
    const list = [
      { name: "tool_use", template: "t" },
      { name: "default", template: "d" },
    ];
    expect(await written({ "tokenizer_config.json": config(list) })).toBe("d");
  });

  test("is absent in a base model", async () => {
    expect(await written({ "tokenizer_config.json": "{}" })).toBeUndefined();
  });

  test("that does not parse is a fault with the folder's name", async () => {
    await expect(written({ "chat_template.jinja": "{% if %}" })).rejects.toThrow(
      /^reading the chat template of .*ftc-test-/,
    );
  });
});

// Templates of published models, where this checkout has them beside it.
const published = "shared/data/chat-templates";

describe.runIf(existsSync(published))(
  "a published template marks each answer, or says that it cannot",
  () => {
    test.each(existsSync(published) ? readdirSync(published) : [])("%s", (file) => {
      const result = chatTemplate(readFileSync(join(published, file), "utf8"), specials).mark(
        conversation,
      );
      if (result.kind !== "marked") {
        expect(result.message).not.toBe("");
        return;
      }
      const { text, learn } = result.marked;
      expect(learn).toHaveLength(2);
      expect(text.slice(...learn[0])).toMatch(/Hello/);
      expect(text.slice(...learn[1])).toMatch(/4/);
      for (const [start, end] of learn) expect(text.slice(start, end)).not.toMatch(/2\+2|Hi/);
    });
  },
);
