import { STRIP_LENGTH, stripPaths } from "./outcomes.ts";

/** The last runs, a mark each: up for a success, down for a failure, hollow if a check turned the claim round. */
export function Strip({ outcomes, width, height = 24 }: { outcomes: string; width: number; height?: number }) {
  const middle = height / 2;
  const failed = [...outcomes].filter((one) => one === "f" || one === "r").length;
  const paths = stripPaths(outcomes, { step: width / STRIP_LENGTH, start: STRIP_LENGTH - outcomes.length, middle });
  return (
    <svg width={width} height={height} role="img" aria-label={`last ${outcomes.length} runs, ${failed} failed`}>
      <line x1={0} x2={width} y1={middle} y2={middle} class="grid" />
      <path d={paths.s} class="run-s" stroke-width={2} />
      <path d={paths.p} class="run-p" />
      <path d={paths.f} class="run-f" stroke-width={2.6} />
      <path d={paths.r} class="run-r" />
    </svg>
  );
}
