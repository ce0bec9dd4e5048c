import type {
  ListResourcesResult,
  ListResourceTemplatesResult,
  ReadResourceResult,
  Resource,
} from "@modelcontextprotocol/sdk/types.js";
import { isDated, readInstant } from "../../domain/run/time.ts";
import { byCodePoint } from "../../domain/text/code-point-order.ts";
import { isOfWholeStore } from "../../kaizen/base/among-latest.ts";
import type { Kaizen } from "../../kaizen/kaizen.ts";
import { foreignNote } from "../../messages/trust.ts";
import { invalidParams } from "../frame/errors.ts";
import { agentResources, fixedResources } from "../resources/index.ts";
import { agentUri, agentUriTemplate, parseUri } from "../shown/uris.ts";

/** Agents on one page of the list; each has several resources. */
const AGENTS_A_PAGE = 50;

/** What there is to read: the fixed resources, then every agent's. The cursor is the last agent's name. */
export async function listResources(kaizen: Kaizen, cursor: string | undefined): Promise<ListResourcesResult> {
  const after = cursor === undefined ? undefined : readCursor(cursor);
  // By name and not by position: agents that come or go between two pages move no other agent.
  const names = (await kaizen.agentNames()).filter((name) => after === undefined || byCodePoint(name, after) > 0);
  const page = names.slice(0, AGENTS_A_PAGE);
  const resources: Resource[] = after === undefined ? await listFixed(kaizen) : [];
  for (const name of page) resources.push(...(await listAgent(kaizen, name)));
  const last = page.at(-1);
  const more = last !== undefined && page.length < names.length;
  return { resources, ...(more ? { nextCursor: writeCursor(last) } : {}) };
}

/** The list for a server that has no project: what it would offer. */
export function listWithoutProject(): ListResourcesResult {
  return { resources: fixedResources.map(({ uri, ...resource }) => ({ uri, ...shown(resource) })) };
}

export function listResourceTemplates(): ListResourceTemplatesResult {
  return {
    resourceTemplates: agentResources.map((resource) => ({
      uriTemplate: agentUriTemplate(resource.view),
      ...shown(resource),
    })),
  };
}

export async function readResource(kaizen: () => Promise<Kaizen>, uri: string): Promise<ReadResourceResult> {
  const { mimeType, read } = resourceAt(uri);
  const project = await kaizen();
  const contents = [{ uri, mimeType, text: await project.network.asOneCall(() => read(project)) }];
  const note = foreignNote(project);
  // A part of its own: the resource stays what it is, JSON say.
  return { contents: note === undefined ? contents : [...contents, { uri, mimeType: "text/plain", text: note }] };
}

/** What is found at an address. */
export interface AddressedResource {
  readonly mimeType: string;
  /** Whose it is, as it stands in the address; `undefined` for what belongs to no agent. */
  readonly agent: string | undefined;
  read(kaizen: Kaizen): Promise<string>;
}

/** Throws an error of the protocol if an address is none of ours. */
export function resourceAt(uri: string): AddressedResource {
  const address = parseUri(uri);
  if (address?.kind === "fixed") {
    const resource = fixedResources.find((known) => known.uri === address.uri);
    if (resource !== undefined) return { ...resource, agent: undefined };
  }
  if (address?.kind === "agent") {
    const { agent, view } = address;
    const resource = agentResources.find((known) => known.view === view);
    if (resource !== undefined) return { ...resource, agent, read: (kaizen) => resource.read(kaizen, agent) };
  }
  const known = [...fixedResources.map((one) => one.uri), ...agentResources.map((one) => agentUriTemplate(one.view))];
  throw invalidParams(`There is no resource ${JSON.stringify(uri.slice(0, 200))}. There are: ${known.join(", ")}.`);
}

async function listFixed(kaizen: Kaizen): Promise<Resource[]> {
  const listed: Resource[] = [];
  for (const resource of fixedResources) {
    const change = await resource.lastChange(kaizen);
    if (change !== undefined) listed.push({ uri: resource.uri, ...shown(resource), ...modified(change.at) });
  }
  return listed;
}

/** When an agent last ran; `null` if its files cannot be read: their reader is told why. */
async function lastExecution(kaizen: Kaizen, agent: string): Promise<string | null> {
  try {
    return (await kaizen.summary(agent)).summary.last_execution;
  } catch (error) {
    if (isOfWholeStore(error)) throw error;
    return null;
  }
}

async function listAgent(kaizen: Kaizen, agent: string): Promise<Resource[]> {
  const last = await lastExecution(kaizen, agent);
  return agentResources.map((resource) => ({
    ...shown(resource),
    uri: agentUri(agent, resource.view),
    name: `${agent} ${resource.name}`,
    title: `${resource.title} of ${agent}`,
    ...modified(last),
  }));
}

function shown({ name, title, description, mimeType }: Omit<Resource, "uri">): Omit<Resource, "uri"> {
  return { name, title, description, mimeType };
}

/** Clients refuse the whole list for one timestamp that is not ISO 8601, and other writers write what they like. */
function modified(timestamp: string | null | undefined): Pick<Resource, "annotations"> {
  const at = readInstant(timestamp);
  return at === undefined || !isDated(at) ? {} : { annotations: { lastModified: new Date(at).toISOString() } };
}

function writeCursor(agent: string): string {
  return Buffer.from(agent).toString("base64url");
}

function readCursor(cursor: string): string {
  const agent = Buffer.from(cursor, "base64url").toString();
  if (writeCursor(agent) === cursor) return agent;
  throw invalidParams("The cursor is not one of ours: list again without it.");
}
