import {
  type ClientCapabilities,
  type Implementation,
  type Result,
  ErrorCode as RpcCode,
} from "@modelcontextprotocol/sdk/types.js";
import * as z from "zod";
import { isJsonObject, type JsonObject } from "../../domain/text/json.ts";
import { invalidParams, ProtocolError } from "../frame/errors.ts";

// Two eras of the protocol. Up to revision 2025-11-25 a client shakes hands once: legacy. From 2026-07-28 on each request
// says for itself which revision it speaks and what its client can do: modern. One process serves both, request by request.
// Stands in for @modelcontextprotocol/server: that one would take the place of the SDK under its own name.

export type Era = "legacy" | "modern";

/** The newest first. */
const modernRevisions: readonly string[] = ["2026-07-28"];

const PREFIX = "io.modelcontextprotocol/";
const versionKey = `${PREFIX}protocolVersion`;
const capabilitiesKey = `${PREFIX}clientCapabilities`;
const serverInfoKey = `${PREFIX}serverInfo`;

const UNSUPPORTED_VERSION = -32_022;

/** What a client can do, as it says itself: its extensions by name, among others. */
export type Capabilities = ClientCapabilities | JsonObject;

/**
 * How a modern request introduces its client; `undefined` for a legacy request, which does not. Throws an error of the
 * protocol for a revision that is not served, and for half an introduction.
 */
export function introductionOf(params: unknown): { readonly capabilities: Capabilities } | undefined {
  const meta = isJsonObject(params) && isJsonObject(params._meta) ? params._meta : {};
  // `null` stands for what was left out, here as in any field of the protocol.
  const { [versionKey]: version = null, [capabilitiesKey]: capabilities = null } = meta;
  if (version === null && capabilities === null) return undefined;
  if (typeof version !== "string") throw malformed(versionKey, version, "the revision as text");
  if (!modernRevisions.includes(version)) {
    const data = { supported: modernRevisions, requested: version.slice(0, 200) };
    throw new ProtocolError(UNSUPPORTED_VERSION, "Unsupported protocol version", data);
  }
  if (!isJsonObject(capabilities)) throw malformed(capabilitiesKey, capabilities, "an object");
  return { capabilities };
}

function malformed(key: string, value: unknown, wanted: string): ProtocolError {
  const problem = value === null ? "is missing" : "is of a wrong kind";
  return invalidParams(`params._meta["${key}"] ${problem}: send ${wanted}, such as "${modernRevisions[0]}" or {}.`);
}

/** The methods of one era only. */
const eraOfMethod: ReadonlyMap<string, Era> = new Map([
  ["initialize", "legacy"],
  ["ping", "legacy"],
  ["resources/subscribe", "legacy"],
  ["resources/unsubscribe", "legacy"],
  ["server/discover", "modern"],
  ["subscriptions/listen", "modern"],
]);

/** Throws an error of the protocol if there is no such method in the era of a request. */
export function expectMethodIn(era: Era, method: string): void {
  const only = eraOfMethod.get(method) ?? era;
  if (only === era) return;
  if (only === "modern") throw malformed(versionKey, null, "the revision as text");
  throw new ProtocolError(RpcCode.MethodNotFound, `Method not found: revision ${modernRevisions[0]} has no ${method}.`);
}

interface Lifetime {
  readonly ttlMs: number;
  readonly cacheScope: "public" | "private";
}

/** Built into the program. A client that keeps it across restarts learns of a new version of ours within the hour. */
const builtIn: Lifetime = { ttlMs: 3_600_000, cacheScope: "public" };
/** Built in as well, but another for a client that shows apps: what one was told is not for the next. */
const byClient: Lifetime = { ...builtIn, cacheScope: "private" };
/** Read from files, which any process may change meanwhile. */
const fromFiles: Lifetime = { ttlMs: 0, cacheScope: "private" };

/** How long a client may keep what it got. */
const lifetimes: ReadonlyMap<string, Lifetime> = new Map([
  ["server/discover", builtIn],
  ["tools/list", byClient],
  ["prompts/list", builtIn],
  ["resources/templates/list", builtIn],
  ["resources/list", fromFiles],
  ["resources/read", fromFiles],
]);

/** A result as the modern era has it: the same, and what it says of itself after it. */
export function stamped(method: string, result: Result, { name, version }: Implementation): Result {
  const _meta = { [serverInfoKey]: { name, version }, ...result._meta };
  return { ...result, ...lifetimes.get(method), resultType: "complete", _meta };
}

export const discoverRequestSchema = z.object({ method: z.literal("server/discover"), params: z.unknown() });

/** What a handshake would give, and the whole of the server's name. */
export function discovered(
  serverInfo: Implementation,
  offered: { capabilities: object; instructions: string },
): Result {
  return { supportedVersions: [...modernRevisions], ...offered, _meta: { [serverInfoKey]: serverInfo } };
}
