import type { QuietHours } from "./run.ts";

/** Whether it's within somebody's quiet hours, by their own clock. They may last over midnight. */
export function isQuiet({ from, until, zone }: QuietHours, at: number): boolean {
  const clock = clockIn(zone, at);
  return from <= until ? from <= clock && clock < until : from <= clock || clock < until;
}

/** `07:05`; a time zone that this machine doesn't know counts as UTC. */
function clockIn(zone: string, at: number): string {
  const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  try {
    return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone }).format(at);
  } catch {
    return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" }).format(at);
  }
}
