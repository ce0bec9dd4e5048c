import { recordedText } from "../../../domain/text/plain-text.ts";
import type { PayloadClient } from "../payload/client.ts";

/** What a client calls the tool, and so what its models look for. */
export interface ReportingTool {
  readonly name: string;
  /** How it is got, or whose it is, unless the name says so. */
  readonly how?: string;
}

const TOOL = "record_execution";

/** The server's name stands in the tool's, in the way of each client. Others are told it beside the name. */
export function reportingTool(client: PayloadClient, isOfPlugin: boolean): ReportingTool {
  switch (client) {
    case "claude-code": {
      // Of a plugin's server both are named. A subagent may get the schema after a search only.
      const server = isOfPlugin ? "plugin_kaizen-metrics_kaizen-metrics" : "kaizen-metrics";
      return { name: `mcp__${server}__${TOOL}`, how: "ToolSearch loads it" };
    }
    case "codex":
      return { name: TOOL, how: "namespace mcp__kaizen_metrics" };
    case "copilot":
      return { name: `kaizen-metrics-${TOOL}` };
    case "opencode":
      return { name: `kaizen-metrics_${TOOL}` };
    default:
      return { name: TOOL, how: "MCP server kaizen-metrics" };
  }
}

export interface ReportedBy {
  readonly agent: string;
  readonly tool: ReportingTool;
  /** The run's idempotency key, if the client has named the run. */
  readonly key: string | undefined;
  /** Whether a run with this key is on record: a client may take an agent up again that has finished before. */
  readonly isReported: boolean;
}

/**
 * How a run is reported, for the agent whose run it is. Facts, never commands: what reads like an order from elsewhere is
 * rightly not followed. A caller leaves it out if the agent cannot report.
 */
export function reportingLine({ agent, isReported, key, tool }: ReportedBy): string {
  const by = `\`${tool.name}\`${tool.how === undefined ? "" : ` (${tool.how})`} with agent ${recordedText(agent, 64)}`;
  if (key !== undefined && isReported)
    return `## Reporting\n\nRuns are reported by ${by}. Under idempotency_key "${key}" one is on record already.\n`;
  const fields = `success true|false, task${key === undefined ? "" : `, idempotency_key "${key}"`}`;
  return (
    `## Reporting\n\nThis run is reported once, at its end, failed or not: ${by}, ${fields}; ` +
    "for a failure error_type and error. success means that the goal was reached. What was not measured is left out.\n"
  );
}
