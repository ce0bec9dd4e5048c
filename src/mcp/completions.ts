import type { CompleteRequestParams, CompleteResult } from "@modelcontextprotocol/sdk/types.js";
import type { Kaizen } from "../kaizen.ts";
import { invalidParams } from "./errors.ts";
import { agentUriTemplate, agentViews } from "./uris.ts";

/** The protocol's limit. */
const MAX_VALUES = 100;

/** Completes the agent's name in a resource template. Upper and lower case are the same to someone who types. */
export async function complete(kaizen: () => Promise<Kaizen>, request: CompleteRequestParams): Promise<CompleteResult> {
  const { argument, ref } = request;
  if (ref.type !== "ref/resource" || !agentViews.some((view) => agentUriTemplate(view) === ref.uri)) {
    const what = ref.type === "ref/resource" ? ref.uri : ref.name;
    throw invalidParams(`There is nothing to complete in ${JSON.stringify(what.slice(0, 200))}.`);
  }
  if (argument.name !== "agent") throw invalidParams(`${ref.uri} has one argument, "agent".`);
  const typed = argument.value.toLowerCase();
  const names = (await (await kaizen()).agentNames()).filter((name) => name.toLowerCase().startsWith(typed));
  const values = names.slice(0, MAX_VALUES);
  return { completion: { values, total: names.length, hasMore: names.length > values.length } };
}
