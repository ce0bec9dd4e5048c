import { type PriceRow, priceTable, type Rate, type Rates } from "./price-table.ts";

/** The tokens of one request. */
export interface RequestTokens {
  /** Without those of the cache. */
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
}

/** The month of the prices, such as 2026-09. */
export const priceMonth = priceTable.month;

/** How many names of models are remembered; a run has few. */
const MOST_NAMES = 100;
const found = new Map<string, PriceRow[1] | undefined>();

/**
 * What a request costs in US dollars, by the list prices of its day; `null` for a model whose price is unknown. What a
 * provider charges for other than tokens, such as its own searches, is not in it.
 *
 * @param at When it was made, in ms; the prices of the table's month if that is unknown.
 */
export function costOf(model: string, tokens: RequestTokens, at: number | undefined): number | null {
  const rates = ratesOf(model, at ?? Date.parse(priceMonth));
  if (rates === undefined) return null;
  const { cacheRead, cacheWrite1h, cacheWrite5m, input, output } = tokens;
  const allInput = input + cacheRead + cacheWrite5m + cacheWrite1h;
  const counts = [input, output, cacheRead, cacheWrite5m, cacheWrite1h];
  return rates.reduce<number>((sum, rate, index) => sum + ((counts[index] ?? 0) * price(rate, allInput)) / 1e6, 0);
}

function ratesOf(model: string, at: number): Rates | undefined {
  const prices = pricesOf(model);
  return prices?.findLast(([from]) => from === "" || at >= Date.parse(from))?.[1];
}

function pricesOf(model: string): PriceRow[1] | undefined {
  if (!found.has(model)) {
    if (found.size >= MOST_NAMES) found.clear();
    const name = model.toLowerCase();
    found.set(model, priceTable.rows.find(([names]) => new RegExp(names).test(name))?.[1]);
  }
  return found.get(model);
}

function price(rate: Rate, allInput: number): number {
  if (typeof rate === "number") return rate;
  const [base, above, dear] = rate;
  return allInput > above ? dear : base;
}
