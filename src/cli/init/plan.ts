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
import { clients } from "../clients/index.ts";
import { realFolder } from "../input/real-folder.ts";
import { agentParts } from "./agent-parts.ts";
import { gitParts } from "./git-parts.ts";

export interface PlannedFile extends Step {
  /** From the project's folder, with `/`. */
  readonly file: string;
  /** Where the bytes are: elsewhere in the project, if a symbolic link leads there. */
  readonly target: string;
  readonly action: "create" | "change" | "delete" | "keep";
  readonly parts: readonly PartDone[];
  readonly diff: string;
}

interface PlanRequest extends EditRequest {
  /** Whether git is to share the runs. */
  readonly share?: boolean;
  readonly home?: string | undefined;
}

/** Everything that a call would do, before any of it is done: one refusal, and all files stay as they are. */
export function planFor(client: Client, setup: Setup, request: PlanRequest): PlannedFile[] {
  const { mode } = request;
  if (mode === "add") client.expectStartable?.(setup);
  const isForOthers = mode === "remove" && isSetUpForOthers(client, setup);
  const parts = safely(() => [
    ...client.parts(setup),
    ...(setup.allows === true ? agentParts(client, setup.project, mode) : []),
    ...gitParts(setup, { ...request, isForOthers }),
  ]);
  return parts.map((part) => planPart(part, setup, request));
}

/** Whether a client other than this one has our server in the project: what belongs to the project itself stays then. */
export function isSetUpForOthers(client: Client, setup: Setup): boolean {
  return clients.some((other) => other.name !== client.name && isSetUp(other, setup));
}

/** Whether a client has our server in the project. */
export function isSetUp(client: Client, setup: Setup): boolean {
  return client.parts({ ...setup, withHooks: false, allows: false, statusLine: false }).some((part) => {
    try {
      return planPart(part, setup, { mode: "remove", force: false }).action !== "keep";
    } catch {
      // A file that cannot be read is not asked to be: it may well have our entry.
      return true;
    }
  });
}

export function planPart(
  { edits, file }: Part,
  { project }: Pick<Setup, "project">,
  request: EditRequest,
): PlannedFile {
  const path = join(project, ...file.split("/"));
  const found = safely(() => readConfigFile(realFolder(project), file, path));
  const edited = editedText(path, found.text, edits, request);
  const { parts } = edited;
  // A link that the user has set is kept, and so is what it leads to.
  const text = edited.text === undefined && found.isLink ? (file.endsWith(".json") ? "{}\n" : "") : edited.text;
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
