import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ClientFolder, pastTranscript } from "../support/past-transcripts.ts";
import { REVIEWER } from "../support/runs.ts";
import { temporaryProject } from "./history.ts";
import { inMs, measureInTurns, median, times } from "./measure.ts";
import type { Row } from "./table.ts";

const program = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
const notBuilt = (what: string): Row => ({ what, figure: "not built", against: "", ratio: "" });

/** Says its peak memory at the end, in KiB. */
const preload = `data:text/javascript,process.on("exit",()=>process.stderr.write("peak "+process.resourceUsage().maxRSS))`;
const MIB = 1024 * 1024;

/** What Claude Code has kept of a project's past, read once, against reading the same bytes and no more. */
export async function benchBackfill(megabytes: number): Promise<Row[]> {
  if (!existsSync(program)) return [notBuilt("backfill")];
  const [project, home] = [temporaryProject(), temporaryProject()];
  const client = new ClientFolder(join(home.root, "claude"));
  const bytes = writeTranscripts(client, project.root, megabytes);
  const env = { PATH: process.env.PATH ?? "", HOME: home.root, CLAUDE_CONFIG_DIR: client.path };
  const peaks: number[] = [];
  const run = (args: readonly string[]) => {
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: project.root, env, encoding: "utf8" });
    if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`);
    return stderr;
  };
  const reading = `const fs=require("fs"),path=require("path");for(const e of fs.readdirSync(process.env.CLAUDE_CONFIG_DIR,{recursive:true,withFileTypes:true}))if(e.isFile())fs.readFileSync(path.join(e.parentPath,e.name))`;
  const { backfill, plain } = await measureInTurns(
    {
      plain: () => run(["-e", reading]),
      backfill: () => {
        rmSync(join(project.root, ".kaizen"), { recursive: true, force: true });
        mkdirSync(join(project.root, ".kaizen"));
        peaks.push(Number(/peak (\d+)/.exec(run(["--import", preload, program, "backfill"]))?.[1]) * 1024);
      },
    },
    { count: 5, warmUp: 1 },
  );
  for (const one of [project, home]) one.remove();
  const rate = bytes / 1e6 / (backfill.medianMs / 1000);
  return [
    {
      what: `\`backfill\` of ${(bytes / 1e6).toFixed(0)} MB of transcripts, from start to end`,
      figure: `${inMs(backfill.medianMs)}: ${rate.toFixed(0)} MB a second; peak memory ${(median(peaks) / 1e6).toFixed(0)} MB`,
      against: `reading the same bytes in node: ${inMs(plain.medianMs)}; reach: 50 MB a second, 200 MB`,
      ratio: times(backfill.medianMs / plain.medianMs),
    },
  ];
}

/** Runs that read files between the commands of the sample, 5 MB each. Gives how many bytes there are. */
function writeTranscripts(client: ClientFolder, root: string, megabytes: number): number {
  let bytes = 0;
  for (let index = 0; bytes < megabytes * 1e6; index += 1) {
    const text = longTranscript(`k${index}`, root, 5e6);
    client.add(root, `k${index}`, { text });
    bytes += Buffer.byteLength(text);
  }
  return bytes;
}

function longTranscript(key: string, cwd: string, length: number): string {
  const at = Date.now() - 86_400_000;
  const parts: string[] = [];
  for (let round = 0, size = 0; size < length; round += 1) {
    const sample = pastTranscript({ key, cwd, at }).replaceAll(/\b(msg|toolu|req)_/g, `$1_${round}_`);
    const part = sample + [1, 2, 3, 4, 5].map((read) => fileRead(key, cwd, at, `${round}_r${read}`)).join("");
    parts.push(part);
    size += part.length;
  }
  return parts.join("");
}

function fileRead(agentId: string, cwd: string, at: number, id: string): string {
  const common = { isSidechain: true, agentId, cwd, sessionId: "s1", timestamp: new Date(at + 20_000).toISOString() };
  const content = Array.from(
    { length: 140 },
    (_, line) => `${line}\tconst value${line} = await read(file, ${line});`,
  ).join("\n");
  const call = { type: "tool_use", id: `toolu_${id}`, name: "Read", input: { file_path: `${cwd}/src/a.ts` } };
  const usage = { input_tokens: 4, output_tokens: 90, cache_read_input_tokens: 20_000 };
  const message = { id: `msg_${id}`, role: "assistant", model: "claude-sonnet-4-5-20250929", content: [call], usage };
  const result = { role: "user", content: [{ type: "tool_result", tool_use_id: `toolu_${id}`, content }] };
  const lines = [
    { ...common, type: "assistant", requestId: `req_${id}`, message },
    { ...common, type: "user", message: result, toolUseResult: { type: "text", file: { content, numLines: 140 } } },
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

const FILES = 500;

/** What a client waits for when a subagent has ended, with its transcript and git looked at, and without. */
export async function benchStopHook(): Promise<Row[]> {
  const what = "hook `subagent-stop` with a transcript of 1 MiB and git";
  if (!existsSync(program)) return [notBuilt(what)];
  const [project, home] = [temporaryProject(), temporaryProject()];
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=n", "-c", "user.email=n@localhost", ...args], { cwd: project.root });
  for (let file = 0; file < FILES; file += 1) {
    mkdirSync(join(project.root, `d${file % 20}`), { recursive: true });
    writeFileSync(join(project.root, `d${file % 20}`, `f${file}.ts`), `export const value = ${file};\n`.repeat(50));
  }
  git("init", "-q");
  git("add", "-A");
  git("commit", "-q", "-m", "first");
  mkdirSync(join(project.root, ".kaizen"));
  const env = { PATH: process.env.PATH ?? "", HOME: home.root };
  const client = new ClientFolder(join(home.root, "claude"));
  const call = (event: string, payload: object, more = {}) => {
    const input = JSON.stringify({ cwd: project.root, agent_type: REVIEWER, ...payload });
    const { status, stderr } = spawnSync(process.execPath, [program, "hook", event], {
      cwd: project.root,
      env: { ...env, ...more },
      input,
      encoding: "utf8",
    });
    if (status !== 0 || stderr !== "") throw new Error(`hook ${event} said: ${stderr}`);
  };
  const text = longTranscript("KEYKEY", project.root, MIB);
  const ready: { key: string; path: string }[] = [];
  const rounds = { count: 20, warmUp: 2 };
  // They begin before anything is measured; each ends in its turn.
  for (let run = 0; run < 2 * (rounds.count + rounds.warmUp); run += 1) {
    const key = `run${run}`;
    const path = client.add(project.root, key, { text: text.replaceAll("KEYKEY", key), type: REVIEWER });
    call("subagent-start", { hook_event_name: "SubagentStart", agent_id: key });
    ready.push({ key, path });
  }
  const stop = (more = {}) => {
    const run = ready.shift();
    const payload = { agent_id: run?.key, agent_transcript_path: run?.path, session_id: "s1" };
    call("subagent-stop", { hook_event_name: "SubagentStop", ...payload }, more);
  };
  const { off, on } = await measureInTurns({ off: () => stop({ KAIZEN_EVIDENCE: "off" }), on: () => stop() }, rounds);
  const kept = readdirSync(join(project.root, ".kaizen", "metrics", REVIEWER)).includes("evidence.jsonl");
  for (const one of [project, home]) one.remove();
  if (!kept) throw new Error("no evidence was kept");
  return [
    {
      what: `${what}, ${FILES} files`,
      figure: inMs(on.medianMs),
      against: `with \`KAIZEN_EVIDENCE=off\`: ${inMs(off.medianMs)}; reach: 150 ms more`,
      ratio: times(on.medianMs / off.medianMs),
    },
  ];
}
