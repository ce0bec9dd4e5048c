import { join } from "node:path";
import type { Answer, Script } from "../model/script.ts";
import { type ScriptedModel, scriptedModel } from "../model/scripted-model.ts";
import type { Start } from "../programs/client.ts";
import { server } from "../user.ts";
import { reportingRows } from "./reporting-scenes.ts";
import { AGENT, Scene } from "./scene.ts";

/** What is to be so, whether it is, and what was seen. */
export interface Row {
  readonly what: string;
  readonly isSo: boolean;
  readonly seen: string;
}

const BROKEN = "module.exports = (a, b) => a - b;\n";
const WHOLE = "module.exports = (a, b) => b + a;\n";

/** A small package in an empty repository, and the one command of ours that a person types. */
function projectOf(place: string, claude: Omit<Start, "user">, ignored = ""): Scene {
  const scene = new Scene(place, claude);
  scene.write("package.json", JSON.stringify({ name: "sum", scripts: { test: "node --test" } }));
  scene.write("sum.js", "module.exports = (a, b) => a + b;\n");
  const lines = [
    "require('node:test')('adds', () => {",
    "  require('node:assert').equal(require('./sum.js')(1, 2), 3);",
    "});",
  ];
  scene.write("sum.test.js", `${lines.join("\n")}\n`);
  if (ignored !== "") scene.write(".gitignore", ignored);
  // Git keeps the runs in one of the scenes; it leaves them out of any other project by a line of init's.
  const git = ignored === "" ? ["--share"] : [];
  scene.kaizen("init", "--client", "claude-code", "--check", "npm test", "--yes", ...git);
  return scene;
}

/** The main conversation has one subagent do something, and does something itself after that. */
export function conversation(
  name: string,
  subagent: readonly Answer[],
  after: readonly Answer[] = [],
  agent = AGENT,
): Script[] {
  const input = { description: name, prompt: `SUB-${name} begins`, subagent_type: agent, run_in_background: false };
  return [
    { prompt: `MAIN-${name}`, answers: [{ tool: "Agent", input }, ...after] },
    { prompt: `SUB-${name}`, answers: subagent },
  ];
}

const write = (scene: Scene, content: string): Answer[] => [
  // A file that is there has to be read before it is written.
  { tool: "Read", input: { file_path: join(scene.project, "sum.js") } },
  { tool: "Write", input: { file_path: join(scene.project, "sum.js"), content } },
];
const bash = (command: string): Answer => ({ tool: "Bash", input: { command } });
const report: Answer = { tool: "mcp__kaizen-metrics__record_execution", input: { agent: AGENT, success: true } };

export async function converse(
  scene: Scene,
  name: string,
  scripts: readonly Script[],
): Promise<ScriptedModel["requests"]> {
  await using model = await scriptedModel(scripts);
  await scene.converse(model, `MAIN-${name} begins`);
  return model.requests;
}

/** A subagent breaks a test and reports success; the main conversation then runs the tests. */
async function brokenRun(scene: Scene): Promise<Row[]> {
  const answers = [...write(scene, BROKEN), report];
  await converse(scene, "breaks", conversation("breaks", answers, [bash("npm test")]));
  await scene.until(() => scene.runs().find(({ words }) => words.length > 0));
  const [[facts], [run, ...others]] = [scene.facts(), scene.runs()];
  const word = run?.words[0];
  return [
    {
      what: "a subagent's run is recorded by its report",
      isSo: run?.success === true && run.recorded_by === undefined && others.length === 0,
      seen: `${others.length + 1} run, claimed ${run?.success}`,
    },
    {
      what: "it is seen: its edit, its cost, its tree",
      isSo: facts?.edits === 1 && facts.tree !== facts.tree_start && (facts.tokens?.output ?? 0) > 0,
      seen: `${facts?.edits} edit, ${facts?.tools} tools, ${facts?.tokens?.output} tokens of output`,
    },
    {
      what: "the main conversation's tests are seen for it",
      isSo: facts?.seen === "red_after",
      seen: `${facts?.seen}`,
    },
    { what: "it is checked", isSo: facts?.check === "failed", seen: `check: ${facts?.check}` },
    {
      what: "it is refuted, whatever it claimed",
      isSo: word?.success === false && word.verified_by === "tests" && word.via === "check",
      seen: `${word?.success} by ${word?.verified_by} via ${word?.via}`,
    },
  ];
}

/** A subagent mends it, a person commits all that there is, and CI goes green: the next conversation brings that. */
async function committedRun(scene: Scene, what: string): Promise<Row> {
  await converse(scene, "mends", conversation("mends", write(scene, WHOLE)));
  await scene.until(() => scene.facts().at(-1)?.check);
  scene.git("add", "-A");
  scene.git("commit", "-qm", "mended");
  scene.ghSays(scene.git("rev-parse", "HEAD"), "success");
  scene.kaizen("init", "--client", "claude-code", "--ci", "gh");
  await converse(scene, "later", []);
  const found = () => scene.runs().flatMap(({ words }) => words.filter(({ verified_by }) => verified_by === "ci"));
  await scene.until(() => found().at(0));
  const words = found();
  const tracked = scene.git("ls-files", ".kaizen") !== "";
  return {
    what: `a committed run is verified by CI, with .kaizen ${what}`,
    isSo: words.length === 1 && words[0]?.success === true && words[0]?.via === "ci" && tracked === (what === "in git"),
    seen: `${words.map(({ success, via }) => `${success} via ${via}`)}, check: ${scene.facts().at(-1)?.check}`,
  };
}

/** A subagent reports success and verifies itself; then its user says that it went badly. */
async function judgedByPeople(scene: Scene): Promise<Row[]> {
  const itself = bash(`"${process.execPath}" "${server}" verify --last --success --by human`);
  await converse(scene, "boasts", conversation("boasts", [report, itself]));
  const newest = () => scene.runs().at(0)?.words ?? [];
  const ofItself = newest();
  await using model = await scriptedModel([]);
  const answer = await scene.converse(model, "/kaizen-metrics:bad it rounds wrong");
  const said = newest().filter(({ unproven }) => unproven !== true);
  return [
    {
      what: "a subagent that verifies itself is unproven",
      isSo: ofItself.length === 1 && ofItself[0]?.unproven === true && ofItself[0].verified_by === "human",
      seen: ofItself.map(({ unproven, verified_by }) => `${verified_by}, unproven: ${unproven}`).join(),
    },
    {
      what: "/kaizen-metrics:bad refutes the newest undecided run",
      isSo: said.length === 1 && said[0]?.success === false && said[0].via === "prompt",
      seen: said.map(({ success, via }) => `${success} via ${via}`).join() || answer.slice(0, 300),
    },
    { what: "and goes to no model", isSo: model.requests.length === 0, seen: `${model.requests.length} requests` },
  ];
}

/** All that is to be so, from one `init --check` each in an empty repository. */
export async function* play(place: string, claude: Omit<Start, "user">): AsyncGenerator<Row> {
  const scene = projectOf(place, claude);
  yield* await brokenRun(scene);
  yield await committedRun(scene, "in git");
  yield await committedRun(projectOf(place, claude, ".kaizen/\n"), "ignored");
  yield* await judgedByPeople(scene);
  yield* await reportingRows(projectOf(place, claude));
}
