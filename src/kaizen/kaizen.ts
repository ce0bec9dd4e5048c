import type { Analysis } from "../domain/coaching/analysis.ts";
import type { BriefDetail, MeasuredRecommendation } from "../domain/coaching/brief-input.ts";
import type { Recommendation, UpdateRecommendation } from "../domain/coaching/recommendation.ts";
import { agentOfType } from "../domain/coverage/lifecycle-agent.ts";
import type { ObservedRun } from "../domain/coverage/lifecycle-event.ts";
import { performanceSummary } from "../domain/figures/performance-summary.ts";
import type { AgentName } from "../domain/run/agent-name.ts";
import type { ExecutionFilter } from "../domain/run/filter.ts";
import type { ReportedExecution } from "../domain/run/report.ts";
import type { JsonObject } from "../domain/text/json.ts";
import type { ReportedVerification, Standing } from "../domain/verification/verification.ts";
import type { VerificationReceipt } from "../domain/verification/verified-view.ts";
import type { Network, OnDone, Page, PageRequest, Pruned, ReadAdvice } from "../storage/store.ts";
import { AgentLists, type ReadAgents, type SessionFacts } from "./agents/agent-lists.ts";
import { AgentMoves } from "./agents/agent-moves.ts";
import { knownAgent } from "./agents/known-agent.ts";
import type { KaizenOptions } from "./base/options.ts";
import { changeTokenOf, closeStore, networkOf, pruneRuns } from "./base/whole-store.ts";
import { Briefs } from "./coaching/briefs.ts";
import { Recommendations } from "./coaching/recommendations.ts";
import { sessionFacts } from "./coaching/session-facts.ts";
import { type BeginningRun, TrialCoins } from "./coaching/trial-coins.ts";
import { Trials } from "./coaching/trials.ts";
import { Dashboard } from "./dashboard/dashboard.ts";
import { type Checkup, checkUp, type OnProgress } from "./doctor.ts";
import { type OnUnread, type RunsOfAgent, scanAgents } from "./export.ts";
import type { AgentOrder, AgentSummary } from "./figures/agent-summary.ts";
import { type FoundRun, ObservedByHooks, type ReportedEvent } from "./figures/coverage.ts";
import { Summaries } from "./figures/summaries.ts";
import { Importer, type ImportRequest } from "./import/import.ts";
import { NearTwins } from "./runs/near-twins.ts";
import { type Marks, type Receipt, recordRun } from "./runs/record.ts";
import { Evidence } from "./verification/evidence.ts";
import { Verdicts } from "./verification/verdicts.ts";
import { Verifying } from "./verification/verify.ts";
import { Voiding } from "./verification/voiding.ts";

export type { Page, VoidedRun } from "../storage/store.ts";
export type { ReadAgents, SessionFacts, UnreadAgent } from "./agents/agent-lists.ts";
export { suggestAgent } from "./agents/known-agent.ts";
export type { KaizenOptions } from "./base/options.ts";
export type { BeginningRun } from "./coaching/trial-coins.ts";
export type { MeasuredTrial } from "./coaching/trial-results.ts";
export type { AgentOrder, AgentSummary } from "./figures/agent-summary.ts";
export type { Receipt } from "./runs/record.ts";

/** The use cases. Both doors, MCP and command line, call these and nothing below them. */
export class Kaizen {
  readonly #options: KaizenOptions;
  readonly #recommendations: Recommendations;
  readonly #seen: ObservedByHooks;
  readonly #lists: AgentLists;
  readonly #summaries: Summaries;
  readonly #briefs: Briefs;
  readonly #knownAgent = (agent: string) => knownAgent(agent, (like) => this.#lists.names(like));
  /** Trials of advice. Only a person starts one: no tool that an agent has does. */
  readonly trials: Trials;
  /** How the store is asked. */
  readonly network: Network;
  /** What is said of runs beyond their own claims. */
  readonly verifying: Verifying;
  /** What is known of runs beyond their claims. */
  readonly evidence: Evidence;
  /** What the page of the dashboard shows. */
  readonly dashboard: Dashboard;
  /** What CI and a check say, brought to the runs that made it. */
  readonly verdicts: Verdicts;
  /** Taking runs back. Only a person does: no tool that an agent has does. */
  readonly voiding: Voiding;
  /** Giving an agent another name, and removing one. Only a person does. */
  readonly moves: AgentMoves;
  /** What the doors ask about a report for a new agent. */
  readonly twins: NearTwins;

  constructor(options: KaizenOptions) {
    this.#options = options;
    this.network = networkOf(options.store);
    this.#seen = new ObservedByHooks(options);
    this.#summaries = new Summaries(options, this.#seen);
    this.#lists = new AgentLists({ store: options.store, summaryOf: (agent) => this.#summaryOf(agent, {}) });
    this.trials = new Trials(options);
    this.verifying = new Verifying(options);
    this.evidence = new Evidence(options);
    this.verdicts = new Verdicts({ ...options, seen: this.#seen });
    this.moves = new AgentMoves(options.store, this.#lists);
    this.twins = new NearTwins((like) => this.#lists.names(like));
    const knownAgent = this.#knownAgent;
    const agentOf = async (run: string) => (await this.verifying.runsOf(run))[0]?.agent;
    this.voiding = new Voiding({ ...options, verifying: this.verifying, knownAgent });
    this.#recommendations = new Recommendations({ ...options, knownAgent });
    const parts = { summaries: this.#summaries, recommendations: this.#recommendations };
    this.#briefs = new Briefs({ ...parts, observed: this.#seen, coins: new TrialCoins(options) });
    const listed = { knownAgent, agentOf, lists: this.#lists, briefs: this.#briefs };
    this.dashboard = new Dashboard({ ...options, ...parts, ...listed, trials: this.trials.results });
  }

  /** Appends one run. Acknowledged means: on disk. */
  record(report: ReportedExecution, marks?: Marks): Promise<Receipt> {
    return recordRun(this.#options, this.#seen, report, marks);
  }

  /** Keeps what an independent check of a run found. Fails with `NOT_FOUND` if the agent has no live run of that id. */
  async verify(report: ReportedVerification, standing: Standing = {}): Promise<VerificationReceipt> {
    return this.verifying.verify(await this.#knownAgent(report.agent), report, standing);
  }

  /** The figures of one agent, over all live runs or those that a filter picks. */
  async summary(agent: string, filter: ExecutionFilter = {}): Promise<AgentSummary> {
    return this.#summaryOf(await this.#knownAgent(agent), filter);
  }

  #summaryOf(name: AgentName, filter: ExecutionFilter): Promise<AgentSummary> {
    return this.#summaries.of(name, filter);
  }

  /** The ADR-004 performance summary as markdown; empty for an agent without runs. */
  async performanceSummary(agent: string): Promise<string> {
    const { summary, overview } = await this.summary(agent);
    return performanceSummary(summary, overview.view.tally.quality.count > 0);
  }

  /** Every agent that can be read, with its figures. */
  async listAgents(order: AgentOrder = "name"): Promise<AgentSummary[]> {
    return [...(await this.readAgents({ order })).agents];
  }

  /** Every agent with its figures, over all live runs or those that a filter picks, and those that cannot be read. */
  readAgents(of: { filter?: ExecutionFilter; order?: AgentOrder | undefined } = {}): Promise<ReadAgents> {
    const { filter = {}, order = "name" } = of;
    return this.#lists.all(order, (agent) => this.#summaryOf(agent, filter));
  }

  /** What a conversation that begins is told of: some agents of all that there are, and the advice to decide about. */
  sessionFacts(agents: number): Promise<SessionFacts> {
    return sessionFacts(this.#lists, this.#recommendations, agents);
  }

  /** The names of every agent that has a log, or that a hook has seen; some of them may turn out not to be readable. */
  async agentNames(): Promise<AgentName[]> {
    return this.#lists.names();
  }

  /** The names of those that are left out there, because a link or the like stands in the place of their log. */
  unsafeAgents(): Promise<AgentName[]> {
    return this.#lists.unsafe();
  }

  /** The name under which an agent is kept that a client calls by a type of its own. */
  async agentOfType(type: string): Promise<AgentName | undefined> {
    const name = agentOfType(type, []);
    return name === undefined ? undefined : agentOfType(type, await this.#lists.names(name));
  }

  /** The name of an agent in the form of the store, and whether anything of it is there. */
  async lookUp(agent: string): Promise<{ agent: AgentName; isThere: boolean }> {
    const name = await this.#knownAgent(agent);
    const isThere = (await this.#lists.names(name)).includes(name) || (await this.unsafeAgents()).includes(name);
    return { agent: name, isThere };
  }

  /** Notes what a hook of a client saw of a run. Neither a run nor a figure comes of it, but coverage. */
  observe(agent: AgentName, event: ReportedEvent): Promise<ObservedRun> {
    return this.#seen.observe(agent, event);
  }

  /** The instant (ms) at which anything was last noted of a run that hooks saw; `undefined` if nothing ever was. */
  lastNotedByHooks(): Promise<number | undefined> {
    return this.#seen.lastNotedAt();
  }

  /** The run of this key among the last that hooks saw of the agent, or, without an agent, of the latest agents. */
  findObservedRun(key: string, agent?: AgentName): Promise<FoundRun | undefined> {
    return agent === undefined ? this.#seen.findAnywhere(key) : this.#seen.find(key, agent);
  }

  /** Whether a live run stands on record under this idempotency key. */
  async isReported(agent: AgentName, key: string): Promise<boolean> {
    return (await this.#options.store.runs.existingKeys(agent, [key])).has(key);
  }

  /** Runs, newest first. */
  async executions(agent: string, request: PageRequest): Promise<Page> {
    return this.#options.store.runs.page(await this.#knownAgent(agent), request);
  }

  /**
   * The coach brief as markdown: the same bytes for the same data. For a run that begins, coins decide what on trial it is
   * shown, and that is kept first. Without a run nothing on trial is shown.
   */
  async brief(agent: string, detail: BriefDetail, run?: BeginningRun): Promise<string> {
    return this.#briefs.of(await this.#knownAgent(agent), detail, run);
  }

  /** Whether the store came with a clone, say, and the user has not accepted it: then it speaks only if asked. */
  isForeign(): boolean {
    return this.#options.isForeign?.() ?? false;
  }

  /**
   * Stores the optimizer's report and its advice; gives the path of the report and an id for each recommendation. Each
   * is proposed at a moment in its agent's history, from which the runs since can be compared later.
   */
  writeAnalysis(analysis: Analysis): Promise<{ path: string; recommendation_ids: string[] }> {
    return this.#recommendations.propose(analysis);
  }

  /** Whether there is a report of an optimizer. One that cannot be read counts too: its reader is told why. */
  hasAnalysis(): Promise<boolean> {
    return this.#recommendations.hasAnalysis();
  }

  /** The optimizer's latest report, or `undefined` if none was written. */
  async analysis(): Promise<JsonObject | undefined> {
    return this.#options.store.advice.readAnalysis();
  }

  /** Every recommendation as it stands, without what it did; `undefined` if the optimizer's files cannot be read. */
  readableRecommendations(agent?: string): Promise<Recommendation[] | undefined> {
    return this.#recommendations.readable(agent);
  }

  /** Every recommendation as it stands, or those for one agent, oldest first, with what the adopted ones did. */
  recommendations(agent?: string): Promise<MeasuredRecommendation[]> {
    return this.#recommendations.all(agent);
  }

  /** Notes what became of a recommendation. Fails with `NOT_FOUND`, or `INVALID_ARGUMENT` if it cannot change so. */
  updateRecommendation(update: UpdateRecommendation): Promise<MeasuredRecommendation> {
    return this.#recommendations.update(update);
  }

  /** What optimizers advised, and what became of it, line by line, oldest first, with how many lines cannot be read. */
  advice(): Promise<ReadAdvice> {
    return this.#options.store.advice.readAdvice();
  }

  /**
   * A text that differs once anything has changed, in any process, that the answers about an agent are made of; without
   * a name, those about any agent and the optimizer. Costs little.
   */
  async changeToken(agent?: string): Promise<string> {
    return changeTokenOf(this.#options.store, agent === undefined ? undefined : await this.#knownAgent(agent));
  }

  /** Takes an agent's expired runs out of the store. */
  async prune(agent: string, onProgress?: OnDone): Promise<Pruned> {
    return pruneRuns(this.#options.store, await this.#knownAgent(agent), onProgress);
  }

  /** Takes in what other stores have recorded: each run and check once, from however many sources, however often. */
  importer(request: ImportRequest): Promise<Importer> {
    return Importer.open(this.#options, request);
  }

  /** The runs of some agents, oldest first, without holding them; `onUnread` as for `scanAgents`. */
  async *scan(agents: readonly string[], filter: ExecutionFilter, onUnread?: OnUnread): AsyncGenerator<RunsOfAgent> {
    const known = await Promise.all(agents.map((agent) => this.#knownAgent(agent)));
    yield* scanAgents(this.#options.store, known, filter, onUnread);
  }

  /** Examines every file of the store, and repairs what is damaged if that is wanted. */
  checkUp(options: { repair: boolean; onProgress: OnProgress }): Promise<Checkup> {
    return checkUp(this.#options.store, options);
  }

  /** Waits for calls under way; later ones fail with `CLOSED`. */
  async close(): Promise<void> {
    await closeStore(this.#options.store);
  }
}
