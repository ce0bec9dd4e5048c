import { agentVariables } from "../../src/cli/caller/agent-signs.ts";

/** Variables of whoever runs the tests that would change what a command says. */
const unset: readonly string[] = [
  "KAIZEN_PROJECT_ROOT",
  "KAIZEN_RETENTION_DAYS",
  "KAIZEN_STORE",
  "KAIZEN_PROJECT",
  "KAIZEN_STORE_PASSWORD_FILE",
  "PGPASSWORD",
  "CLAUDE_PROJECT_DIR",
  "NO_COLOR",
  "FORCE_COLOR",
  ...agentVariables,
];

export function cleanEnvironment(env: Readonly<Record<string, string | undefined>> = {}): NodeJS.ProcessEnv {
  return { ...process.env, TZ: "UTC", ...Object.fromEntries(unset.map((name) => [name, undefined])), ...env };
}
