import { keep, kept } from "./kept.ts";

type Theme = "light" | "dark";

const name = "kaizen-theme";
const isDark = () => matchMedia("(prefers-color-scheme: dark)").matches;

/** What was chosen before, as far as the browser keeps it; otherwise the system decides. */
export function wearKeptTheme(): void {
  const theme = kept("localStorage", name);
  if (theme !== undefined) document.documentElement.dataset.theme = theme;
}

export function shownTheme(): Theme {
  const theme = document.documentElement.dataset.theme ?? (isDark() ? "dark" : "light");
  return theme === "dark" ? theme : "light";
}

export function wear(theme: Theme): Theme {
  document.documentElement.dataset.theme = theme;
  keep("localStorage", name, theme);
  return theme;
}
