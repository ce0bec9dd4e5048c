import type { AdviceModel, AgentRow, Notice, StoryRun } from "../../domain/dashboard/view-model.ts";
import type { IconName, Said, Tone } from "./icon.tsx";

// How the words of the figures look; the sentences come with the model.

export const said = (icon: IconName, tone: Tone, text: string) => ({ icon, tone, text });
export const nothing = (text: string) => said("flat", "mute", text);
export const few = (text: string) => said("few", "mute", text);

export const verdictWords = {
  improving: said("up", "ok", "improving"),
  declining: said("down", "bad", "declining"),
  steady: nothing("steady"),
  too_few_runs: few("too few runs"),
} satisfies Record<AgentRow["verdict"], Said>;

export const sinceWords: Record<NonNullable<AdviceModel["since_then"]>["verdict"], Said> = {
  better_since: said("up", "ok", "better since then"),
  worse_since: said("down", "bad", "worse since then"),
  no_clear_change: nothing("no clear change"),
  too_early: few("too early"),
};

export const statusWords = {
  proposed: said("open", "mute", "open"),
  adopted: said("tick", "adv", "adopted"),
  rejected: said("cross", "mute", "rejected"),
  superseded: nothing("superseded"),
} satisfies Record<AdviceModel["status"], Said>;

export const noticeWords: Record<Notice["kind"], Said> = {
  declining: { icon: "down", tone: "bad" },
  overrates: { icon: "half", tone: "bad" },
  unreported: { icon: "open", tone: "mute" },
  doubtful: { icon: "half", tone: "bad" },
  better_since: { icon: "tick", tone: "adv" },
  worse_since: { icon: "cross", tone: "bad" },
  improving: { icon: "up", tone: "ok" },
};

export const outcomeWords: Record<StoryRun["outcome"], Said> = {
  s: said("tick", "ok", "succeeded"),
  f: said("cross", "bad", "failed"),
  r: said("half", "bad", "refuted"),
  p: said("half", "ok", "succeeded after all"),
};

/** What a check found. */
export const checkWords = {
  true: said("tick", "ok", "found success"),
  false: said("cross", "bad", "found failure"),
  null: said("open", "mute", "found nothing"),
};

export const clearWords = { few: few("too few runs"), none: nothing("no clear difference") };

/** Said in full when a single run is read, and in the legend. */
export const outcomeSentences: Record<StoryRun["outcome"], string> = {
  s: "succeeded",
  f: "failed",
  r: "claimed success, refuted by a check",
  p: "claimed failure, a check found success",
};
