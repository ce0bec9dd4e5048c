// The commands that a client runs while a person is at work, loaded together.

export { hook } from "./connect/hook.ts";
export { statusline } from "./connect/statusline.ts";
