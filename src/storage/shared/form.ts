import { isJsonObject } from "../../domain/text/json.ts";

// Checks of what comes back from a file or a server, made of plain functions: to make a schema of zod's takes a process
// that has just begun longer than all that it reads.

export type Check = (value: unknown) => boolean;

/** Whether a value has these fields, each as it should be, and no other. */
export function objectOf<T extends object>(
  fields: { readonly [Name in keyof T]-?: Check },
): (value: unknown) => value is T {
  const checks = Object.entries<Check>(fields);
  return (value): value is T => {
    if (!isJsonObject(value)) return false;
    let known = 0;
    for (const [name, isRight] of checks) {
      const field = value[name];
      if (!isRight(field)) return false;
      if (field !== undefined) known += 1;
    }
    return Object.keys(value).length === known;
  };
}

/** A list of at most so many. */
export function listOf(isItem: Check, most: number): Check {
  return (value) => Array.isArray(value) && value.length <= most && value.every((item) => isItem(item));
}

export function pairOf(isFirst: Check, isSecond: Check): Check {
  return (value) => Array.isArray(value) && value.length === 2 && isFirst(value[0]) && isSecond(value[1]);
}

export function oneOf(...values: readonly unknown[]): Check {
  return (value) => values.includes(value);
}

export function optional(isValue: Check): Check {
  return (value) => value === undefined || isValue(value);
}

export function nullable(isValue: Check): Check {
  return (value) => value === null || isValue(value);
}

export function isText(value: unknown): value is string {
  return typeof value === "string";
}

export function isTruth(value: unknown): value is boolean {
  return typeof value === "boolean";
}

/** A finite one: JSON and servers have others, or none. */
export function isNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

export function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

export function isCount(value: unknown): value is number {
  return isInteger(value) && value >= 0;
}
