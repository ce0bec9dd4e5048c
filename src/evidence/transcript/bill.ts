import type { Facts, Tokens } from "../../domain/evidence/evidence.ts";
import { costOf, priceMonth, type RequestTokens } from "../prices/cost.ts";

/** A request to a model, as its answer says. */
export interface Request {
  readonly model: string | undefined;
  /** In ms. */
  readonly at: number | undefined;
  readonly tokens: RequestTokens;
  /** Whether it has a price of its own, for speed say, that is not in the table. */
  readonly isSpecial: boolean;
}

/** Adds up what a run's requests took. */
export class Bill {
  readonly #tokens: Tokens = { input: 0, output: 0, cache_read: 0, cache_write: 0 };
  #cost: number | null = 0;
  #requests = 0;

  add({ at, isSpecial, model, tokens }: Request): void {
    this.#requests++;
    this.#tokens.input += tokens.input;
    this.#tokens.output += tokens.output;
    this.#tokens.cache_read += tokens.cacheRead;
    this.#tokens.cache_write += tokens.cacheWrite5m + tokens.cacheWrite1h;
    const cost = model === undefined || isSpecial ? null : costOf(model, tokens, at);
    this.#cost = this.#cost === null || cost === null ? null : this.#cost + cost;
  }

  /** Nothing if there was no request. The cost is `null` if that of one of them is unknown. */
  facts(): Pick<Facts, "tokens" | "cost_usd" | "price_table"> {
    if (this.#requests === 0) return {};
    const cost = this.#cost === null ? null : Math.round(this.#cost * 1e6) / 1e6;
    return { tokens: { ...this.#tokens }, cost_usd: cost, ...(cost === null ? {} : { price_table: priceMonth }) };
  }
}

export function sumOf({ cacheRead, cacheWrite1h, cacheWrite5m, input, output }: RequestTokens): number {
  return input + output + cacheRead + cacheWrite5m + cacheWrite1h;
}
