import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { Protocol } from "@modelcontextprotocol/sdk/shared/protocol.js";
import { ErrorCode, type Implementation, type RequestId, type Result } from "@modelcontextprotocol/sdk/types.js";
import * as z from "zod";
import { isJsonObject, type JsonObject } from "../../domain/text/json.ts";
import { problemsOf } from "../../domain/text/refusal.ts";
import { invalidParams, ProtocolError } from "../frame/errors.ts";
import { type Capabilities, type Era, expectMethodIn, introductionOf, stamped } from "./era.ts";

/** A request schema of the SDK, as far as it is used: its method and its parameters. */
interface RequestSchema<Params extends z.ZodType> {
  readonly shape: { readonly method: z.ZodLiteral<string>; readonly params: Params };
}

/** What all requests have in common. */
export interface RequestFrame {
  readonly server: Server;
  readonly serverInfo: Implementation;
  mapError(error: unknown): Error;
}

/** A request beside its parameters. */
export interface Call {
  readonly era: Era;
  /** What the client can do: as this request says, or as the handshake of its process said. */
  readonly capabilities: Capabilities | undefined;
  readonly id: RequestId;
  readonly signal: AbortSignal;
}

/** How a method is answered. */
export interface Answer {
  readonly method: string;
  /** Fails with an error of the protocol for parameters of a wrong shape. */
  answer(params: unknown, call: Call): Promise<Result>;
}

export function answerTo<Params extends z.ZodType>(
  { shape: { method, params } }: RequestSchema<Params>,
  answer: (params: z.output<Params>, call: Call) => Promise<Result>,
): Answer {
  return {
    method: method.value,
    async answer(given, call) {
      const parsed = params.safeParse(given);
      if (parsed.success) return answer(parsed.data, call);
      const problems = problemsOf(parsed.error, params, given, ["params"]).slice(0, 3);
      throw invalidParams(`This is no request that ${method.value} understands: ${problems.join(" ")}`);
    },
  };
}

/**
 * Answers a method in either era; `find` gives what answers it. Left to itself the SDK answers parameters of a wrong shape
 * as an internal error, and any thrown error with its message; here every error passes through one map.
 */
export function handleRequest(
  { server, serverInfo, mapError }: RequestFrame,
  method: string,
  find: () => Promise<Answer>,
): void {
  // Not by the server's own way: that one checks `tools/call` once more, and answers with the validator's dump.
  const register = Protocol.prototype.setRequestHandler.bind(server);
  const anyRequest = z.object({ method: z.literal(method), params: z.unknown().optional() });
  register(anyRequest, async (request, { requestId: id, signal }) => {
    try {
      const introduction = introductionOf(request.params);
      const era = introduction === undefined ? "legacy" : "modern";
      expectMethodIn(era, method);
      const given = isJsonObject(request.params) ? withoutNullFields(request.params) : (request.params ?? undefined);
      const { capabilities } = introduction ?? { capabilities: server.getClientCapabilities() };
      const { answer } = await find();
      const result = await answer(given, { era, capabilities, id, signal });
      return era === "modern" ? stamped(method, result, serverInfo) : result;
    } catch (error) {
      throw mapError(error);
    }
  });
}

/** Answers every other method. A client of a revision that is not served learns of the revision before the method. */
export function refuseOtherMethods({ server, mapError }: RequestFrame): void {
  server.fallbackRequestHandler = async ({ params }) => {
    try {
      introductionOf(params);
      throw new ProtocolError(ErrorCode.MethodNotFound, "Method not found");
    } catch (error) {
      throw mapError(error);
    }
  };
}

/** What is free-form has no fields of the protocol: a tool knows which of its arguments may be left out. */
const freeForm: readonly string[] = ["arguments", "_meta", "experimental", "extensions"];

/** The protocol has no field for which `null` would be a value, so it stands for a field that was left out. */
function withoutNullFields(params: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(params).flatMap(([key, value]) => {
      if (value === null) return [];
      return [[key, isJsonObject(value) && !freeForm.includes(key) ? withoutNullFields(value) : value]];
    }),
  );
}

/** The parameters of a call by name. The called tool or prompt checks the arguments itself, in words for its caller. */
export function namedCall<Method extends string>(method: Method) {
  return z.object({
    method: z.literal(method),
    params: z.object({ name: z.string(), arguments: z.unknown().optional() }),
  });
}
