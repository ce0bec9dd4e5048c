// What clients wait for, loaded together: Node takes longer to find a file than to compile one.

export { sessionStart } from "./session-start.ts";
export { statusOf } from "./status.ts";
export { stop } from "./stop.ts";
export { subagentStart } from "./subagent-start.ts";
export { subagentStop } from "./subagent-stop.ts";
export { userPrompt } from "./user-prompt.ts";
