/** The public API for programs that keep metrics without a server beside them. */

export type { Analysis, ProposedRecommendation } from "./domain/analysis.ts";
export type { BriefDetail, MeasuredRecommendation } from "./domain/brief.ts";
export type { Coverage } from "./domain/coverage.ts";
export type { ExecutionFilter } from "./domain/filter.ts";
export type { UpdateRecommendation } from "./domain/recommendation.ts";
export type { ReportedExecution } from "./domain/report.ts";
export { DEFAULT_RETENTION_DAYS, type RetentionDays } from "./domain/retention.ts";
export type { Stats } from "./domain/stats.ts";
export type { Summary, Trend } from "./domain/summary.ts";
export type { ReportedVerification, VerificationReceipt } from "./domain/verification.ts";
export { type ErrorCode, errorCodes, KaizenError } from "./errors.ts";
export {
  type AgentOrder,
  type AgentSummary,
  Kaizen,
  type KaizenOptions,
  type Receipt,
  suggestAgent,
} from "./kaizen.ts";
export { type OpenOptions, openKaizen } from "./open-kaizen.ts";
