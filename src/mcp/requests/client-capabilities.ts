import { isJsonObject, type JsonObject, type JsonValue } from "../../domain/text/json.ts";
import type { Answer } from "./handle-request.ts";

/** These hold capabilities of their own, by free names. */
const holders: readonly string[] = ["experimental", "extensions"];

/**
 * Some clients write `true` for a capability that has no parts, and `false` for one that they do not have, where the
 * protocol wants an object or nothing. What is meant is plain, and a refusal would cost such a client every tool.
 */
export function readingFlags({ answer, method }: Answer): Answer {
  return {
    method,
    answer(params, call) {
      if (!isJsonObject(params) || !isJsonObject(params.capabilities)) return answer(params, call);
      return answer({ ...params, capabilities: withoutFlags(params.capabilities) }, call);
    },
  };
}

function withoutFlags(capabilities: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(capabilities).flatMap(([name, value]): [string, JsonValue][] => {
      if (value === false) return [];
      if (value === true) return [[name, {}]];
      return [[name, holders.includes(name) && isJsonObject(value) ? withoutFlags(value) : value]];
    }),
  );
}
