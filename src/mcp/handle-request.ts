import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { ServerResult } from "@modelcontextprotocol/sdk/types.js";
import * as z from "zod";
import { invalidParams } from "./errors.ts";

/** A request schema of the SDK, as far as it is used: its method and its parameters. */
interface RequestSchema<Params extends z.ZodType> {
  readonly shape: { readonly method: z.ZodLiteral<string>; readonly params: Params };
}

/**
 * Answers a method. Left to itself the SDK answers parameters of a wrong shape as an internal error, and any thrown error
 * with its message; here every error passes through one map.
 */
export function handleRequest<Params extends z.ZodType>(
  server: Server,
  schema: RequestSchema<Params>,
  mapError: (error: unknown) => Error,
  answer: (params: z.output<Params>) => Promise<ServerResult>,
): void {
  const { method, params } = schema.shape;
  server.setRequestHandler(z.object({ method, params: z.unknown().optional() }), async (request) => {
    try {
      const parsed = params.safeParse(request.params);
      if (!parsed.success) throw invalidParams(shapeProblem(method.value, parsed.error));
      return await answer(parsed.data);
    } catch (error) {
      throw mapError(error);
    }
  });
}

function shapeProblem(method: string, error: z.ZodError): string {
  const places = error.issues.slice(0, 3).map((issue) => `params.${issue.path.join(".")} ${issue.message}`);
  return `This is no request that ${method} understands: ${places.join("; ")}.`;
}
