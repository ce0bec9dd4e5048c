/** What a colour says: good, bad, of advice, or nothing. */
export type Tone = "ok" | "bad" | "adv" | "mute";

/** A word of the figures as the page shows it. */
export interface Said {
  readonly icon: IconName;
  readonly tone: Tone;
  readonly text?: string;
}

const paths = {
  up: "M6 2 11 10.5H1Z",
  down: "M6 10.5 1 2h10Z",
  flat: "M1 5h10v2.4H1Z",
  few: "M1 5h2.2v2.2H1zM4.9 5h2.2v2.2H4.9zM8.8 5H11v2.2H8.8z",
  half: "M6 .8a5.2 5.2 0 1 0 0 10.4A5.2 5.2 0 0 0 6 .8zm0 1.5a3.7 3.7 0 0 1 0 7.4z",
  open: "M6 1.2a4.8 4.8 0 1 0 0 9.6 4.8 4.8 0 0 0 0-9.6zm0 1.6a3.2 3.2 0 1 1 0 6.4 3.2 3.2 0 0 1 0-6.4z",
  tick: "M1.2 6.4 2.7 4.9l2.1 2.1L9.3 2l1.6 1.4-6 6.8z",
  cross: "M2.4 1 6 4.6 9.6 1 11 2.4 7.4 6 11 9.6 9.6 11 6 7.4 2.4 11 1 9.6 4.6 6 1 2.4z",
};

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" width={11} height={11} viewBox="0 0 12 12" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

/** A word with its icon: the colour is never alone. */
export function Word({ word: { icon, text, tone } }: { word: Said }) {
  return (
    <span class={`chip ${tone}`}>
      <Icon name={icon} />
      {text}
    </span>
  );
}
