import * as z from "zod";
import { ask, type CiQuestion } from "./ask.ts";
import { type CiRun, type CiVerdict, safeUrl, verdictOf } from "./verdict.ts";

/** If there are so many runs, there may be more, which nothing is known of. */
const LIMIT = 50;

const word = z.string().max(300);

/** What `gh run list --json` prints (gh help formatting; cli/cli, `pkg/cmd/run/shared`). */
const schema = z
  .array(
    z.object({
      /** Empty until it has ended. */
      conclusion: word.nullable(),
      status: word,
      workflowName: word,
      headSha: word,
      event: word,
      url: z.string().max(4000),
    }),
  )
  .max(LIMIT);

/**
 * Asks GitHub Actions by gh what it says of a commit. Only the workflows that are named count, and of their runs those
 * of a push or of a pull request. Whether a pull request came from a fork cannot be seen here: gh does not print it.
 * Fails with a `KaizenError` if there is no answer.
 */
export async function askGh(
  question: CiQuestion & { readonly workflows?: readonly string[] | undefined },
): Promise<CiVerdict> {
  const { commit, workflows } = question;
  const fields = Object.keys(schema.element.shape).join(",");
  const runs = await ask(question, {
    name: "gh",
    args: ["run", "list", "--commit", commit, "--json", fields, "--limit", String(LIMIT)],
    env: {
      GH_PROMPT_DISABLED: "1",
      GH_NO_UPDATE_NOTIFIER: "1",
      GH_SPINNER_DISABLED: "1",
      // They would put colours into the JSON, or lines of a trace beside it.
      GH_FORCE_TTY: undefined,
      CLICOLOR_FORCE: undefined,
      GH_DEBUG: undefined,
    },
    schema,
  });
  const counting = runs.filter(({ event, headSha }) => headSha === commit && /^(?:push|pull_request)$/.test(event));
  const verdict = verdictOf(counting.map(runOf), workflows);
  return runs.length === LIMIT && verdict !== "unknown" ? "undecided" : verdict;
}

function runOf({ conclusion, status, url, workflowName }: z.infer<typeof schema>[number]): CiRun {
  return { name: workflowName, state: stateOf(status, conclusion), url: safeUrl(url) };
}

function stateOf(status: string, conclusion: string | null): CiRun["state"] {
  if (status !== "completed") return "running";
  if (conclusion === "success") return "success";
  return conclusion === "failure" || conclusion === "timed_out" ? "failure" : "other";
}
