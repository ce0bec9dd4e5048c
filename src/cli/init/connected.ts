import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Client, Part, Setup } from "../clients/client.ts";
import { applyEdits, type Edit } from "../clients/entry/edit.ts";
import { SERVER_NAME } from "../clients/entry/launch.ts";
import { readConfigFile } from "../clients/files/config-file.ts";
import { clients } from "../clients/index.ts";
import { realFolder } from "../input/real-folder.ts";

interface Connected {
  readonly client: Client;
  readonly setup: Setup;
}

/** What is taken out starts nothing, so that it does not matter where this program lies. */
function setupFor(project: string): Setup {
  const launch = { kind: "local", path: "dist/main.js" } as const;
  return { launch, project, windows: false, withHooks: true, allows: false, statusLine: false, flags: [] };
}

/**
 * The clients that have our server or our hooks in the project. A file that cannot be read may well have our entry;
 * asked for what is sure, one counts that speaks of us.
 */
export function connectedClients(project: string, how?: "for-sure"): Client[] {
  const setup = setupFor(project);
  return clients.filter((client) => isConnected(client, (part) => hasOurs(part, setup, how), setup));
}

/** The connected clients that are not among some: what belongs to all of them stays if those are taken out. */
export function connectedBeside(some: readonly { readonly client: Client }[], project: string): Connected[] {
  return connectedClients(project)
    .filter((client) => !some.some((one) => one.client.name === client.name))
    .map((client) => ({ client, setup: setupFor(project) }));
}

/**
 * By what no other client reads. One that has nothing of its own is connected if all that it reads is there; and if it
 * reads nothing but what is the others', then it is by that, unless it is plainly another's.
 */
function isConnected(client: Client, isOurs: (part: Part) => boolean, setup: Setup): boolean {
  const parts = client.parts(setup);
  const own = parts.filter(({ isShared }) => isShared !== true);
  if (own.some(isOurs)) return true;
  const shared = parts.filter(({ isShared }) => isShared === true);
  if (shared.length === 0 || !shared.every(isOurs)) return false;
  const isWhole = (those: readonly Part[]) => those.every((part) => part.isShared === true && isOurs(part));
  return (
    own.length === 0 || !clients.map((other) => other.parts(setup)).some((those) => those.length > 0 && isWhole(those))
  );
}

/** The names of our hooks that a client runs by its files in the project. */
export function hooksInFiles(client: Client, project: string): string[] {
  return client
    .parts(setupFor(project))
    .flatMap(({ edits, file }) =>
      [file, ...(alsoRead[file] ?? [])].flatMap((name) => edits.flatMap((edit) => hooksOf(edit, project, name))),
    );
}

/** Where a client has the same, for one person only; `init` does not write there. */
const alsoRead: Readonly<Record<string, readonly string[]>> = {
  ".claude/settings.json": [".claude/settings.local.json"],
};

/** What cannot be read, runs none. */
function hooksOf(edit: Edit, project: string, file: string): readonly string[] {
  try {
    return edit.hooks?.(readConfigFile(realFolder(project), file, join(project, file)).text) ?? [];
  } catch {
    return [];
  }
}

function hasOurs(part: Part, { project }: Setup, how: "for-sure" | undefined): boolean {
  let text: string | undefined;
  try {
    text = textOf(part, project);
    return textWithoutOurs(part, text) !== text;
  } catch {
    return how === undefined || text?.includes(SERVER_NAME) === true;
  }
}

function textOf({ file }: Part, project: string): string | undefined {
  return readConfigFile(realFolder(project), file, join(project, file)).text;
}

function textWithoutOurs({ edits }: Part, text: string | undefined): string | undefined {
  return applyEdits(edits, text, { mode: "remove", force: false }).text;
}

/**
 * Whether a file or folder of the project is there for nothing but what `init` has written for several clients: then it
 * is no sign that any certain one of them is used.
 */
export function isOnlyShared(project: string, name: string): boolean {
  const shared = clients
    .flatMap((client) => client.parts(setupFor(project)))
    .filter(({ file, isShared }) => isShared === true && (file === name || file.startsWith(`${name}/`)));
  try {
    return shared.some((part) => {
      const text = textOf(part, project);
      return isAlone(project, name, part.file) && text !== undefined && textWithoutOurs(part, text) === undefined;
    });
  } catch {
    return false;
  }
}

/** Whether a folder has nothing but a file, and the folders on the way to it. */
function isAlone(project: string, folder: string, file: string): boolean {
  const way = file.slice(folder.length).split("/").slice(1);
  return way.every((name, depth) => readdirSync(join(project, folder, ...way.slice(0, depth))).join() === name);
}
