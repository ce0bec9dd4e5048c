/** What a browser keeps under a name, if it keeps anything: a frame or a strict one may refuse. */
export function kept(storage: "localStorage" | "sessionStorage", name: string): string | undefined {
  try {
    return window[storage].getItem(name) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Without it the page is as it was at first when it is loaded anew. */
export function keep(storage: "localStorage" | "sessionStorage", name: string, value: string): void {
  try {
    window[storage].setItem(name, value);
  } catch {
    // It holds until then.
  }
}
