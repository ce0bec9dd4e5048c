import { readFileSync } from "node:fs";
import { join } from "node:path";
import { calcPrice, findProvider } from "@pydantic/genai-prices";
import { describe, expect, test } from "vitest";
import { costOf, priceMonth, type RequestTokens } from "../../../src/evidence/prices/cost.ts";
import { pricesPackage, priceTable } from "../../../src/evidence/prices/price-table.ts";
import { metafiles } from "../../support/metafiles.ts";
import { checkout } from "../../support/server-process.ts";

const AT = Date.UTC(2026, 10, 22, 10);

/** What the package itself makes of the same tokens: its number of input tokens has those of the cache in it. */
function byPackage(model: string, provider: string, tokens: RequestTokens, at = AT): number | undefined {
  const { cacheRead, cacheWrite1h, cacheWrite5m, input, output } = tokens;
  const usage = {
    input_tokens: input + cacheRead + cacheWrite5m + cacheWrite1h,
    output_tokens: output,
    cache_read_tokens: cacheRead,
    cache_write_tokens: cacheWrite5m + cacheWrite1h,
    cache_write_1h_tokens: cacheWrite1h,
  };
  return calcPrice(usage, model, { providerId: provider, timestamp: new Date(at) })?.total_price;
}

const usages: Record<string, RequestTokens> = {
  "no cache": { input: 1000, output: 200, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 },
  "a cache": { input: 4, output: 337, cacheRead: 91_260, cacheWrite5m: 4872, cacheWrite1h: 0 },
  "a cache for an hour": { input: 4, output: 337, cacheRead: 500, cacheWrite5m: 10, cacheWrite1h: 4872 },
  "a long context": { input: 150_000, output: 3000, cacheRead: 100_000, cacheWrite5m: 50_001, cacheWrite1h: 7 },
  "just no long context": { input: 100_000, output: 3000, cacheRead: 100_000, cacheWrite5m: 0, cacheWrite1h: 0 },
};

const models = [
  ["claude-sonnet-4-5-20250929", "anthropic"],
  ["claude-opus-5", "anthropic"],
  ["claude-haiku-4-5-20251001", "anthropic"],
  ["claude-2", "anthropic"],
  ["gpt-5.1-codex", "openai"],
  ["gpt-5.5", "openai"],
  ["gpt-5.6-sol", "openai"],
  ["o3", "openai"],
  ["gemini-2.5-pro", "google"],
  ["gemini-3-pro-preview", "google"],
] as const;

describe.each(models)("%s", (model, provider) => {
  test.each(Object.keys(usages))("costs what the package says, with %s", (name) => {
    const tokens = usages[name] ?? expect.fail("a usage");
    const cost = byPackage(model, provider, tokens);
    expect(cost).toBeGreaterThan(0);
    expect(costOf(model, tokens, AT)).toBeCloseTo(cost ?? 0, 12);
  });
});

test("each model of the package has its price, or none because it is of another kind", () => {
  let priced = 0;
  for (const provider of ["anthropic", "openai", "google"]) {
    for (const { id } of findProvider({ providerId: provider })?.models ?? []) {
      const cost = costOf(id, usages["a cache"] ?? expect.fail("a usage"), AT);
      if (cost === null) continue;
      priced++;
      expect(cost, id).toBeCloseTo(byPackage(id, provider, usages["a cache"] ?? expect.fail("a usage")) ?? 0, 12);
    }
  }
  expect(priced).toBeGreaterThan(90);
});

test("prices are those of the day", () => {
  const long = usages["a long context"] ?? expect.fail("a usage");
  for (const day of ["2026-02-01", "2026-03-12T23:59:59Z", "2026-03-13", "2026-11-01"]) {
    const at = Date.parse(day);
    expect(costOf("claude-opus-4-6", long, at)).toBeCloseTo(
      byPackage("claude-opus-4-6", "anthropic", long, at) ?? 0,
      12,
    );
  }
  expect(costOf("claude-opus-4-6", long, Date.parse("2026-02-01"))).not.toBe(costOf("claude-opus-4-6", long, AT));
  expect(costOf("claude-opus-4-6", long, undefined)).toBe(costOf("claude-opus-4-6", long, AT));
});

test.each(["claude-next", "", "<synthetic>", "my-gpt-5", "gpt-5-whatever", "toString", "x".repeat(100_000)])(
  "a model that is not in the table has no price, and not one of 0",
  (model) => {
    expect(costOf(model, usages["no cache"] ?? expect.fail("a usage"), AT)).toBeNull();
  },
);

test("the month is that of the version that is installed", () => {
  const manifest = new URL("../../../node_modules/@pydantic/genai-prices/package.json", import.meta.url);
  expect(JSON.parse(readFileSync(manifest, "utf8")).version).toBe(pricesPackage.version);
  expect(priceMonth).toBe(pricesPackage.month);
  expect(priceMonth).toMatch(/^\d{4}-\d\d$/);
});

test("the bundle has the rows that are used, and nothing else of the package", () => {
  const { outputs } = metafiles().program;
  const sizes = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (/genai-prices/.test(path) ? bytesInOutput : [])),
  );
  // In the program, and in what clients run while a person is at work.
  expect(sizes).toHaveLength(2);
  expect(Math.max(...sizes)).toBeLessThan(16_000);
  const names = priceTable.rows.map(([pattern]) => JSON.stringify(pattern).slice(1, -1));
  const bundled = Object.keys(outputs)
    .map((path) => readFileSync(join(checkout, path), "utf8"))
    .join("\n");
  expect(names.filter((name) => !bundled.includes(name))).toEqual([]);
});
