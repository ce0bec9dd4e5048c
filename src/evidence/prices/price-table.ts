import { findProvider, type MatchLogic, type ModelInfo, type ModelPrice } from "@pydantic/genai-prices";

/**
 * US dollars for a million tokens. With a second and a third number: above so many tokens of input in one request, each
 * token of that request has the last as its price.
 */
export type Rate = number | readonly [base: number, above: number, price: number];

/** For input, output, input that is read from the cache, and that is written to it for 5 minutes and for an hour. */
export type Rates = readonly [Rate, Rate, Rate, Rate, Rate];

/** Prices that hold from a day on, such as 2026-03-13; from the beginning if it is empty. */
type DatedRates = readonly [from: string, rates: Rates];

/** A model's names, as the source of a pattern, and what it costs, the newest prices last. */
export type PriceRow = readonly [names: string, prices: readonly DatedRates[]];

export interface PriceTable {
  /** The month in which the prices were published. */
  readonly month: string;
  readonly rows: readonly PriceRow[];
}

/** The version that the month is of: the package has no date in itself, and a build with another version fails. */
export const pricesPackage = { version: "0.1.8", month: "2026-09" };

/** Models that work with text; what else has these names is no model of a coding agent. */
const providers = [
  { id: "anthropic", models: /^claude/ },
  { id: "openai", models: /^(?:gpt-|o\d|codex)/ },
  { id: "google", models: /^gemini/ },
];
const otherMedia = /audio|image|realtime|tts|transcribe|live|embedding|omni|vision/;

/**
 * What the models of the clients cost, by the package that a build takes it from. In the bundle these rows stand in the
 * place of this module: see `src/build/program/price-data.ts`.
 */
export const priceTable: PriceTable = {
  month: pricesPackage.month,
  rows: providers.flatMap(({ id, models }) => {
    const known = findProvider({ providerId: id })?.models ?? [];
    return known.filter((model) => models.test(model.id) && !otherMedia.test(model.id)).flatMap(rowOf);
  }),
};

function rowOf({ match, prices }: ModelInfo): PriceRow[] {
  const dated = (Array.isArray(prices) ? prices : [{ prices, constraint: undefined }]).flatMap((one): DatedRates[] => {
    const rates = ratesOf(one.prices);
    if (rates === undefined || one.constraint?.type === "time_of_date") return [];
    return [[one.constraint?.start_date ?? "", rates]];
  });
  return dated.length === 0 ? [] : [[patternOf(match), dated]];
}

/** Without a price of their own, tokens of the cache cost what others do. */
function ratesOf(prices: ModelPrice): Rates | undefined {
  const [input, output] = [rateOf(prices.input_mtok), rateOf(prices.output_mtok)];
  if (input === undefined || output === undefined) return undefined;
  const written = rateOf(prices.cache_write_mtok) ?? input;
  return [
    input,
    output,
    rateOf(prices.cache_read_mtok) ?? input,
    written,
    rateOf(prices.cache_write_1h_mtok) ?? written,
  ];
}

function rateOf(price: ModelPrice[string]): Rate | undefined {
  if (price === undefined || typeof price === "number") return price;
  const [tier, ...more] = price.tiers;
  if (tier === undefined || more.length > 0)
    throw new Error("a price with other than two tiers has no form in the table");
  return [price.base, tier.start, tier.price];
}

function patternOf(match: MatchLogic): string {
  if ("or" in match) return match.or.map(patternOf).join("|");
  if ("and" in match) return `^${match.and.map((each) => `(?=${anchored(patternOf(each))})`).join("")}`;
  if ("equals" in match) return `^${escaped(match.equals)}$`;
  if ("starts_with" in match) return `^${escaped(match.starts_with)}`;
  if ("ends_with" in match) return `${escaped(match.ends_with)}$`;
  return "contains" in match ? escaped(match.contains) : match.regex;
}

function anchored(pattern: string): string {
  if (!pattern.startsWith("^") || pattern.includes("|^")) throw new Error(`${pattern} has no form in the table`);
  return pattern;
}

function escaped(text: string): string {
  return text.toLowerCase().replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
