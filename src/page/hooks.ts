import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

/** How wide something is, known before it is painted. */
export function useWidth<T extends HTMLElement>(): readonly [RefObject<T>, number] {
  const element = useRef<T>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const shown = element.current;
    if (shown === null) return;
    const measure = () => setWidth(Math.floor(shown.clientWidth));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(shown);
    return () => observer.disconnect();
  }, []);
  return [element, width];
}

/**
 * What every part of the page has to know: how wide it is, and what time it is ("2 h ago"; a copy has no clock). The
 * outermost element sets it before the others are made, and makes them anew whenever it changes.
 */
export const surroundings: { width: number; now: number | undefined } = { width: 0, now: undefined };

/** For what has fewer columns on narrow pages. */
export function room() {
  const { width } = surroundings;
  return { width, isNarrow: width < 620, isWide: width >= 900 };
}

/** A clock that moves once a minute. */
export function useMinutes(isTicking: boolean): number | undefined {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 60_000);
    return () => clearInterval(timer);
  }, []);
  return isTicking ? now : undefined;
}

/**
 * Rows that do not move while the pointer or the focus is among them: until it leaves, what is new stays out and what is
 * there keeps its place, as what stands above keeps its height. The figures in a row change all the same.
 */
export function useCalmRows<T>(rows: readonly T[], keyOf: (row: T) => string) {
  const [inside, setInside] = useState(0);
  const held = useRef<readonly string[]>([]);
  const isHeld = inside > 0;
  const byKey = new Map(rows.map((row) => [keyOf(row), row]));
  const shown = isHeld ? held.current.flatMap((key) => byKey.get(key) ?? []) : rows;
  held.current = isHeld ? held.current : rows.map(keyOf);
  useLayoutEffect(() => {
    const top = document.querySelector<HTMLElement>(".top");
    // What finds no room in it then is shown afterwards.
    if (top !== null) top.style.cssText = isHeld ? `height:${top.offsetHeight}px;overflow:hidden` : "";
  }, [isHeld]);
  const POINTER = 1;
  const FOCUS = 2;
  const handlers = {
    onPointerEnter: () => setInside((now) => now | POINTER),
    onPointerLeave: () => setInside((now) => now & ~POINTER),
    onFocusIn: () => setInside((now) => now | FOCUS),
    onFocusOut: () => setInside((now) => now & ~FOCUS),
  };
  return { rows: shown, handlers };
}
