import type { CompleteRequestParams, CompleteResult } from "@modelcontextprotocol/sdk/types.js";
import type { Kaizen } from "../../kaizen/kaizen.ts";
import { invalidParams } from "../frame/errors.ts";
import { agentUriTemplate, agentViews } from "../shown/uris.ts";
import { promptNamed } from "./prompt-requests.ts";

/** The protocol's limit. */
const MAX_VALUES = 100;

/**
 * Completes the agent's name in a resource template or a prompt. Upper and lower case are the same to someone who types.
 * For other arguments of a prompt there is nothing to offer.
 */
export async function complete(kaizen: () => Promise<Kaizen>, request: CompleteRequestParams): Promise<CompleteResult> {
  const { argument, ref } = request;
  const known = ref.type === "ref/prompt" ? promptNamed(ref.name).argumentNames : templateArguments(ref.uri);
  if (!known.includes(argument.name)) {
    const what = ref.type === "ref/prompt" ? ref.name : ref.uri;
    const names = known.map((name) => JSON.stringify(name));
    throw invalidParams(`${what} has ${names.length === 1 ? "one argument" : "the arguments"} ${names.join(" and ")}.`);
  }
  if (argument.name !== "agent") return { completion: { values: [], total: 0, hasMore: false } };
  const typed = argument.value.normalize("NFC").toLowerCase();
  const names = (await (await kaizen()).agentNames()).filter((name) => name.toLowerCase().startsWith(typed));
  const values = names.slice(0, MAX_VALUES);
  return { completion: { values, total: names.length, hasMore: names.length > values.length } };
}

function templateArguments(uri: string): readonly string[] {
  if (agentViews.some((view) => agentUriTemplate(view) === uri)) return ["agent"];
  throw invalidParams(`There is nothing to complete in ${JSON.stringify(uri.slice(0, 200))}.`);
}
