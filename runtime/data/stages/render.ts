/** `render(template)`: each row as text, by a template of the language or by a model's own chat template. */

import { isObject } from "../../json.ts";
import { type ChatMessage, loadChatTemplate } from "../../tokenizer/chat.ts";
import { RowFault } from "../expression.ts";
import type { Marked } from "../marked.ts";
import type { ChatTemplateReference, TemplateProgram } from "../plan.ts";
import type { Row } from "../row.ts";
import { rowsOf, type Stage, type StageContext, taggedArgument } from "../stage.ts";
import { literalsOf, rendered } from "../template.ts";

/** A row's text; undefined where the row cannot be written, which the log then says. */
type Write = (row: Row) => Marked | undefined;

export const render: Stage = async (input, args, context) => {
  const flow = rowsOf(input, "render");
  const template = taggedArgument(args, "template", "template", "chat-template");
  const isProgram = template.kind === "template";
  const write = isProgram ? byProgram(template, context) : await byChatTemplate(template, context);
  if (write === undefined) return undefined;
  const rows: Row[] = [];
  for (const row of flow.rows) {
    const marked = write(row);
    if (marked !== undefined) rows.push({ ...row, marked });
  }
  return { ...flow, rows, literals: isProgram ? literalsOf(template.lines) : [] };
};

function byProgram(template: TemplateProgram, context: StageContext): Write {
  return (row) => {
    try {
      return rendered(template, row.values);
    } catch (thrown) {
      if (!(thrown instanceof RowFault)) throw thrown;
      const message = `the template ${template.name} cannot write it: ${thrown.message}`;
      context.log.add("row-does-not-fit", "error", message, row.origin);
      return undefined;
    }
  };
}

async function byChatTemplate(
  { folder }: ChatTemplateReference,
  context: StageContext,
): Promise<Write | undefined> {
  const { specials } = await context.tokenizer({ kind: "tokenizer", folder });
  const template = await loadChatTemplate(await context.folderOf(folder), specials);
  if (template === undefined) {
    const message =
      "this model has no chat template: it is a base model; render with a template of your own, such as std/chat.chatml";
    context.log.add("template-does-not-fit", "error", message, {
      file: folder,
      line: 0,
    });
    return undefined;
  }
  return (row) => {
    const { messages } = row.values;
    if (!isConversation(messages)) {
      const message = "a chat template writes `messages`, a list of records with a `role`";
      context.log.add("row-does-not-fit", "error", message, row.origin);
      return undefined;
    }
    const result = template.mark(messages);
    if (result.kind === "marked") return result.marked;
    const slug = result.kind === "refused" ? "row-does-not-fit" : "template-does-not-fit";
    context.log.add(slug, "error", result.message, row.origin);
    return undefined;
  };
}

function isConversation(value: unknown): value is readonly ChatMessage[] {
  return (
    Array.isArray(value) && value.every((item) => isObject(item) && typeof item.role === "string")
  );
}
