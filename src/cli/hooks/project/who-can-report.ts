import { recordedText } from "../../../domain/text/plain-text.ts";
import { claudeSettings } from "../../clients/reporting/claude-settings.ts";
import { howToAllow, howToSwitchOn } from "../../clients/reporting/problems.ts";
import {
  type CanReport,
  canReport,
  HOOK_LIMITS,
  unableAgents,
  whyNotAtAll,
} from "../../clients/reporting/reporting.ts";
import { noteReading } from "../limits/watchdog.ts";
import type { HookRun } from "./hook-run.ts";

/** Whether the agent of Claude Code that begins can report its run. What starts the plugin's hooks starts its server too. */
export async function canReportRun({ context, isOfPlugin, payload }: HookRun): Promise<CanReport> {
  const type = payload.agent_type;
  if (type === undefined) return { kind: "can" };
  const { path } = await context.project();
  const can = canReport(path, type, context, noteReading);
  return can.kind === "server-off" && isOfPlugin ? { kind: "can" } : can;
}

const SHOWN_AGENTS = 5;

/** Whose runs can be reported, for a conversation that begins. */
export interface Reporting {
  /** In a sentence each: that the server is off, that reports are forbidden, or which agents have no tool for them. */
  readonly lines: readonly string[];
  /** Whether agents can report at all. */
  readonly canReport: boolean;
  /** Agents whose tools leave out the one that reports, as the client calls them. */
  readonly unable: readonly string[];
}

/** Only Claude Code's settings are known to say anything of it. */
export async function reportingOf({ context, isOfPlugin }: HookRun): Promise<Reporting> {
  const { path } = await context.project();
  const settings = claudeSettings(path, context, noteReading);
  const off = whyNotAtAll(settings);
  if (off?.kind === "server-off" && !isOfPlugin) {
    const key = settings.server.kind === "off" ? settings.server.key : "";
    const line = `Its server is off (${off.file}), so that no agent can report: ${howToSwitchOn(key)}`;
    return { lines: [line], canReport: false, unable: [] };
  }
  if (off?.kind === "no-tool") {
    const line = `No agent can report: permissions.deny in ${off.file} has record_execution`;
    return { lines: [line], canReport: false, unable: [] };
  }
  const unable = unableAgents(path, ["claude-code"], { ...HOOK_LIMITS, onRead: noteReading }).map(({ agent }) => agent);
  if (unable.length === 0) return { lines: [], canReport: true, unable };
  const shown = unable.slice(0, SHOWN_AGENTS).map((agent) => recordedText(agent, 64));
  const rest = unable.length - shown.length;
  const names = shown.join(", ") + (rest > 0 ? ` and ${rest} more` : "");
  const line = `Cannot report, as their tools leave record_execution out: ${names}; a person runs ${howToAllow("claude-code")}`;
  return { lines: [line], canReport: true, unable };
}
