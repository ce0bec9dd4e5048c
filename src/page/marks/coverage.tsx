import type { AgentRow } from "../../domain/dashboard/view-model.ts";
import { share } from "../format.ts";

/** How many of the runs that hooks saw were reported. */
export function CoverageBar({ coverage, width }: { coverage: AgentRow["coverage"]; width: number }) {
  if (!coverage?.started) return <small>no hooks</small>;
  const { started: runs, reported: successes } = coverage;
  const text = share({ runs, successes });
  return (
    <>
      <svg width={width} height={20} role="img" aria-label={`${text} reported`}>
        <rect y={8} width={width} height={6} rx={3} class="rest" />
        <rect y={8} width={width * Math.min(1, successes / runs)} height={6} rx={3} class="bar" />
      </svg>
      <small>{text}</small>
    </>
  );
}
