import { join } from "node:path";
import { KaizenError } from "../../errors.ts";
import type { Client, Part, Setup } from "../clients/client.ts";
import {
  applyEdits,
  clientConfigError,
  type Edit,
  EditRefused,
  type EditRequest,
  type PartDone,
} from "../clients/entry/edit.ts";
import { nothingChanged, type Step } from "../clients/files/all-or-nothing.ts";
import {
  type ConfigFile,
  expectWritable,
  readConfigFile,
  takeBack,
  writeConfigFile,
} from "../clients/files/config-file.ts";
import { unifiedDiff } from "../clients/files/unified-diff.ts";
import { realFolder } from "../input/real-folder.ts";
import { agentParts } from "./agent-parts.ts";
import { agentsPart } from "./agents-file.ts";
import { connectedBeside } from "./connected.ts";
import { gitParts, leftAlone } from "./git-parts.ts";

export interface PlannedFile extends Step {
  /** From the project's folder, with `/`. */
  readonly file: string;
  /** Where the bytes are: elsewhere in the project, if a symbolic link leads there. */
  readonly target: string;
  readonly action: "create" | "change" | "delete" | "keep";
  readonly parts: readonly PartDone[];
  readonly diff: string;
  /** The clients for which it stays when others are taken out. */
  readonly staysFor?: string;
}

interface PlanRequest extends EditRequest {
  /** Whether git is to share the runs. */
  readonly share?: boolean;
  readonly home?: string | undefined;
  /** Whether it is about the block for agents in AGENTS.md as well. */
  readonly withAgentsFile?: boolean;
  /** Whether no client is left afterwards, also if a file cannot be read that may have another one. */
  readonly isForAll?: boolean;
  /** Whether it is not about what git is told. */
  readonly withoutGit?: boolean;
}

/** A client that is to be connected, and how. */
export interface Connecting {
  readonly client: Client;
  readonly setup: Setup;
}

/** Everything that a call would do, before any of it is done: one refusal, and all files stay as they are. */
export function planFor(wanted: readonly Connecting[], project: string, request: PlanRequest): PlannedFile[] {
  const { mode, withAgentsFile, withoutGit } = request;
  if (mode === "add") for (const { client, setup } of wanted) client.expectStartable?.(setup);
  const others = mode === "add" || request.isForAll === true ? [] : connectedBeside(wanted, project);
  const parts = safely(() => [
    ...wanted.flatMap(({ client, setup }) => [
      ...client.parts(setup),
      ...(setup.allows === true ? agentParts(client, setup.project, mode) : []),
    ]),
    ...(withAgentsFile === true ? [agentsPart] : []),
    ...(withoutGit === true ? [] : gitParts(project, { ...request, isForOthers: others.length > 0 })),
  ]);
  return joined(parts).map((part) => {
    const users = others.filter(({ client, setup }) => client.parts(setup).some(({ file }) => file === part.file));
    if (part.isShared !== true || users.length === 0) return planPart(part, project, request);
    const staysFor = users.map(({ client }) => client.title).join(" and ");
    return { ...planPart({ ...part, edits: part.edits.map(leftAlone) }, project, request), staysFor };
  });
}

/** What several clients have in one file, each part of it once. */
function joined(parts: readonly Part[]): Part[] {
  const files = [...new Set(parts.map(({ file }) => file))];
  return files.map((file) => {
    const those = parts.filter((part) => part.file === file);
    const edits = new Map(those.flatMap((part) => part.edits).map((edit) => [edit.what, edit]));
    const isShared = those.every((part) => part.isShared === true);
    return { file, edits: [...edits.values()], ...(isShared ? { isShared } : {}) };
  });
}

export function planPart({ edits, file }: Part, project: string, request: EditRequest): PlannedFile {
  const path = join(project, ...file.split("/"));
  const found = safely(() => readConfigFile(realFolder(project), file, path));
  const edited = editedText(path, found.text, edits, request);
  const { parts } = edited;
  // A link that the user has set is kept, and so is what it leads to.
  const text = edited.text === undefined && found.isLink ? (/\.jsonc?$/.test(file) ? "{}\n" : "") : edited.text;
  return {
    file,
    path,
    target: found.isBehindLink ? found.target : path,
    action: actionOf(found, text),
    parts,
    diff: unifiedDiff(file, found.text, text),
    expectPossible() {
      if (text !== found.text) expectWritable(found);
    },
    carryOut() {
      if (text === found.text) return () => {};
      const written = writeConfigFile(found, text, { isInOwnFolder: file.includes("/") });
      return () => takeBack(written, found);
    },
  };
}

/** What cannot be read safely cannot be written either: it is told as a write is that failed before any change. */
function safely<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof KaizenError && error.code === "UNSAFE_PATH" ? nothingChanged(error) : error;
  }
}

function editedText(path: string, before: string | undefined, edits: readonly Edit[], request: EditRequest) {
  try {
    return applyEdits(edits, before, request);
  } catch (error) {
    throw error instanceof EditRefused ? refusal(path, error, request) : error;
  }
}

function actionOf({ text: before }: ConfigFile, after: string | undefined): PlannedFile["action"] {
  if (before === after) return "keep";
  return before === undefined ? "create" : after === undefined ? "delete" : "change";
}

function refusal(path: string, error: EditRefused, { mode }: EditRequest): KaizenError {
  const message = `${path} is left as it is: ${error.message}.`;
  const { advice, paste, yieldsToForce } = error.remedy;
  if (yieldsToForce) return clientConfigError(message, "--force replaces it.", error);
  const byHand = mode === "add" ? `or put this into it by hand:\n${paste}` : "or take our entry out by hand.";
  return clientConfigError(message, advice ?? `Mend it, ${byHand}`, error);
}
