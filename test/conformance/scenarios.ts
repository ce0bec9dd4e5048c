import { type Change, type Message, startBridge } from "./bridge.ts";
import { startStatelessBridge } from "./stateless-bridge.ts";

/** The agent whose runs the scenarios find: its name holds every value that the suite looks for in an answer. */
export const agent = "123 testValue1 testValue2";

/** What takes the place of the parameters that the suite sends, for every method named. */
type StandIns = Readonly<Record<string, object>>;

/** One revision of the protocol: what of its suite is run, and why the rest is not. */
export interface Part {
  readonly revision: string;
  readonly start: typeof startBridge;
  readonly run: Readonly<Record<string, StandIns>>;
  readonly leftOut: Readonly<Record<string, string>>;
  /** Single checks of scenarios that are run. */
  readonly checksLeftOut: Readonly<Record<string, string>>;
}

/**
 * The suite is written for a server that was made for it, with tools, prompts and resources of agreed names. Where a
 * scenario only asks for something that this server has under another name, the bridge puts that name in.
 */
const inBothEras: Part["run"] = {
  "tools-list": {},
  "tools-call-simple-text": { "tools/call": { name: "get_brief", arguments: { agent } } },
  "tools-call-error": { "tools/call": { name: "record_execution", arguments: {} } },
  "resources-list": {},
  "resources-read-text": { "resources/read": { uri: "kaizen://agents" } },
  "resources-templates-read": {
    "resources/read": { uri: `kaizen://agents/${encodeURIComponent(agent)}/summary` },
  },
  "prompts-list": {},
  "prompts-get-simple": { "prompts/get": { name: "optimize" } },
  "prompts-get-with-args": { "prompts/get": { name: "coach", arguments: { agent } } },
  "completion-complete": {
    "completion/complete": { ref: { type: "ref/prompt", name: "coach" }, argument: { name: "agent", value: "12" } },
  },
};

const transport = "It is about HTTP, and over HTTP there is only the bridge of this run.";
const logging = "The server logs on stderr; newer revisions of the protocol deprecate logging over it.";
const textOnly = "The server has text and structured data, no images, sound or other binary content.";
const noEmbedding = "No tool and no prompt embeds a resource.";

const leftOutInBothEras: Part["leftOut"] = {
  "server-sse-multiple-streams": transport,
  "dns-rebinding-protection": transport,
  "tools-call-with-progress": "No tool takes long enough to tell of progress.",
  "tools-call-image": textOnly,
  "tools-call-audio": textOnly,
  "tools-call-mixed-content": textOnly,
  "tools-call-embedded-resource": noEmbedding,
  "resources-read-binary": textOnly,
  "prompts-get-with-image": textOnly,
  "prompts-get-embedded-resource": noEmbedding,
  "json-schema-2020-12": "No tool's input needs $defs or its like.",
};

const onlyRoots = "The server asks the client for nothing but its roots.";
const legacy: Part = {
  revision: "2025-11-25",
  start: startBridge,
  run: {
    ...inBothEras,
    "server-initialize": {},
    ping: {},
    "resources-subscribe": { "resources/subscribe": { uri: "kaizen://agents" } },
    "resources-unsubscribe": {
      "resources/subscribe": { uri: "kaizen://agents" },
      "resources/unsubscribe": { uri: "kaizen://agents" },
    },
  },
  leftOut: {
    ...leftOutInBothEras,
    "server-session-lifecycle": transport,
    "server-sse-polling": transport,
    "logging-set-level": logging,
    "tools-call-with-logging": logging,
    "tools-call-sampling": onlyRoots,
    "tools-call-elicitation": onlyRoots,
    "elicitation-sep1034-defaults": onlyRoots,
    "elicitation-sep1330-enums": onlyRoots,
  },
  checksLeftOut: {},
};

const asksNothing = "In this era the server asks its client for nothing.";
const modern: Part = {
  revision: "2026-07-28",
  start: startStatelessBridge,
  run: { ...inBothEras, "server-stateless": {}, "sep-2164-resource-not-found": {}, caching: {} },
  leftOut: {
    ...leftOutInBothEras,
    "http-header-validation": transport,
    "http-custom-header-server-validation": transport,
    "input-required-result-basic-elicitation": asksNothing,
    "input-required-result-basic-sampling": asksNothing,
    "input-required-result-basic-list-roots": asksNothing,
    "input-required-result-request-state": asksNothing,
    "input-required-result-multiple-input-requests": asksNothing,
    "input-required-result-multi-round": asksNothing,
    "input-required-result-missing-input-response": asksNothing,
    "input-required-result-non-tool-request": asksNothing,
    "input-required-result-result-type": asksNothing,
    "input-required-result-unsupported-methods": asksNothing,
    "input-required-result-tampered-state": asksNothing,
    "input-required-result-capability-check": asksNothing,
    "input-required-result-ignore-extra-params": asksNothing,
    "input-required-result-validate-input": asksNothing,
  },
  checksLeftOut: {
    "sep-2575-http-server-header-mismatch-400": transport,
    "sep-2575-server-rejects-undeclared-capability": asksNothing,
    "sep-2575-missing-capability-http-400": asksNothing,
    "sep-2575-http-server-no-independent-requests-on-stream": asksNothing,
    "sep-2575-server-no-log-without-loglevel": logging,
  },
};

export const parts: readonly Part[] = [legacy, modern];

export function standingIn(standIns: StandIns): Change {
  return (message: Message) => {
    const stand = message.method === undefined ? undefined : standIns[message.method];
    if (stand === undefined) return message;
    // What a request says of itself stays: in the modern era it is no request without.
    return { ...message, params: { ...message.params, ...stand } };
  };
}
