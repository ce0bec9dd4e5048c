import { describe, expect, test } from "vitest";
import type { AdviceEntry, RecommendationEvent } from "../../src/domain/coaching/recommendation.ts";
import { KaizenError } from "../../src/errors.ts";

import type { Place } from "../support/places.ts";
import { clockAt, codeOf } from "../support/runs.ts";

/** The promises of the optimizer's port, one test each. */
export function describeOptimizerStore(name: string, newPlace: () => Place): void {
  function setUp() {
    const clock = clockAt();
    const place = newPlace();
    const open = () => place.open({ now: clock.now, retentionDays: 30 }).advice;
    return { place, open, optimizer: open() };
  }

  function entry(agent: string, title: string): AdviceEntry {
    const timestamp = "2026-11-22T10:00:00Z";
    return { timestamp, agent, metrics_count: 12, recommendations: [{ id: "rec_1", title, more: { deep: [1] } }] };
  }

  function event(id: string, change: RecommendationEvent["change"]): RecommendationEvent {
    return { id, change, timestamp: "2026-11-22T10:00:00Z", execution_count: 3, after_execution: null };
  }

  describe(`${name}: what an optimizer leaves`, () => {
    test("is nothing at first", async () => {
      const { optimizer } = setUp();
      expect(await optimizer.readAnalysis()).toBeUndefined();
      expect(await optimizer.readAdvice()).toEqual({ entries: [], events: [], unreadable: 0 });
    });

    test("is the latest report, whole, in place of the one before", async () => {
      const { optimizer } = setUp();
      const where = await optimizer.writeAnalysis({ first: true, agents: { a: 1 } });
      await optimizer.writeAnalysis({ second: ["é", null, 0.5], "": {} });
      expect(await optimizer.readAnalysis()).toEqual({ second: ["é", null, 0.5], "": {} });
      expect(where).toContain("analysis.json");
    });

    test("is the advice that came with a report, too", async () => {
      const { optimizer } = setUp();
      await optimizer.writeAnalysis({ with: "advice" }, { entries: [entry("a", "one")], events: [] });
      await optimizer.writeAnalysis(
        { with: "more" },
        { entries: [entry("a", "two")], events: [event("rec_1", "proposed")] },
      );
      expect(await optimizer.readAnalysis()).toEqual({ with: "more" });
      expect(await optimizer.readAdvice()).toEqual({
        entries: [entry("a", "one"), entry("a", "two")],
        events: [event("rec_1", "proposed")],
        unreadable: 0,
      });
    });

    test("is every recommendation entry, in the order in which it was added", async () => {
      const { optimizer } = setUp();
      await optimizer.writeAnalysis({}, { entries: [entry("a", "one"), entry("b", "two")], events: [] });
      await optimizer.writeAnalysis({}, { entries: [], events: [] });
      await optimizer.writeAnalysis({}, { entries: [entry("a", "three")], events: [] });
      expect((await optimizer.readAdvice()).entries).toEqual([
        entry("a", "one"),
        entry("b", "two"),
        entry("a", "three"),
      ]);
    });

    test("is not touched by what callers do to what they gave or got", async () => {
      const { optimizer } = setUp();
      const report = { list: [1] };
      await optimizer.writeAnalysis(report);
      report.list.push(2);
      const read = await optimizer.readAnalysis();
      if (read !== undefined) read.list = [];
      expect(await optimizer.readAnalysis()).toEqual({ list: [1] });
    });

    test("is complete when several add and replace at the same moment", async () => {
      const { optimizer } = setUp();
      const titles = Array.from({ length: 10 }, (_, index) => `title ${index}`);
      await Promise.all(
        titles.map((title) =>
          optimizer.writeAnalysis({ title }, { entries: [entry("a", title), entry("b", title)], events: [] }),
        ),
      );
      await Promise.all(titles.map((title) => optimizer.writeAnalysis({ title })));
      const { entries } = await optimizer.readAdvice();
      expect(entries.map(({ agent }) => agent)).toEqual(titles.flatMap(() => ["a", "b"]));
      expect(new Set(entries.map(({ recommendations }) => recommendations[0]?.title))).toEqual(new Set(titles));
      expect(titles).toContain((await optimizer.readAnalysis())?.title);
    });

    test("is there for a store opened later", async () => {
      const { place, open, optimizer } = setUp();
      if (!place.durable) return;
      await optimizer.writeAnalysis({ kept: true });
      await optimizer.merge({ entries: [entry("a", "kept")], events: [] });
      expect(await open().readAnalysis()).toEqual({ kept: true });
      expect((await open().readAdvice()).entries).toEqual([entry("a", "kept")]);
    });
  });

  describe(`${name}: what became of a recommendation`, () => {
    test("is every event in order, with all that it says, beside the entries", async () => {
      const { optimizer } = setUp();
      const before = { runs: 27, successes: 23, left_out: 5 };
      const adopted = { ...event("rec_1", "adopted"), note: "é", before, after_execution: "run_1" };
      await optimizer.merge({ entries: [entry("a", "one")], events: [event("rec_1", "proposed")] });
      await optimizer.change(() => adopted);
      expect(await optimizer.readAdvice()).toEqual({
        entries: [entry("a", "one")],
        events: [event("rec_1", "proposed"), adopted],
        unreadable: 0,
      });
    });

    test("is decided from the advice as it stands, and given back as it stands then", async () => {
      const { optimizer } = setUp();
      await optimizer.merge({ entries: [entry("a", "one")], events: [event("rec_1", "proposed")] });
      const seen: unknown[] = [];
      const after = await optimizer.change((advice) => {
        seen.push(advice);
        return event("rec_1", "rejected");
      });
      expect(seen).toMatchObject([{ entries: [entry("a", "one")], events: [event("rec_1", "proposed")] }]);
      expect(after).toEqual(await optimizer.readAdvice());
      expect(after.events).toHaveLength(2);
    });

    test("is left alone where nothing is decided, or the decision fails", async () => {
      const { optimizer } = setUp();
      const none = { entries: [], events: [], unreadable: 0 };
      expect(await optimizer.change(() => undefined)).toEqual(none);
      const failing = optimizer.change(() => {
        throw new KaizenError("INVALID_ARGUMENT", "no");
      });
      expect(await codeOf(failing)).toBe("INVALID_ARGUMENT");
      expect(await optimizer.readAdvice()).toEqual(none);
    });

    test("is decided by one at a time, also between two stores on one place", async () => {
      const { place, open, optimizer } = setUp();
      const stores = place.durable ? [optimizer, open()] : [optimizer];
      const first = (advice: { events: readonly unknown[] }) =>
        advice.events.length === 0 ? event("rec_1", "adopted") : undefined;
      const calls = Array.from({ length: 10 }, (_, n) => stores[n % stores.length]?.change(first));
      for (const advice of await Promise.all(calls)) expect(advice?.events).toEqual([event("rec_1", "adopted")]);
    });

    test("comes in from another store once, with its recommendation, and by what it says where that has no id", async () => {
      const { optimizer } = setUp();
      await optimizer.merge({ entries: [entry("a", "one")], events: [event("rec_1", "proposed")] });
      const foreign = { ...entry("b", "two"), recommendations: [{ title: "two" }] };
      const advice = {
        entries: [entry("a", "another title"), foreign, foreign],
        events: [event("rec_1", "proposed"), event("rec_1", "adopted")],
      };
      const added = { entries: [foreign], events: [event("rec_1", "adopted")] };
      expect(await optimizer.merge(advice)).toEqual(added);
      expect(await optimizer.merge(advice)).toEqual({ entries: [], events: [] });
      expect(await optimizer.readAdvice()).toEqual({
        entries: [entry("a", "one"), ...added.entries],
        events: [event("rec_1", "proposed"), ...added.events],
        unreadable: 0,
      });
    });

    test("shows in the stamp of changes, as do reports and entries; reading does not", async () => {
      const { optimizer } = setUp();
      const stamps = [await optimizer.changeToken()];
      await optimizer.merge({ entries: [entry("a", "one")], events: [] });
      stamps.push(await optimizer.changeToken());
      await optimizer.change(() => event("rec_1", "adopted"));
      stamps.push(await optimizer.changeToken());
      await optimizer.writeAnalysis({});
      stamps.push(await optimizer.changeToken());
      expect(new Set(stamps).size).toBe(4);
      await optimizer.readAdvice();
      await optimizer.change(() => undefined);
      expect(await optimizer.changeToken()).toBe(stamps.at(-1));
    });
  });
}
