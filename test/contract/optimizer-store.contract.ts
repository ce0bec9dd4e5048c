import { describe, expect, test } from "vitest";
import type { RecommendationEntry } from "../../src/storage/store.ts";
import type { Place } from "../support/places.ts";
import { clockAt } from "../support/runs.ts";

/** The promises of the optimizer's port, one test each. */
export function describeOptimizerStore(name: string, newPlace: () => Place): void {
  function setUp() {
    const clock = clockAt();
    const place = newPlace();
    const open = () => place.open({ now: clock.now, retentionDays: 30 }).optimizer;
    return { place, open, optimizer: open() };
  }

  function entry(agent: string, title: string): RecommendationEntry {
    const timestamp = "2026-11-22T10:00:00Z";
    return { timestamp, agent, metrics_count: 12, recommendations: [{ id: "rec_1", title, more: { deep: [1] } }] };
  }

  describe(`${name}: what an optimizer leaves`, () => {
    test("is nothing at first", async () => {
      const { optimizer } = setUp();
      expect(await optimizer.readAnalysis()).toBeUndefined();
      expect(await optimizer.readAdvice()).toEqual({ entries: [], events: [] });
    });

    test("is the latest report, whole, in place of the one before", async () => {
      const { optimizer } = setUp();
      const where = await optimizer.writeAnalysis({ first: true, agents: { a: 1 } });
      await optimizer.writeAnalysis({ second: ["é", null, 0.5], "": {} });
      expect(await optimizer.readAnalysis()).toEqual({ second: ["é", null, 0.5], "": {} });
      expect(where).toContain("analysis.json");
    });

    test("is every recommendation entry, in the order in which it was added", async () => {
      const { optimizer } = setUp();
      await optimizer.appendRecommendations([entry("a", "one"), entry("b", "two")]);
      await optimizer.appendRecommendations([]);
      await optimizer.appendRecommendations([entry("a", "three")]);
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
      await Promise.all(titles.map((title) => optimizer.appendRecommendations([entry("a", title), entry("b", title)])));
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
      await optimizer.appendRecommendations([entry("a", "kept")]);
      expect(await open().readAnalysis()).toEqual({ kept: true });
      expect((await open().readAdvice()).entries).toEqual([entry("a", "kept")]);
    });
  });
}
