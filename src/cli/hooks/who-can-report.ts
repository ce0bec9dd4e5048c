import { recordedText } from "../../domain/text/plain-text.ts";
import { claudeSettings } from "../clients/reporting/claude-settings.ts";
import { howToAllow, howToSwitchOn } from "../clients/reporting/problems.ts";
import { type CanReport, canReport, HOOK_LIMITS, unableAgents, whyNotAtAll } from "../clients/reporting/reporting.ts";
import type { HookRun } from "./hook-run.ts";
import { noteReading } from "./watchdog.ts";

/** Whether the agent of Claude Code that begins can report its run. What starts the plugin's hooks starts its server too. */
export async function canReportRun({ context, isOfPlugin, payload }: HookRun): Promise<CanReport> {
  const type = payload.agent_type;
  if (type === undefined) return { kind: "can" };
  const { path } = await context.project();
  const can = canReport(path, type, context, noteReading);
  return can.kind === "server-off" && isOfPlugin ? { kind: "can" } : can;
}

const SHOWN_AGENTS = 5;

/** What a conversation of Claude Code hears that begins: that the server is off, and which agents have no tool to report with. */
export async function reportingLines({ context, isOfPlugin }: HookRun): Promise<string[]> {
  const { path } = await context.project();
  const settings = claudeSettings(path, context, noteReading);
  const off = whyNotAtAll(settings);
  if (off?.kind === "server-off" && !isOfPlugin) {
    const key = settings.server.kind === "off" ? settings.server.key : "";
    return [`Its server is off (${off.file}), so that no agent can report: ${howToSwitchOn(key)}`];
  }
  if (off?.kind === "no-tool") return [`No agent can report: permissions.deny in ${off.file} has record_execution`];
  const unable = unableAgents(path, "claude-code", { ...HOOK_LIMITS, onRead: noteReading });
  if (unable.length === 0) return [];
  const shown = unable.slice(0, SHOWN_AGENTS).map(({ agent }) => recordedText(agent, 64));
  const rest = unable.length - shown.length;
  const names = shown.join(", ") + (rest > 0 ? ` and ${rest} more` : "");
  return [
    `Cannot report, as their tools leave record_execution out: ${names}; a person runs ${howToAllow("claude-code")}`,
  ];
}
