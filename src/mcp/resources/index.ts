import { agentsResource } from "./agents.ts";
import { briefResource } from "./brief.ts";
import type { AgentResource, FixedResource } from "./define-resource.ts";
import { analysisResource } from "./optimizer-analysis.ts";
import { recommendationsResource } from "./optimizer-recommendations.ts";
import { performanceSummaryResource } from "./performance-summary.ts";
import { summaryResource } from "./summary.ts";

/** In the order in which clients see them. */
export const fixedResources: readonly FixedResource[] = [agentsResource, analysisResource, recommendationsResource];
export const agentResources: readonly AgentResource[] = [performanceSummaryResource, briefResource, summaryResource];
