import * as z from "zod";
import { ask, type CiQuestion } from "./ask.ts";
import { type CiRun, type CiVerdict, safeUrl, verdictOf } from "./verdict.ts";

const LIMIT = 50;

const word = z.string().max(300);

/** What `glab ci list --output json` prints: the pipelines as the API of GitLab lists them. Old servers name no source. */
const schema = z
  .array(
    z.object({
      status: word,
      source: word.optional(),
      sha: word,
      web_url: z.string().max(4000),
      name: word.nullish(),
    }),
  )
  .max(LIMIT)
  .nullable();

/** Of a pipeline that has not ended, or waits for a person. */
const unended = new Set([
  "created",
  "manual",
  "pending",
  "preparing",
  "running",
  "scheduled",
  "waiting_for_callback",
  "waiting_for_resource",
  "canceling",
]);

/**
 * Asks GitLab by glab what it says of a commit. Its pipelines of a push or a merge request count: all of them, or those
 * of the names that `workflows` gives, if the project names its pipelines (`workflow: name`). Pipelines of a merged
 * result have a commit of their own, and are not found. Fails with a `KaizenError` if there is no answer.
 */
export async function askGlab(
  question: CiQuestion & { readonly workflows?: readonly string[] | undefined },
): Promise<CiVerdict> {
  const { commit, workflows } = question;
  const pipelines = await ask(question, {
    name: "glab",
    args: ["ci", "list", "--sha", commit, "--output", "json", "--per-page", String(LIMIT)],
    env: {
      // Without the prefix it is deprecated, and glab says so among its output.
      GLAB_NO_PROMPT: "1",
      NO_PROMPT: undefined,
      GLAB_CHECK_UPDATE: "false",
      GLAB_SEND_TELEMETRY: "false",
      GLAB_SHOW_WHATS_NEW: "false",
      DEBUG: undefined,
      GLAB_DEBUG: undefined,
      FORCE_HYPERLINKS: undefined,
      GLAB_FORCE_HYPERLINKS: undefined,
    },
    schema,
  });
  const counting = (pipelines ?? []).filter(
    ({ sha, source }) => sha === commit && /^(?:push|merge_request_event)$/.test(source ?? ""),
  );
  const verdict = verdictOf(counting.map(runOf), workflows);
  return pipelines?.length === LIMIT && verdict !== "unknown" ? "undecided" : verdict;
}

function runOf({ name, status, web_url }: NonNullable<z.infer<typeof schema>>[number]): CiRun {
  return { name: name ?? undefined, state: stateOf(status), url: safeUrl(web_url) };
}

function stateOf(status: string): CiRun["state"] {
  if (unended.has(status)) return "running";
  if (status === "success") return "success";
  return status === "failed" ? "failure" : "other";
}
