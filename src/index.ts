/** The public API for programs that keep metrics without a server beside them. */

export type { Analysis, ProposedRecommendation } from "./domain/coaching/analysis.ts";
export type { BriefDetail, MeasuredRecommendation } from "./domain/coaching/brief-input.ts";
export type { UpdateRecommendation } from "./domain/coaching/recommendation.ts";
export type { Coverage } from "./domain/coverage/coverage.ts";
export type { Stats } from "./domain/figures/stats.ts";
export type { Summary, Trend } from "./domain/figures/summary.ts";
export type { ExecutionFilter } from "./domain/run/filter.ts";
export type { ReportedExecution } from "./domain/run/report.ts";
export { DEFAULT_RETENTION_DAYS, type RetentionDays } from "./domain/run/retention.ts";
export type { ReportedVerification } from "./domain/verification/verification.ts";
export type { VerificationReceipt } from "./domain/verification/verified-view.ts";
export { type ErrorCode, errorCodes, KaizenError } from "./errors.ts";
export {
  type AgentOrder,
  type AgentSummary,
  Kaizen,
  type KaizenOptions,
  type Receipt,
  suggestAgent,
} from "./kaizen/kaizen.ts";
export { type OpenOptions, type OpenProjectOptions, openKaizen, openProject } from "./open-kaizen.ts";
