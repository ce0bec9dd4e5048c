import type { Machine } from "../../project-root.ts";
import { claudeCode } from "./claude-code.ts";
import type { Client } from "./client.ts";
import { codex } from "./codex.ts";
import { cursor, vscode } from "./editors.ts";
import { gemini } from "./gemini.ts";

export const clients: readonly Client[] = [claudeCode, cursor, vscode, codex, gemini];

/** The clients that a project or a machine shows signs of, with the signs. */
export function signsOfClients(project: string, machine: Machine): { client: Client; signs: string[] }[] {
  const there = (folder: string, shown: string, name: string) =>
    machine.kindOf(`${folder}/${name}`) === "missing" ? [] : [`${shown}${name}`];
  const found = clients.map((client) => ({
    client,
    signs: [
      ...client.signs.project.flatMap((name) => there(project, "", name)),
      ...client.signs.home.flatMap((name) => (machine.home === undefined ? [] : there(machine.home, "~/", name))),
    ],
  }));
  return found.filter(({ signs }) => signs.length > 0);
}
