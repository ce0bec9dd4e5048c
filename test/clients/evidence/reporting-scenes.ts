import type { ScriptedModel } from "../model/scripted-model.ts";
import type { Scene } from "./scene.ts";
import { conversation, converse, type Row } from "./scenes.ts";

const READER = "reader";
const TOOL = "mcp__kaizen-metrics__record_execution";

/** What the subagent got to see, in its first request. */
function seenBy(requests: ScriptedModel["requests"], name: string): { told: string; tools: readonly string[] } {
  const first = requests.find(({ prompt }) => prompt.includes(`SUB-${name}`));
  return { told: first?.told ?? "", tools: [...(first?.tools.keys() ?? [])] };
}

function seenRuns(scene: Scene): number {
  const { coverage } = JSON.parse(scene.says("summary", READER, "--json"));
  return coverage?.started ?? 0;
}

/** An agent whose tools leave the report out, and a server that was declined: no screen says anything wrong. */
export async function reportingRows(scene: Scene): Promise<Row[]> {
  scene.write(
    `.claude/agents/${READER}.md`,
    `---\nname: ${READER}\ndescription: Reads\ntools: Read, Grep\n---\nRead.\n`,
  );
  const before = await converse(scene, "reads", conversation("reads", [], [], READER));
  const able = seenBy(before, "reads");
  const started = await scene.until(() => seenRuns(scene) || undefined);
  const named = scene.says("status");
  scene.kaizen("init", "--client", "claude-code", "--allow");
  const report = { tool: TOOL, input: { agent: READER, success: true } };
  const after = await converse(scene, "reports", conversation("reports", [report], [], READER));
  const runs = await scene.until(() => {
    const { runs: found } = JSON.parse(scene.says("runs", READER, "--json"));
    return found.length > 0 ? found : undefined;
  });
  scene.write(".claude/settings.local.json", JSON.stringify({ disabledMcpjsonServers: ["kaizen-metrics"] }));
  const declined = await converse(scene, "declined", conversation("declined", [], [], READER));
  const status = scene.says("status");
  return [
    {
      what: "an agent without the tool is not asked to report",
      isSo: !able.tools.includes(TOOL) && able.told.includes(`SUB-reads`) && !able.told.includes("record_execution"),
      seen: `asked: ${able.told.includes("record_execution")}`,
    },
    { what: "its run is seen all the same", isSo: started === 1, seen: `${started} run` },
    {
      what: "status names it, with what mends it",
      isSo: named.includes(READER) && named.includes("--allow"),
      seen: `named: ${named.includes(READER)}`,
    },
    {
      what: "after init --allow it has the tool, is asked, and reports",
      isSo: seenBy(after, "reports").told.includes(TOOL) && runs?.length === 1,
      seen: `${runs?.length ?? 0} run on record`,
    },
    {
      what: "with a declined server no agent is asked to report",
      isSo: !seenBy(declined, "declined").told.includes("record_execution"),
      seen: `asked: ${seenBy(declined, "declined").told.includes("record_execution")}`,
    },
    {
      what: "and the session and status say that it is off",
      isSo: declined[0]?.told.includes("server is off") === true && status.includes("settings.local.json"),
      seen: `status: ${status.includes("settings.local.json")}`,
    },
  ];
}
