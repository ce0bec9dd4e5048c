/** Milliseconds in a day: days in UTC have no leap seconds. */
export const DAY_MS = 86_400_000;

/** No date is before 0001-01-01, or after 9999-12-31: a year has four digits. */
export const [FIRST_INSTANT, END_OF_DATES] = [-62_135_596_800_000, 253_402_300_800_000];

/** The instant (ms) at which a day begins in UTC; `undefined` if the calendar has no such day. */
export function midnightOf(year: number, month: number, day: number): number | undefined {
  const isShort = month === 4 || month === 6 || month === 9 || month === 11;
  const daysInMonth = month === 2 ? (isLeapYear(year) ? 29 : 28) : isShort ? 30 : 31;
  if (!(year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth)) return undefined;
  // Counted in years that begin in March, so that the leap day is the last of them. No date is before the first of them:
  // it begins 719,468 days before 1970.
  const [marchYear, marchMonth] = month > 2 ? [year, month - 3] : [year - 1, month + 9];
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  const daysBefore = 365 * marchYear + leapDays + Math.floor((153 * marchMonth + 2) / 5);
  return (daysBefore + day - 1 - 719_468) * DAY_MS;
}

/** The instant (ms) at which a day of an ISO week begins in UTC: day 1 is Monday, and 4 January is in week 1. */
export function midnightOfWeekDay(year: number, week: number, day: number): number | undefined {
  const fourth = midnightOf(year, 1, 4);
  if (fourth === undefined || !(week >= 1 && week <= 53 && day >= 1 && day <= 7)) return undefined;
  const monday = mondayOf(fourth) + (week - 1) * 7 * DAY_MS;
  // A year has a week 53 where the Thursday of that week is still in it.
  const newYear = midnightOf(year, 12, 31);
  if (newYear === undefined || monday + 3 * DAY_MS > newYear) return undefined;
  const at = monday + (day - 1) * DAY_MS;
  return at < END_OF_DATES ? at : undefined;
}

/** The Monday (ms) of the week that a day is in: 1970 began on a Thursday. */
function mondayOf(midnight: number): number {
  const days = midnight / DAY_MS + 3;
  return midnight - (days - Math.floor(days / 7) * 7) * DAY_MS;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
