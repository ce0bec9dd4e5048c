import { expect, test } from "vitest";
import { type LinkedClient, linkedClient } from "../support/linked-client.ts";
import { agentNamed } from "../support/runs.ts";
import { appendRun } from "../support/single-calls.ts";

interface ReadPage {
  executions: Array<{ notes?: string; n?: number }>;
  next_cursor: string | null;
}

async function readPage({ value }: LinkedClient, args: Record<string, unknown>): Promise<ReadPage> {
  return (await value("read_executions", { agent: "tester", ...args })) as unknown as ReadPage;
}

async function recordRuns({ kaizen }: LinkedClient, count: number, notes = ""): Promise<void> {
  for (let n = 1; n <= count; n += 1) {
    await kaizen.record({ agent: "tester", success: n % 2 === 0, extra: { n }, ...(notes === "" ? {} : { notes }) });
  }
}

test("read_executions gives 20 runs, newest first, and a cursor to the rest", async () => {
  const linked = await linkedClient();
  await recordRuns(linked, 25);
  const first = await readPage(linked, {});
  expect(first.executions.map((run) => run.n)).toEqual(Array.from({ length: 20 }, (_, index) => 25 - index));
  const second = await readPage(linked, { cursor: first.next_cursor });
  expect(second.executions.map((run) => run.n)).toEqual([5, 4, 3, 2, 1]);
  expect(second.next_cursor).toBeNull();
});

test("pages of large runs stay below the limit of clients, and together hold every run once", async () => {
  const linked = await linkedClient();
  await recordRuns(linked, 40, "é".repeat(3_000));
  const seen: Array<number | undefined> = [];
  let cursor: string | null | undefined;
  do {
    const page = await readPage(linked, { limit: 200, ...(cursor === undefined ? {} : { cursor }) });
    expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(71_000);
    seen.push(...page.executions.map((run) => run.n));
    cursor = page.next_cursor;
  } while (cursor !== null);
  expect(seen).toEqual(Array.from({ length: 40 }, (_, index) => 40 - index));
});

test("a run recorded between the two looks of one page is neither skipped nor given twice", async () => {
  const linked = await linkedClient();
  const { kaizen } = linked;
  await recordRuns(linked, 20, "x".repeat(7_000));
  const page = kaizen.executions.bind(kaizen);
  let looks = 0;
  kaizen.executions = async (agent, request) => {
    const found = await page(agent, request);
    looks += 1;
    if (looks === 1) await kaizen.record({ agent: "tester", success: true, extra: { n: 21 } });
    return found;
  };
  const first = await readPage(linked, {});
  expect(looks).toBe(2);
  const second = await readPage(linked, { cursor: first.next_cursor });
  const third = await readPage(linked, { cursor: second.next_cursor });
  const all = [...first.executions, ...second.executions, ...third.executions].map((run) => run.n);
  expect(all).toEqual(Array.from({ length: 21 }, (_, index) => 21 - index));
});

test("the largest run that we take comes whole", async () => {
  const linked = await linkedClient();
  await recordRuns(linked, 1);
  await linked.kaizen.record({ agent: "tester", success: true, extra: { n: 2, transcript: "x".repeat(65_300) } });
  const { executions } = await readPage(linked, {});
  expect(executions[0]).toHaveProperty("transcript", "x".repeat(65_300));
});

test("a run of another writer that alone is too large comes shortened, so that the next page can be reached", async () => {
  const linked = await linkedClient();
  await recordRuns(linked, 1);
  const record = {
    success: true,
    n: 2,
    transcript: "word ".repeat(20_000),
    steps: Array.from({ length: 9_000 }, () => 1),
  };
  await appendRun(linked.store.runs, agentNamed("tester"), { record, reported: record });
  const { executions, next_cursor } = await readPage(linked, {});
  expect(executions[0]).toMatchObject({ n: 2, success: true, shortened_from_bytes: 118_048 });
  expect(JSON.stringify(executions[0]).length).toBeLessThan(2_000);
  expect(executions[0]).toHaveProperty("transcript", expect.stringMatching(/… \[100000 characters\]$/));
  expect(executions[1]).toMatchObject({ n: 1 });
  expect(next_cursor).toBeNull();
});

test("filters hold across pages", async () => {
  const linked = await linkedClient();
  await recordRuns(linked, 10);
  const first = await readPage(linked, { success: false, limit: 3 });
  const second = await readPage(linked, { success: false, limit: 3, cursor: first.next_cursor });
  expect([...first.executions, ...second.executions].map((run) => run.n)).toEqual([9, 7, 5, 3, 1]);
});

test("an empty page says whether the agent or only a match is missing", async () => {
  const linked = await linkedClient();
  await recordRuns(linked, 2);
  expect(await readPage(linked, { task: "deploy" })).toMatchInlineSnapshot(`
    {
      "executions": [],
      "next_cursor": null,
      "note": "None of the 2 runs of "tester" passes these filters.",
    }
  `);
  expect(await linked.value("read_executions", { agent: "testr" })).toMatchInlineSnapshot(`
    {
      "executions": [],
      "next_cursor": null,
      "note": "Nothing has been recorded for "testr". Did you mean "tester"?",
    }
  `);
});
