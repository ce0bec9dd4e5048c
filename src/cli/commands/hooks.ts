// The commands that a client runs while a person is at work, loaded together.

export { hook } from "./hook.ts";
export { statusline } from "./statusline.ts";
