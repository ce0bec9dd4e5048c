import type { Machine } from "../../project-root.ts";
import type { Client } from "./client.ts";
import { claudeCode } from "./known/claude-code.ts";
import { codex } from "./known/codex.ts";
import { copilot } from "./known/copilot.ts";
import { cursor } from "./known/cursor.ts";
import { gemini } from "./known/gemini.ts";
import { opencode } from "./known/opencode.ts";
import { cline, serverOnly } from "./known/server-only.ts";
import { vscode } from "./known/vscode.ts";

/** First the ones that have hooks. */
export const clients: readonly Client[] = [
  ...[claudeCode, cursor, vscode, codex, copilot, opencode, gemini],
  ...serverOnly,
  cline,
];

/** A client that a project or a machine shows signs of. */
export interface FoundClient {
  readonly client: Client;
  /** In the project's folder. */
  readonly project: readonly string[];
  /** In the home folder, with `~/`. */
  readonly home: readonly string[];
}

export function signsOfClients(project: string, machine: Machine): FoundClient[] {
  const isThere = (folder: string, name: string) => machine.kindOf(`${folder}/${name}`) !== "missing";
  const found = clients.map((client) => ({
    client,
    project: client.signs.project.filter((name) => isThere(project, name)),
    home: client.signs.home.flatMap((name) =>
      machine.home !== undefined && isThere(machine.home, name) ? [`~/${name}`] : [],
    ),
  }));
  return found.filter((one) => one.project.length + one.home.length > 0);
}
