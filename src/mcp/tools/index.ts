import type { Tool } from "../frame/define-tool.ts";
import { getBrief } from "./get_brief.ts";
import { getSummary } from "./get_summary.ts";
import { listAgents } from "./list_agents.ts";
import { readExecutions } from "./read_executions.ts";
import { recordExecution } from "./record_execution.ts";
import { updateRecommendation } from "./update_recommendation.ts";
import { verifyExecution } from "./verify_execution.ts";
import { writeOptimizerAnalysis } from "./write_optimizer_analysis.ts";

/** In the order in which clients see them; a fixed order lets them cache. */
export const tools: readonly Tool[] = [
  recordExecution,
  verifyExecution,
  getSummary,
  getBrief,
  listAgents,
  readExecutions,
  writeOptimizerAnalysis,
  updateRecommendation,
];
