/** Variables of whoever runs the tests that would change what a command says. */
const unset = [
  "KAIZEN_PROJECT_ROOT",
  "KAIZEN_RETENTION_DAYS",
  "CLAUDE_PROJECT_DIR",
  "NO_COLOR",
  "FORCE_COLOR",
] as const;

export function cleanEnvironment(env: Readonly<Record<string, string | undefined>> = {}): NodeJS.ProcessEnv {
  return { ...process.env, ...Object.fromEntries(unset.map((name) => [name, undefined])), ...env };
}
