import { type SpawnSyncReturns, spawn } from "node:child_process";
import { text } from "node:stream/consumers";

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real Claude Code in a project once, without a terminal, against a model on loopback. */
export async function runClaudeCode(
  program: string,
  of: {
    project: string;
    home: string;
    modelUrl: string;
    prompt: string;
    env?: Record<string, string>;
    debugFile?: string;
  },
): Promise<Ended> {
  const child = spawn(
    program,
    [
      "-p",
      of.prompt,
      ...["--output-format", "json", "--mcp-config", ".mcp.json", "--strict-mcp-config"],
      ...["--permission-mode", "acceptEdits", "--allowedTools", "Bash", "Edit", "Write", "Read", "mcp__kaizen-metrics"],
      ...(of.debugFile === undefined ? [] : ["--debug-file", of.debugFile]),
    ],
    {
      cwd: of.project,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH,
        HOME: of.home,
        CLAUDE_CONFIG_DIR: `${of.home}/.claude`,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
        DISABLE_TELEMETRY: "1",
        DISABLE_AUTOUPDATER: "1",
        ANTHROPIC_BASE_URL: of.modelUrl,
        ANTHROPIC_API_KEY: "sk-ant-api03-x",
        ...of.env,
      },
    },
  );
  const [stdout, stderr, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<SpawnSyncReturns<string>["status"]>((resolve) => child.once("close", resolve)),
  ]);
  return { status, stdout, stderr };
}
