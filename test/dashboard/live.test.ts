import { connect, type Socket } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { MAX_VIEWERS } from "../../src/dashboard/server.ts";
import { sourceOf } from "../../src/dashboard/source.ts";
import { temporaryFolder } from "../support/places.ts";
import { projectKaizen, Served } from "./served.ts";

/** No heartbeat comes between, and looks come fast. */
const fast = { lookMs: 5, heartbeatMs: 600_000 };

test("a run that another process records is told with the name of its agent", async () => {
  const root = temporaryFolder();
  const [kaizen, other] = [projectKaizen(root), projectKaizen(root)];
  await kaizen.record({ agent: "packer", success: true });
  await kaizen.record({ agent: "tester", success: true });
  const served = await Served.start({ source: sourceOf(kaizen, "shop"), limits: fast });
  const headers = await served.bearer();
  await served.ask("/data/overview", { headers });
  const live = await served.stream("/live", { headers });
  expect(await live.next()).toEqual({});
  await other.record({ agent: "tester", success: false });
  expect(await live.next()).toEqual({ changed: ["tester"] });
  // No page shows this one yet.
  await other.record({ agent: "new-one", success: false });
  expect(await live.next()).toEqual({ changed: [""] });
});

test("one look serves every page, and there is none while no page is there", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  let looks = 0;
  let token = "a";
  const changed = {
    changeToken: async (agent?: string) => {
      if (agent === undefined) looks += 1;
      return token;
    },
  };
  const served = await Served.start({ changed, limits: { lookMs: 1_000, heartbeatMs: 600_000 } });
  const headers = await served.bearer();
  expect([looks, vi.getTimerCount()]).toEqual([0, 0]);
  const viewers = await Promise.all([1, 2, 3].map(() => served.stream("/live", { headers })));
  for (const viewer of viewers) expect(await viewer.next()).toEqual({});
  expect(looks).toBe(1);
  token = "b";
  await vi.advanceTimersByTimeAsync(1_000);
  for (const viewer of viewers) expect(await viewer.next()).toEqual({ changed: [""] });
  // A look, and what it is then compared with.
  expect(looks).toBe(3);
  for (const viewer of viewers) viewer.leave();
  while (vi.getTimerCount() > 0) await served.ask("/");
  token = "c";
  const late = await served.stream("/live", { headers });
  expect(await late.next()).toEqual({});
  expect(looks).toBe(4);
});

test("a page hears that all is well while nothing happens, and what is wrong with the files is told once", async () => {
  const problem = new Error("the disk is gone");
  const served = await Served.start({
    changed: { changeToken: () => Promise.reject(problem) },
    limits: { lookMs: 1, heartbeatMs: 10 },
  });
  const live = await served.stream("/live", { headers: await served.bearer() });
  for (let line = 0; line < 5; line += 1) expect(await live.next()).toEqual({});
  expect(served.stderr).toEqual(["kaizen-metrics: looking for changes: the disk is gone\n"]);
});

test("so many pages are kept up to date, and the next one is told that there is no room", async () => {
  const served = await Served.start({ limits: fast });
  const headers = await served.bearer();
  for (let viewer = 0; viewer < MAX_VIEWERS; viewer += 1) {
    expect((await served.stream("/live", { headers })).status).toBe(200);
  }
  const { body, status } = await served.ask("/live", { headers });
  expect([status, JSON.parse(body).error.code]).toEqual([503, "TOO_MANY_PAGES"]);
  expect((await served.ask("/data/overview", { headers })).status).toBe(200);
});

test("connections without a token take no room from a page that has it", async () => {
  const served = await Served.start({ limits: { ...fast, strangers: 3 } });
  const headers = await served.bearer();
  const live = await served.stream("/live", { headers });
  expect(await live.next()).toEqual({});
  const strangers: Socket[] = [];
  for (let stranger = 0; stranger < 4; stranger += 1) {
    const socket = connect(served.server.port, "127.0.0.1");
    await new Promise((resolve) => socket.on("connect", resolve));
    strangers.push(socket);
  }
  // The oldest has gone, and our page is served as before.
  await new Promise((resolve) => strangers[0]?.on("close", resolve));
  expect((await served.ask("/data/overview", { headers })).status).toBe(200);
  for (const stranger of strangers) stranger.destroy();
  live.leave();
});

test("a connection that says nothing is closed", async () => {
  const served = await Served.start({ limits: { headersMs: 50, requestMs: 100 } });
  const silent = connect(served.server.port, "127.0.0.1");
  silent.write("GET / HTTP/1.1\r\nHost: loc");
  silent.resume();
  await new Promise((resolve) => silent.on("close", resolve));
});

test("pages are told at once that the program ends", async () => {
  const served = await Served.start({ limits: fast });
  const live = await served.stream("/live", { headers: await served.bearer() });
  expect(await live.next()).toEqual({});
  await served.server.close();
  expect(await live.next()).toBeNull();
});
