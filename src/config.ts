import { parseArgs } from "node:util";
import { nearestName } from "./domain/arguments.ts";
import { DEFAULT_RETENTION_DAYS, type RetentionDays } from "./domain/retention.ts";
import { KaizenError } from "./errors.ts";

/** A value, and where it came from: shown to the person who wonders why. */
export interface Setting<T> {
  readonly value: T;
  readonly source: string;
}

export interface Settings {
  /** The project folder as somebody wrote it; absent where it has to be found. */
  readonly root: Setting<string> | undefined;
  readonly retentionDays: Setting<RetentionDays>;
}

export type Command =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "serve"; readonly settings: Settings };

export type Environment = Readonly<Record<string, string | undefined>>;

const flags = {
  root: { type: "string" },
  "retention-days": { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} as const;

export const helpText = `Usage: kaizen-metrics [--root DIR] [--retention-days DAYS]

Serves a project's agent metrics over the Model Context Protocol, on stdin and stdout.
The files live in DIR/.kaizen/metrics; nothing is created before the first run is recorded.

  --root DIR             the project's folder
  --retention-days DAYS  how long runs are kept, e.g. 90; 0 keeps them for ever (default ${DEFAULT_RETENTION_DAYS})
  --help, --version      print and exit

Environment: KAIZEN_PROJECT_ROOT, KAIZEN_RETENTION_DAYS; flags go first.
Without --root: KAIZEN_PROJECT_ROOT, then CLAUDE_PROJECT_DIR, then the client's first usable root, then the nearest
folder upwards from the working directory that holds .kaizen, then the nearest that holds .git.

Exit status: 0 when the client has gone, 128 + n after signal n, 1 after a fault, 2 after a wrong flag or setting.
`;

/** Reads flags and environment. Throws INVALID_ARGUMENT for what cannot be meant; looks at nothing but its arguments. */
export function readCommandLine(args: readonly string[], environment: Environment): Command {
  const given = readFlags(args);
  if (given.has("help")) return { kind: "help" };
  if (given.has("version")) return { kind: "version" };
  return {
    kind: "serve",
    settings: {
      root: firstGiven([
        ["--root", given.get("root")],
        ["KAIZEN_PROJECT_ROOT", environment.KAIZEN_PROJECT_ROOT || undefined],
        ["CLAUDE_PROJECT_DIR", environment.CLAUDE_PROJECT_DIR || undefined],
      ]),
      retentionDays: retentionSetting(
        firstGiven([
          ["--retention-days", given.get("retention-days")],
          ["KAIZEN_RETENTION_DAYS", environment.KAIZEN_RETENTION_DAYS || undefined],
        ]),
      ),
    },
  };
}

/** Every flag that was given, with its value. The last one counts. */
function readFlags(args: readonly string[]): Map<string, string> {
  const given = new Map<string, string>();
  const { tokens } = parseArgs({ args: [...args], options: flags, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") throw usageError(`"${token.value}" is not expected here.`);
    if (!Object.hasOwn(flags, token.name)) throw usageError(`${token.rawName} is not a flag${meant(token.name)}`);
    const needsValue = token.name === "root" || token.name === "retention-days";
    if (needsValue && (token.value === undefined || (!token.inlineValue && token.value.startsWith("--")))) {
      throw usageError(`${token.rawName} needs a value.`);
    }
    given.set(token.name, token.value ?? "");
  }
  return given;
}

function meant(name: string): string {
  const nearest = nearestName(name, Object.keys(flags));
  return nearest === undefined ? "." : `; did you mean --${nearest}?`;
}

function firstGiven(candidates: ReadonlyArray<[string, string | undefined]>): Setting<string> | undefined {
  for (const [source, value] of candidates) if (value !== undefined) return { value, source };
  return undefined;
}

function retentionSetting(given: Setting<string> | undefined): Setting<RetentionDays> {
  if (given === undefined) return { value: DEFAULT_RETENTION_DAYS, source: "default" };
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(given.value.trim())) {
    throw usageError(
      `${given.source} is "${given.value.slice(0, 80)}"; send a number of days such as 90, or 0 for ever.`,
    );
  }
  const days = Number(given.value);
  return { value: days === 0 ? null : days, source: given.source };
}

function usageError(message: string): KaizenError {
  return new KaizenError("INVALID_ARGUMENT", message, { hint: "See kaizen-metrics --help." });
}
