import { shown, UsageError } from "./grammar.ts";
import { joinTimes } from "./times.ts";

/** Times in minutes, as people type them and as we show them. */

/** Whether a word is meant as a time: `60`, `90m`, `2h`, `-1`, `1.5`. */
export const looksLikeMinutes = (word: string): boolean => /^[-+]?\d/.test(word);

const TIME = /^(?:(\d{1,6}(?:[.,]\d{1,2})?)(?:h|hrs?|hours?))?(?:(\d{1,6})(?:m|mins?|minutes?)?)?$/i;

/** Whether a word is a time by itself. */
export const isTime = (word: string): boolean => word !== "" && TIME.test(word);

/**
 * A time in whole minutes: `90`, `90m`, `2h`, `1h30m`, `1.5h`.
 * @throws {UsageError} when it isn't one, or outside 1–`max`.
 */
export function minutesOf(word: string, max: number, tryThis: string): number {
  const [time = "", more] = joinTimes(word.split(" "));
  const match = more === undefined ? TIME.exec(time) : null;
  if (!match || time === "")
    throw new UsageError(`${shown(word)} isn't a time. Use minutes, like 60, 90m or 2h.`, tryThis);
  const minutes = Math.round(Number(match[1]?.replace(",", ".") ?? 0) * 60) + Number(match[2] ?? 0);
  if (minutes < 1) throw new UsageError(`${shown(word)} is too short. The least is 1 min.`, tryThis);
  if (minutes > max)
    throw new UsageError(`${duration(minutes)} is too long. The most is ${duration(max)}.`, tryThis);
  return minutes;
}

/** `90` → `1 h 30 min`. */
export function duration(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return [hours > 0 ? `${hours} h` : "", rest > 0 || hours === 0 ? `${rest} min` : ""]
    .filter(Boolean)
    .join(" ");
}
