import { describe, expect, test } from "vitest";
import { connectTo } from "../../support/postgres/admin.ts";
import type { Machine } from "../../support/postgres/machine.ts";
import { teamStore } from "../../support/postgres/place.ts";
import { confirmedTeamProject } from "../../support/postgres/team-project.ts";
import { bundle, ServerProcess } from "../../support/server-process.ts";

/** The dashboard of a machine, asked as its page asks. */
async function dashboard({ env, root }: Machine) {
  const all = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  const served = new ServerProcess({
    command: process.execPath,
    args: [bundle, "dashboard", "--no-open"],
    cwd: root,
    env: Object.fromEntries(all),
  });
  await served.says(/Ctrl-C/);
  const { hash, port } = new URL(served.lines[0] ?? "");
  const ask = (path: string, headers = {}) => fetch(`http://127.0.0.1:${port}${path}`, { headers });
  const { token } = JSON.parse(await (await ask(`/session?code=${hash.slice("#k=".length)}`)).text());
  const get = async (path: string) => JSON.parse(await (await ask(path, { Authorization: `Bearer ${token}` })).text());
  return { served, get, live: () => ask("/live", { Authorization: `Bearer ${token}` }) };
}

async function* linesOf(response: Response): AsyncGenerator<string, undefined> {
  let rest = "";
  for await (const bytes of response.body ?? []) {
    const lines = `${rest}${Buffer.from(bytes)}`.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  return undefined;
}

describe.skipIf(teamStore === undefined || process.env.KAIZEN_TEST_STORE)("the dashboard of a team's store", () => {
  test("needs to read only, keeps nothing, names the other projects, and is kept up to date", async () => {
    const ann = await confirmedTeamProject(undefined, { user: "ann" });
    const web = await confirmedTeamProject(undefined, { user: "ann" });
    for (const machine of [ann, web]) expect((await machine.here(["record", "coder", "--success"])).status).toBe(0);
    const wall = await confirmedTeamProject(ann.project, { user: "wall" });
    const { get, live, served } = await dashboard(wall);
    const overview = await get("/data/overview");
    expect(overview).toMatchObject({
      project: ann.project,
      run_count: 1,
      store: { name: expect.stringMatching(/:\d+\/postgres$/) },
    });
    const other = overview.store.projects.find(({ name }: { name: string }) => name === web.project);
    expect(other.words).toMatch(/^1 agent, 1 run, the last recorded \d{4}-/);
    expect(await get(`/data/overview?project=${encodeURIComponent(web.project)}`)).toMatchObject({
      project: web.project,
      agents: [{ name: "coder" }],
    });
    expect(await get("/data/agent?name=coder")).toMatchObject({ kind: "agent", project: ann.project });
    const lines = linesOf(await live());
    expect((await lines.next()).value).toBe("{}");
    expect((await ann.here(["record", "coder", "--failure"])).status).toBe(0);
    let line = (await lines.next()).value;
    while (line === "{}") line = (await lines.next()).value;
    expect(line).toBe('{"changed":["coder"]}');
    expect(await get("/data/overview")).toMatchObject({ run_count: 2 });
    served.child.kill("SIGINT");
    expect(await served.exited).toBe(0);
    expect(served.stderr).not.toMatch(/not write|READ_ONLY|fold/);
    const query = await connectTo(teamStore ?? "");
    const folds = "SELECT format FROM kaizen.folds JOIN kaizen.agents a USING (agent_id) WHERE a.project = $1";
    expect(await query(folds, [ann.project])).toEqual([]);
  });
});
