/** What a JSON schema has against a value, in words that name the field. */

import type { ErrorObject } from "ajv";

/** The first error, with its field as one would write it: `jobs[0].steps must be integer`. */
export function complaintOf(errors: readonly ErrorObject[]): string {
  // Alternatives complain first about what made them fail, and last that none fits.
  const [first] = errors;
  if (first === undefined) return "it does not fit the schema";
  const { keyword, instancePath, params } = first;
  const field = fieldOf(instancePath);
  switch (keyword) {
    case "required":
      return `${member(field, String(params.missingProperty))} is missing`;
    case "additionalProperties":
      return `${member(field, String(params.additionalProperty))} is not a field`;
    case "const":
      return `${field} is not ${JSON.stringify(params.allowedValue)}`;
    case "enum":
      return `${field} is none of ${params.allowedValues.join(", ")}`;
    case "discriminator":
      return `${member(field, "kind")} is ${JSON.stringify(params.tagValue)}, which is not known`;
    default:
      return `${field || "it"} ${first.message}`;
  }
}

function member(field: string, name: string): string {
  return field === "" ? name : `${field}.${name}`;
}

/** A JSON pointer as a path: `/jobs/0/steps` is `jobs[0].steps`. */
function fieldOf(pointer: string): string {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`))
    .join("")
    .replace(/^\./, "");
}
