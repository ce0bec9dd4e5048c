import { coachBrief } from "../../domain/coaching/brief.ts";
import type { BriefDetail } from "../../domain/coaching/brief-input.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import type { ObservedByHooks } from "../figures/coverage.ts";
import type { Summaries } from "../figures/summaries.ts";
import type { Recommendations } from "./recommendations.ts";
import type { BeginningRun, TrialCoins } from "./trial-coins.ts";

export interface BriefsOptions {
  readonly summaries: Summaries;
  readonly recommendations: Recommendations;
  readonly coins: TrialCoins;
  readonly observed: ObservedByHooks;
}

/** What agents are told before they begin. */
export class Briefs {
  readonly #options: BriefsOptions;

  constructor(options: BriefsOptions) {
    this.#options = options;
  }

  /** Gives the same bytes for the same data; nothing for a run that is held out. Without a run nothing on trial is shown. */
  async of(agent: AgentName, detail: BriefDetail, run?: BeginningRun): Promise<string> {
    const { coins, observed, recommendations: advice, summaries } = this.#options;
    const { overview, ...known } = await summaries.of(agent, {});
    const recommendations = await advice.measuredBy(agent, overview);
    const shown = await coins.shownTo(recommendations ?? [], run, (event) => observed.observe(agent, event));
    if (shown === "nothing") return "";
    return coachBrief({ ...known, recommendations: recommendations === undefined ? undefined : shown }, detail);
  }
}
