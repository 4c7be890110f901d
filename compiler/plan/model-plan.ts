/** A model as plans have it: its parameters by the names of files, and its adapters as PEFT wants to hear of them. */

import type { TokenizerReference } from "../../runtime/data/plan.ts";
import type { AdapterPlan, ModelPlan } from "../../runtime/plan.ts";
import { adaptedBlocks } from "../core/adapt.ts";
import { checkpointOf, fileName, plainString } from "../core/checkpoint.ts";
import type { Model } from "../core/model.ts";
import { parametersOf, tiesOf } from "../core/tree.ts";
import { checking } from "../types/check.ts";
import { plainPath } from "../types/instance.ts";
import { literalOf } from "../types/row-expression.ts";
import { inner, moduleScope } from "../types/scope.ts";
import type { Instance, Value } from "../types/value.ts";

/** `nameOf` gives the tensor of a parameter by its path; `trained` has those of trained ones. */
export function modelPlanOf(
  model: Model,
  nameOf: (path: string) => string,
  trained: ReadonlySet<string>,
): ModelPlan {
  const clause = checkpointOf(model.root.item, "hf");
  const ties = tiesOf(model.root);
  return {
    checkpoint: model.checkpoint,
    // The checker let only references through as tokenizers.
    tokenizer: model.tokenizer?.data as TokenizerReference | undefined,
    config: model.config,
    parameters: parametersOf(model.root)
      .filter(({ parameter }) => !ties.has(parameter.path))
      .map(({ parameter, name, owner }) => {
        const tensor = nameOf(parameter.path);
        const base = {
          name: fileName(clause, parameter.path),
          tensor,
          trained: trained.has(tensor),
        };
        return owner.adapter === undefined
          ? base
          : { ...base, adapter: { module: fileName(clause, owner.path), parameter: name } };
      }),
    generate: undefined,
    adapters: adaptersOf(model.root, (path) => fileName(clause, path)),
    task: "CAUSAL_LM",
  };
}

/** A value as files hold it, under its name; nothing where it has no such form. */
function plainEntry(name: string, value: Value): readonly [string, string | number | boolean][] {
  const plain = literalOf(value);
  return plain === undefined || plain === null ? [] : [[name, plain]];
}

/** Applications of adapters, those with the same arguments together, as their `peft` clause wants them. */
function adaptersOf(root: Instance, fileNameOf: (path: string) => string): AdapterPlan[] {
  const plans = new Map<unknown, AdapterPlan & { modules: string[] }>();
  for (const block of adaptedBlocks(root)) {
    const closure = block.adapter;
    if (closure === undefined) continue;
    const known = plans.get(closure);
    if (known !== undefined) {
      known.modules.push(fileNameOf(block.path));
      continue;
    }
    const values = [...closure.arguments].flatMap(([name, value]) => plainEntry(name, value));
    const clause = checkpointOf(block.item, "peft");
    const scope = inner(moduleScope(closure.module), closure.arguments);
    const context = checking([]);
    const config = clause?.config.flatMap(({ name, value }) =>
      plainEntry(name.text, context.evaluate(context, scope, value)),
    );
    const weights = clause?.weights.map(
      ({ path, name }) => [plainPath(path), plainString(name)] as const,
    );
    const peft =
      config === undefined || weights === undefined
        ? {}
        : { peft: { config: Object.fromEntries(config), weights: Object.fromEntries(weights) } };
    plans.set(closure, {
      name: closure.item.name.text,
      arguments: Object.fromEntries(values),
      modules: [fileNameOf(block.path)],
      ...peft,
    });
  }
  return [...plans.values()];
}
