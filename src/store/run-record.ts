import type { Message, Progress, Run } from "../runs/run.ts";

/**
 * How a run stands in Redis. The JSON keys are those of 0.1.0, whatever the code calls them today: an older process
 * that runs beside this one, or the one after a downgrade, reads what we write, and we read what it wrote.
 */
const STORED = {
  run: { actionRequests: "wishes", seenKeys: "taken", sourceThread: "alsoTell" },
  progress: { reportedKeys: "told" },
  to: { source: "also" },
  reply: { card_delayed: "unheard", channel_closed: "ended_unseen" },
} as const;

type Names = Readonly<Record<string, string>>;
type Fields = Readonly<Record<string, unknown>>;

/** The record as JSON, under the keys that every version reads. */
export const encodeRun = (run: Run): string => JSON.stringify(translated(run, (names) => names));

/** The run that a record's JSON holds. The version is kept beside it, where a script can compare it. */
export function decodeRun(json: string, version: string | null | undefined): Run {
  const stored: unknown = JSON.parse(json);
  return { ...(translated(stored as Fields, inverse) as unknown as Run), version: Number(version) };
}

function translated(record: Fields | Run, direction: (names: Names) => Names): Fields {
  const { progress, outbox, ...rest } = renamed(record as Fields, direction(STORED.run));
  const steps = progress as Progress | undefined;
  return {
    ...rest,
    ...(steps ? { progress: renamed(steps as unknown as Fields, direction(STORED.progress)) } : {}),
    outbox: ((outbox ?? []) as Message[]).map((message) => ({
      ...message,
      to: word(message.to, direction(STORED.to)),
      what: { ...message.what, type: word(message.what.type, direction(STORED.reply)) },
    })),
  };
}

const renamed = (fields: Fields, names: Names): Fields =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [word(key, names), value]));

const word = (key: string, names: Names): string => (Object.hasOwn(names, key) ? (names[key] ?? key) : key);

const inverse = (names: Names): Names =>
  Object.fromEntries(Object.entries(names).map(([ours, stored]) => [stored, ours]));
