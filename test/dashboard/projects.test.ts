import { expect, test } from "vitest";
import type { TeamProjects } from "../../src/dashboard/projects.ts";
import { sourceOf } from "../../src/dashboard/source.ts";
import { KaizenError } from "../../src/errors.ts";
import { projectKaizen, Served } from "./served.ts";

const fast = { lookMs: 5, heartbeatMs: 5 };
const unreachable = new KaizenError("STORE_UNREACHABLE", "The team's store cannot be reached.");

async function twoProjects() {
  const [shop, web] = [projectKaizen(), projectKaizen()];
  await shop.record({ agent: "packer", success: true });
  await web.record({ agent: "designer", success: true });
  const opened: string[] = [];
  const team: TeamProjects = {
    own: "acme/shop",
    store: "db.acme.dev/metrics",
    list: async () => ["acme/shop", "acme/web"].map((name) => ({ name, words: "1 agent, 1 run" })),
    async open(project) {
      opened.push(project);
      return sourceOf(web, project);
    },
  };
  return { shop, web, team, opened };
}

test("a page sees the project of the command, and another one of the store if it names it", async () => {
  const { opened, shop, team, web } = await twoProjects();
  const served = await Served.start({ source: sourceOf(shop, "acme/shop"), team, limits: fast });
  const headers = await served.bearer();
  const ask = async (path: string) => JSON.parse((await served.ask(path, { headers })).body);
  expect(await ask("/data/overview")).toMatchObject({
    project: "acme/shop",
    store: { name: "db.acme.dev/metrics", projects: [{ name: "acme/web", words: "1 agent, 1 run" }] },
  });
  expect(opened).toEqual([]);
  expect(await ask("/data/overview?project=acme%2Fweb")).toMatchObject({
    project: "acme/web",
    agents: [{ name: "designer" }],
    store: { projects: [{ name: "acme/shop" }] },
  });
  expect(await ask("/data/agent?name=designer&project=acme%2Fweb")).toMatchObject({ kind: "agent" });
  expect((await served.ask("/data/agent?name=designer", { headers })).status).toBe(404);
  expect((await served.ask("/data/overview?project=acme%2Fother", { headers })).status).toBe(404);
  const live = await served.stream("/live?project=acme%2Fweb", { headers });
  expect(await live.next()).toEqual({});
  await web.record({ agent: "designer", success: false });
  let line = await live.next();
  while (JSON.stringify(line) === "{}") line = await live.next();
  expect(line).toEqual({ changed: ["designer"] });
  expect(opened).toEqual(["acme/web"]);
});

test("a folder has no other projects, whatever a page asks for", async () => {
  const served = await Served.start();
  const headers = await served.bearer();
  expect(JSON.parse((await served.ask("/data/overview", { headers })).body).store).toBeUndefined();
  expect((await served.ask("/data/overview?project=acme%2Fweb", { headers })).status).toBe(404);
});

test("pages are told that the store does not answer, and of its return", async () => {
  let isAway = true;
  const changeToken = async () => {
    if (isAway) throw unreachable;
    return "token";
  };
  const overview = () => Promise.reject(unreachable);
  const served = await Served.start({ changed: { changeToken, overview }, limits: fast });
  const headers = await served.bearer();
  const { body, status } = await served.ask("/data/overview", { headers });
  expect([status, JSON.parse(body).error.code]).toEqual([502, "STORE_UNREACHABLE"]);
  const live = await served.stream("/live", { headers });
  // The first line of a stream, and those of the heartbeat.
  for (let line = 0; line < 3; line += 1) expect(await live.next()).toEqual({ is_away: true });
  isAway = false;
  let line = await live.next();
  while (JSON.stringify(line) === '{"is_away":true}') line = await live.next();
  expect(line).toEqual({ changed: [] });
  expect(served.stderr).toEqual(["kaizen-metrics: looking for changes: The team's store cannot be reached.\n"]);
});
