import type { AdviceModel, Rated } from "../../domain/dashboard/view-model.ts";
import { counted, day, localTimes, percent } from "../format.ts";
import { type Said, Word } from "../marks/icon.tsx";
import { Pair, type Side } from "../marks/pair.tsx";
import { sinceWords, statusWords } from "../marks/words.ts";
import { trialWord } from "../trial-words.ts";
import { AgentLink, Details, Section } from "./frame/frame.tsx";

/** What advice did: how runs went before and since, and what a trial of it says. */
export function AdviceSection({ advice, isOfOne }: { advice: readonly AdviceModel[]; isOfOne: boolean }) {
  if (advice.length === 0) return null;
  const isMany = advice.filter(({ since_then: since, trial }) => since ?? trial).length >= 5;
  const doubt = isMany ? " Of so many, some look better by chance: a trial tells more." : "";
  return (
    <Section
      title={isOfOne ? "Advice" : "What advice did"}
      note={`Success rate before and since, 0 to 100%, with 95% intervals.${doubt}`}
    >
      {advice.map((one, place) => (
        <article key={one.id ?? place}>
          <div>
            <h3>{one.title}</h3>
            <small>
              {!isOfOne && <AgentLink name={one.agent} />} {standing(one)}
            </small>
            {one.detail && (
              <Details title="In full">
                <p>{one.detail}</p>
              </Details>
            )}
          </div>
          <Measured advice={one} />
        </article>
      ))}
    </Section>
  );
}

function standing({ changed_at, priority, proposed_at, since_then, status }: AdviceModel): string {
  if (status === "proposed") return `proposed ${day(proposed_at)}${priority === null ? "" : `, priority ${priority}`}`;
  const left = since_then?.left_out ?? 0;
  const out = left === 0 ? "" : `, the ${left === 1 ? "failure" : `${left} failures`} that led to it left out`;
  return `${statusWords[status].text} ${day(changed_at)}${out}`;
}

const sideOf = (label: string, rated: Rated, tone: string): Side => ({ label, rated, tone });

/** The side with the advice is the coloured one. */
function Measured({ advice: { since_then: since, status, trial } }: { advice: AdviceModel }) {
  if (since === null && trial === null)
    return (
      <>
        <small>{/open/.test(statusWords[status].text) && "Not adopted: nothing to measure yet."}</small>
        <Finding word={statusWords[status]} />
      </>
    );
  return (
    <>
      {since && (
        <>
          <Pair
            sides={[
              sideOf("before", since.before, "mute"),
              sideOf("since", since.after, since.verdict === "worse_since" ? "bad" : "adv"),
            ]}
          />
          <Finding
            word={sinceWords[since.verdict]}
            note={since.more_runs_needed > 0 && `${counted(since.more_runs_needed, "more run")} needed`}
            evidence={since.evidence}
          />
        </>
      )}
      {trial && (
        <>
          <Pair sides={[sideOf("not shown", trial.not_shown, "mute"), sideOf("shown", trial.shown, "adv")]} />
          <Finding
            word={trialWord(trial.verdict)}
            note={`trial ${trial.number}${trial.is_running ? ", under way" : ""}, shown to ${percent(trial.share)}`}
            evidence={trial.evidence}
          />
        </>
      )}
    </>
  );
}

function Finding({ evidence, note, word }: { word: Said; note?: string | false; evidence?: string }) {
  return (
    <div>
      <Word word={word} />
      {note && <small>{note}</small>}
      {evidence && (
        <Details title="Evidence">
          <small>{localTimes(evidence)}</small>
        </Details>
      )}
    </div>
  );
}
