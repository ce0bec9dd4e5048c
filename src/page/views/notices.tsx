import type { Notice, OverviewModel } from "../../domain/dashboard/view-model.ts";
import { lasting, localTimes } from "../format.ts";
import { surroundings } from "../hooks.ts";
import { Word } from "../marks/icon.tsx";
import { noticeWords } from "../marks/words.ts";
import { linkTo } from "../route.ts";

/** What is worth a look: each leads to its agent. */
export function Cards({ notices }: { notices: readonly Notice[] }) {
  return (
    <div class="cards">
      {notices.map((notice) => (
        <a key={notice.agent + notice.kind} class="panel" {...linkTo(notice.agent)}>
          <Said notice={notice} />
        </a>
      ))}
    </div>
  );
}

/** Notices of one agent, on its own page: without links. */
export function NoticeList({ notices }: { notices: readonly Notice[] }) {
  return (
    <ul class="notices">
      {notices.map((notice) => (
        <li key={notice.kind}>
          <Said notice={notice} />
        </li>
      ))}
    </ul>
  );
}

function Said({ notice: { detail, headline, kind } }: { notice: Notice }) {
  return (
    <>
      <Word word={noticeWords[kind]} />
      <span>
        <b>{headline}</b> <small>{localTimes(detail)}</small>
      </span>
    </>
  );
}

/** How many runs are under way, and how long the longest has been. */
export function UnderWay({ runs }: { runs: OverviewModel["under_way"] }) {
  const { now } = surroundings;
  const started = runs.flatMap(({ started_at }) => started_at ?? []).sort()[0];
  if (runs.length === 0) return null;
  return (
    <li>
      <b>{runs.length}</b> under way{started && now && `, the longest for ${lasting(started, now)}`}
    </li>
  );
}

/** What is wrong with the files, if anything is. */
export function Health({ lines }: { lines: readonly string[] }) {
  return (
    <ul class="notices">
      {lines.map((line) => (
        <li key={line}>
          <Word word={noticeWords.doubtful} />
          {line}
        </li>
      ))}
    </ul>
  );
}
