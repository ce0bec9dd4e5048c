import { expect, test } from "vitest";
import { linkedClient, textOf } from "../support/linked-client.ts";

test("record_execution gives a receipt, as structure and as text that says the same", async () => {
  const { call } = await linkedClient();
  const result = await call("record_execution", { agent: "code-reviewer", success: true, quality_score: 0.85 });
  expect(result).toMatchInlineSnapshot(`
    {
      "content": [
        {
          "text": "{"id":"run_00000000000000000001","agent":"code-reviewer","recorded":true,"duplicate":false,"timestamp":"2026-11-22T10:00:00Z","execution_count":1,"success_rate":1}",
          "type": "text",
        },
        {
          "text": "Recorded run_00000000000000000001. code-reviewer has 1 run, 100.0% a success as reported by the agent.",
          "type": "text",
        },
      ],
      "structuredContent": {
        "agent": "code-reviewer",
        "duplicate": false,
        "execution_count": 1,
        "id": "run_00000000000000000001",
        "recorded": true,
        "success_rate": 1,
        "timestamp": "2026-11-22T10:00:00Z",
      },
    }
  `);
  expect(JSON.parse(textOf(result).split("\n")[0] ?? "")).toEqual(result.structuredContent);
});

test("a figure that came as null counts as not reported, and the receipt says so", async () => {
  const { call } = await linkedClient();
  const filledIn = { quality_score: null, cost_usd: null, notes: null, extra: null };
  const result = await call("record_execution", { agent: "tester", success: true, ...filledIn });
  const note = "quality_score, cost_usd: null counts as not reported. Send a number, or leave it out.";
  expect(result.structuredContent).toMatchObject({ recorded: true, note });
  expect(textOf(result)).toContain(`a success as reported by the agent. ${note}`);
  const plain = await call("record_execution", { agent: "tester", success: true, notes: null });
  expect(plain.structuredContent).not.toHaveProperty("note");
});

test("a report repeated under its key gets the first run back, and adds nothing", async () => {
  const { call } = await linkedClient();
  const report = { agent: "tester", success: false, error: "timeout", idempotency_key: "k1" };
  await call("record_execution", report);
  expect(await call("record_execution", report)).toMatchInlineSnapshot(`
    {
      "content": [
        {
          "text": "{"id":"run_00000000000000000001","agent":"tester","recorded":false,"duplicate":true,"timestamp":"2026-11-22T10:00:00Z","execution_count":1,"success_rate":0}",
          "type": "text",
        },
        {
          "text": "Nothing added: run_00000000000000000001 was recorded under this key before. tester has 1 run, 0.0% a success as reported by the agent.",
          "type": "text",
        },
      ],
      "structuredContent": {
        "agent": "tester",
        "duplicate": true,
        "execution_count": 1,
        "id": "run_00000000000000000001",
        "recorded": false,
        "success_rate": 0,
        "timestamp": "2026-11-22T10:00:00Z",
      },
    }
  `);
});

test("another report under the same key is refused, and says what to do", async () => {
  const { call } = await linkedClient();
  await call("record_execution", { agent: "tester", success: false, idempotency_key: "k1" });
  expect(
    await call("record_execution", { agent: "tester", success: true, idempotency_key: "k1" }),
  ).toMatchInlineSnapshot(`
    {
      "content": [
        {
          "text": "KEY_CONFLICT: tester used this idempotency key for the run run_00000000000000000001, with other content. Repeat the same report to get its receipt, or use a new key for a new run.",
          "type": "text",
        },
      ],
      "isError": true,
    }
  `);
});

test("fields in extra are kept at the top level of the run", async () => {
  const { call, value } = await linkedClient();
  await call("record_execution", { agent: "tester", success: true, extra: { tests_passed: 12 } });
  expect(await value("read_executions", { agent: "tester" })).toMatchInlineSnapshot(`
    {
      "executions": [
        {
          "agent": "tester",
          "id": "run_00000000000000000001",
          "success": true,
          "tests_passed": 12,
          "timestamp": "2026-11-22T10:00:00Z",
        },
      ],
      "next_cursor": null,
    }
  `);
});

test("get_summary has the keys of ADR-004 at the top, and beside them what can be concluded", async () => {
  const { call } = await linkedClient();
  for (const success of [true, true, false]) await call("record_execution", { agent: "tester", success });
  expect(await call("get_summary", { agent: "tester" })).toMatchInlineSnapshot(`
    {
      "content": [
        {
          "text": "{"agent":"tester","execution_count":3,"success_rate":0.667,"avg_quality_score":0,"avg_execution_time_s":0,"last_execution":"2026-11-22T10:00:00Z","trend":{"success_rate":"stable","quality_score":"unknown"},"stats":{"success":{"runs":3,"successes":2,"rate":0.6666666666666666,"interval":[0.20765960080204768,0.9385080552796037],"since":{"runs":3,"successes":2},"before":null,"p_changed":0,"changes":[],"verdict":"too_few_runs","evidence":"too few runs: 2 of 3 succeeded, 7 more runs needed","declining_since":null},"quality":{"reported":0,"runs":3,"median":null,"p90":null,"since":null,"before":null,"p_changed":null,"changes":[],"verdict":"too_few_runs","evidence":"n/a: not reported","declining_since":null},"execution_time_s":{"reported":0,"runs":3,"median":null,"p90":null,"since":null,"before":null,"p_changed":null,"changes":[],"verdict":"too_few_runs","evidence":"n/a: not reported","declining_since":null},"verified":{"runs":0,"successes":0,"rate":null,"claimed_rate":null,"gap":null},"self_score":null,"failures":[{"signature":"unspecified","count":1,"first_seen":"2026-11-22T10:00:00Z","last_seen":"2026-11-22T10:00:00Z","example":"","back_after":null,"runs_since":0}],"damaged_lines":0}}",
          "type": "text",
        },
        {
          "text": "tester: 3 runs, 66.7% succeeded (as claimed); too few runs: 2 of 3 succeeded, 7 more runs needed.",
          "type": "text",
        },
      ],
      "structuredContent": {
        "agent": "tester",
        "avg_execution_time_s": 0,
        "avg_quality_score": 0,
        "execution_count": 3,
        "last_execution": "2026-11-22T10:00:00Z",
        "stats": {
          "damaged_lines": 0,
          "execution_time_s": {
            "before": null,
            "changes": [],
            "declining_since": null,
            "evidence": "n/a: not reported",
            "median": null,
            "p90": null,
            "p_changed": null,
            "reported": 0,
            "runs": 3,
            "since": null,
            "verdict": "too_few_runs",
          },
          "failures": [
            {
              "back_after": null,
              "count": 1,
              "example": "",
              "first_seen": "2026-11-22T10:00:00Z",
              "last_seen": "2026-11-22T10:00:00Z",
              "runs_since": 0,
              "signature": "unspecified",
            },
          ],
          "quality": {
            "before": null,
            "changes": [],
            "declining_since": null,
            "evidence": "n/a: not reported",
            "median": null,
            "p90": null,
            "p_changed": null,
            "reported": 0,
            "runs": 3,
            "since": null,
            "verdict": "too_few_runs",
          },
          "self_score": null,
          "success": {
            "before": null,
            "changes": [],
            "declining_since": null,
            "evidence": "too few runs: 2 of 3 succeeded, 7 more runs needed",
            "interval": [
              0.20765960080204768,
              0.9385080552796037,
            ],
            "p_changed": 0,
            "rate": 0.6666666666666666,
            "runs": 3,
            "since": {
              "runs": 3,
              "successes": 2,
            },
            "successes": 2,
            "verdict": "too_few_runs",
          },
          "verified": {
            "claimed_rate": null,
            "gap": null,
            "rate": null,
            "runs": 0,
            "successes": 0,
          },
        },
        "success_rate": 0.667,
        "trend": {
          "quality_score": "unknown",
          "success_rate": "stable",
        },
      },
    }
  `);
});

test("get_summary of an unknown agent is zero, and names the agent that was meant", async () => {
  const { call } = await linkedClient();
  await call("record_execution", { agent: "code-reviewer", success: true });
  expect(await call("get_summary", { agent: "code-reviwer" })).toMatchInlineSnapshot(`
    {
      "content": [
        {
          "text": "{"agent":"code-reviwer","execution_count":0,"success_rate":0,"avg_quality_score":0,"avg_execution_time_s":0,"last_execution":null,"trend":{"success_rate":"unknown","quality_score":"unknown"},"stats":{"success":{"runs":0,"successes":0,"rate":null,"interval":[0,1],"since":{"runs":0,"successes":0},"before":null,"p_changed":null,"changes":[],"verdict":"too_few_runs","evidence":"too few runs: 0 of 0 succeeded, 10 more runs needed","declining_since":null},"quality":{"reported":0,"runs":0,"median":null,"p90":null,"since":null,"before":null,"p_changed":null,"changes":[],"verdict":"too_few_runs","evidence":"n/a: not reported","declining_since":null},"execution_time_s":{"reported":0,"runs":0,"median":null,"p90":null,"since":null,"before":null,"p_changed":null,"changes":[],"verdict":"too_few_runs","evidence":"n/a: not reported","declining_since":null},"verified":{"runs":0,"successes":0,"rate":null,"claimed_rate":null,"gap":null},"self_score":null,"failures":[],"damaged_lines":0},"note":"Nothing has been recorded for \\"code-reviwer\\". Did you mean \\"code-reviewer\\"?"}",
          "type": "text",
        },
        {
          "text": "Nothing has been recorded for "code-reviwer". Did you mean "code-reviewer"?",
          "type": "text",
        },
      ],
      "structuredContent": {
        "agent": "code-reviwer",
        "avg_execution_time_s": 0,
        "avg_quality_score": 0,
        "execution_count": 0,
        "last_execution": null,
        "note": "Nothing has been recorded for "code-reviwer". Did you mean "code-reviewer"?",
        "stats": {
          "damaged_lines": 0,
          "execution_time_s": {
            "before": null,
            "changes": [],
            "declining_since": null,
            "evidence": "n/a: not reported",
            "median": null,
            "p90": null,
            "p_changed": null,
            "reported": 0,
            "runs": 0,
            "since": null,
            "verdict": "too_few_runs",
          },
          "failures": [],
          "quality": {
            "before": null,
            "changes": [],
            "declining_since": null,
            "evidence": "n/a: not reported",
            "median": null,
            "p90": null,
            "p_changed": null,
            "reported": 0,
            "runs": 0,
            "since": null,
            "verdict": "too_few_runs",
          },
          "self_score": null,
          "success": {
            "before": null,
            "changes": [],
            "declining_since": null,
            "evidence": "too few runs: 0 of 0 succeeded, 10 more runs needed",
            "interval": [
              0,
              1,
            ],
            "p_changed": null,
            "rate": null,
            "runs": 0,
            "since": {
              "runs": 0,
              "successes": 0,
            },
            "successes": 0,
            "verdict": "too_few_runs",
          },
          "verified": {
            "claimed_rate": null,
            "gap": null,
            "rate": null,
            "runs": 0,
            "successes": 0,
          },
        },
        "success_rate": 0,
        "trend": {
          "quality_score": "unknown",
          "success_rate": "unknown",
        },
      },
    }
  `);
});

test("get_summary names the known agents where none is near, and says so where there are none", async () => {
  const { call, value } = await linkedClient();
  const note = async () => (await value("get_summary", { agent: "planner" })).note;
  expect(await note()).toBe(
    'Nothing has been recorded for "planner". No agent has recorded a run in this project yet.',
  );
  for (let index = 10; index < 22; index += 1) await call("record_execution", { agent: `bot-${index}`, success: true });
  expect(await note()).toMatch(/"bot-19", and 2 more\.$/);
});

test("get_summary picks runs by task, model, version and time", async () => {
  const { call, value } = await linkedClient();
  const agent = "tester";
  await call("record_execution", {
    agent,
    success: true,
    task: "unit",
    model: "m1",
    timestamp: "2026-11-01T00:00:00Z",
  });
  await call("record_execution", { agent, success: false, task: "e2e", version: "2" });
  const count = async (filter: object) => (await value("get_summary", { agent, ...filter })).execution_count;
  expect(await count({})).toBe(2);
  expect(await count({ task: "unit" })).toBe(1);
  expect(await count({ model: "m1" })).toBe(1);
  expect(await count({ version: "2" })).toBe(1);
  expect(await count({ since: "2026-11-02" })).toBe(1);
  expect(await count({ until: "2026-11-01T00:00:00+01:00" })).toBe(0);
  const none = await value("get_summary", { agent, task: "deploy" });
  expect(none.note).toBe('None of the 2 runs of "tester" passes these filters.');
});

test("list_agents gives every agent with its figures, in the order asked for", async () => {
  const { call, value } = await linkedClient();
  await call("record_execution", { agent: "a", success: true, quality_score: 0.9 });
  await call("record_execution", { agent: "b", success: false });
  expect(await call("list_agents", { sort: "success_rate" })).toMatchInlineSnapshot(`
    {
      "content": [
        {
          "text": "{"agents":[{"agent":"b","execution_count":1,"success_rate":0,"avg_quality_score":0,"quality_reported":0,"last_execution":"2026-11-22T10:00:00Z","success":{"rate":0,"interval":[0,0.7934506856227626],"verdict":"too_few_runs","evidence":"too few runs: 0 of 1 succeeded, 9 more runs needed","declining_since":null},"verified":{"runs":0,"successes":0,"rate":null,"claimed_rate":null,"gap":null},"contradictions":0,"damaged_lines":0},{"agent":"a","execution_count":1,"success_rate":1,"avg_quality_score":0.9,"quality_reported":1,"last_execution":"2026-11-22T10:00:00Z","success":{"rate":1,"interval":[0.20654931437723742,1],"verdict":"too_few_runs","evidence":"too few runs: 1 of 1 succeeded, 9 more runs needed","declining_since":null},"verified":{"runs":0,"successes":0,"rate":null,"claimed_rate":null,"gap":null},"contradictions":0,"damaged_lines":0}],"total":2}",
          "type": "text",
        },
        {
          "text": "2 agents; first b with 1 run, 0.0% succeeded (as claimed); too few runs: 0 of 1 succeeded, 9 more runs needed.",
          "type": "text",
        },
      ],
      "structuredContent": {
        "agents": [
          {
            "agent": "b",
            "avg_quality_score": 0,
            "contradictions": 0,
            "damaged_lines": 0,
            "execution_count": 1,
            "last_execution": "2026-11-22T10:00:00Z",
            "quality_reported": 0,
            "success": {
              "declining_since": null,
              "evidence": "too few runs: 0 of 1 succeeded, 9 more runs needed",
              "interval": [
                0,
                0.7934506856227626,
              ],
              "rate": 0,
              "verdict": "too_few_runs",
            },
            "success_rate": 0,
            "verified": {
              "claimed_rate": null,
              "gap": null,
              "rate": null,
              "runs": 0,
              "successes": 0,
            },
          },
          {
            "agent": "a",
            "avg_quality_score": 0.9,
            "contradictions": 0,
            "damaged_lines": 0,
            "execution_count": 1,
            "last_execution": "2026-11-22T10:00:00Z",
            "quality_reported": 1,
            "success": {
              "declining_since": null,
              "evidence": "too few runs: 1 of 1 succeeded, 9 more runs needed",
              "interval": [
                0.20654931437723742,
                1,
              ],
              "rate": 1,
              "verdict": "too_few_runs",
            },
            "success_rate": 1,
            "verified": {
              "claimed_rate": null,
              "gap": null,
              "rate": null,
              "runs": 0,
              "successes": 0,
            },
          },
        ],
        "total": 2,
      },
    }
  `);
  expect((await value("list_agents")).agents).toMatchObject([{ agent: "a" }, { agent: "b" }]);
});

test("list_agents of an empty project says that it is empty", async () => {
  const { call } = await linkedClient();
  expect(textOf(await call("list_agents"))).toMatchInlineSnapshot(`
    "{"agents":[],"total":0}
    No agent has recorded a run in this project yet."
  `);
});

test("list_agents cuts a list that no client would take, and says how many there are", async () => {
  const { kaizen, call } = await linkedClient();
  for (let index = 0; index < 600; index += 1) await kaizen.record({ agent: `agent-${index}`, success: true });
  const result = await call("list_agents");
  expect(textOf(result)).toMatch(/\n600 agents, of which the first \d+ are shown; /);
  expect(JSON.stringify(result.structuredContent).length).toBeLessThan(71_000);
});

test("write_optimizer_analysis stores the report and gives each recommendation an id", async () => {
  const { call, kaizen } = await linkedClient();
  await call("record_execution", { agent: "tester", success: false });
  const result = await call("write_optimizer_analysis", {
    report: { focus: "tester", findings: [{ kind: "timeouts", share: 0.5 }] },
    recommendations: [{ agent: "tester", title: "Raise the limit", priority: 1 }],
  });
  expect(result).toMatchInlineSnapshot(`
    {
      "content": [
        {
          "text": "{"path":"analysis.json","recommendation_ids":["rec_00000000000000000002"]}",
          "type": "text",
        },
        {
          "text": "Wrote analysis.json and 1 recommendation.",
          "type": "text",
        },
      ],
      "structuredContent": {
        "path": "analysis.json",
        "recommendation_ids": [
          "rec_00000000000000000002",
        ],
      },
    }
  `);
  expect(await kaizen.analysis()).toEqual({ focus: "tester", findings: [{ kind: "timeouts", share: 0.5 }] });
  expect((await kaizen.advice()).entries).toMatchInlineSnapshot(`
    [
      {
        "agent": "tester",
        "metrics_count": 1,
        "recommendations": [
          {
            "id": "rec_00000000000000000002",
            "priority": 1,
            "title": "Raise the limit",
          },
        ],
        "timestamp": "2026-11-22T10:00:00Z",
      },
    ]
  `);
});
