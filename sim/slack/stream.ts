import type { TrafficLine } from "./bench.ts";
import type { Channel, User } from "./directory.ts";
import type { EphemeralMessage, LogEntry, SlackMessage } from "./types.ts";
import type { World } from "./world.ts";

/** Not everything that is seen is in the log (a choice that was typed, say), hence the tick besides it. */
const TICK_MS = 250;
/** Many changes at once are told together. */
const TOGETHER_MS = 50;

type Tell = (event: string, data: unknown) => void;

/** One thing that a person sees; `print` changes whenever it does. */
interface Part {
  readonly print: string;
  value(): unknown;
}

/**
 * Tells all that a person sees, and from then on what changes of it: events `change` with `set` (parts by name) and
 * `gone` (names), in the order in which they came to be. @returns what ends it
 */
export function tellChanges(world: World, user: User, tell: Tell): () => void {
  const known = new Map<string, string>();
  return whenever(world, () => {
    const parts = partsFor(world, user);
    const set: [string, unknown][] = [];
    for (const [name, part] of parts) {
      if (known.get(name) === part.print) continue;
      known.set(name, part.print);
      set.push([name, part.value()]);
    }
    const gone = [...known.keys()].filter((name) => !parts.has(name));
    for (const name of gone) known.delete(name);
    if (set.length > 0 || gone.length > 0) tell("change", { set, gone });
  });
}

/** How many of the last entries are told first. */
const LAST = 60;

/** Tells what happens between the workspace, the app and what else the bench shows. @returns what ends it */
export function tellTraffic(world: World, tell: Tell): () => void {
  const { log, settings } = world;
  const { notes, switches } = settings.bench;
  let told = Math.max(0, log.entries.length - LAST);
  let noted = Math.max(0, notes.length - LAST);
  let shown = "";
  return whenever(world, () => {
    const fresh = [...log.entries.slice(told).map(lineOf), ...notes.slice(noted)];
    told = log.entries.length;
    noted = notes.length;
    if (fresh.length > 0) tell("traffic", fresh.sort((one, other) => one.at - other.at).slice(-LAST));
    const now = switches.map(({ name, title, choices, chosen }) => ({
      name,
      title,
      choices,
      chosen: chosen(),
    }));
    const text = JSON.stringify(now);
    if (text === shown) return;
    shown = text;
    tell("switches", now);
  });
}

const FROM: Readonly<Record<LogEntry["kind"], string>> = {
  api: "bot → Slack",
  response_url: "bot → Slack",
  delivery: "Slack → bot",
  ack: "bot answers",
  timeout: "bot is silent",
  socket: "socket",
  held: "held back",
};

function lineOf({ at, kind, method, ok, error, status, fault }: LogEntry): TrafficLine {
  const outcome = ok ? "ok" : [error, status ?? fault].filter((part) => part !== undefined).join(" ");
  return { at, from: FROM[kind], what: method, ok, outcome };
}

function whenever({ log }: World, look: () => void): () => void {
  let soon: NodeJS.Timeout | undefined;
  const now = () => {
    soon = undefined;
    look();
  };
  const unlisten = log.listen(() => {
    soon ??= setTimeout(now, TOGETHER_MS);
  });
  const tick = setInterval(look, TICK_MS);
  look();
  return () => {
    unlisten();
    clearInterval(tick);
    clearTimeout(soon);
  };
}

function partsFor(world: World, user: User): Map<string, Part> {
  const { settings, directory, messages, modals } = world;
  const seen = directory.channels().filter((channel) => directory.canSee(user.id, channel));
  const users = directory.users().map(({ id, name, isBot }) => ({ id, name, isBot }));
  const parts = new Map<string, Part>([
    ["team", plain(settings.team)],
    ["users", plain(users)],
    ["channels", plain(seen.map(channelOf))],
    ["modal", viewPart(modals.stack(user.id).at(-1)?.view)],
    ["home", viewPart(modals.home(user.id)?.view)],
  ]);
  const said = seen.flatMap(({ id }) => messages.all(id));
  const own = messages.ephemerals.filter((message) => message.user === user.id);
  for (const message of [...said, ...own]) parts.set(`message ${message.ts}`, messagePart(message));
  return parts;
}

function channelOf({ id, name, kind, archived, members }: Channel) {
  return { id, name, kind, archived, members: [...members] };
}

function plain(value: unknown): Part {
  return { print: JSON.stringify(value) ?? "", value: () => value };
}

function viewPart(view: { id: string; hash: string; errors?: unknown } | undefined): Part {
  return {
    print: view === undefined ? "" : `${view.id} ${view.hash} ${JSON.stringify(view.errors)}`,
    value: () => view ?? null,
  };
}

const NOTHING_MORE: Partial<SlackMessage> = {};

function messagePart(message: SlackMessage | EphemeralMessage): Part {
  const { at, history, attachments, thread_ts } = message;
  const { edited, subtype, reactions } = "ephemeral" in message ? NOTHING_MORE : message;
  // Made of every message whenever anything happens: what most of them have not costs nothing.
  const hung = attachments || reactions?.length ? JSON.stringify([attachments, reactions]) : "";
  return {
    print: `${at} ${history.length} ${thread_ts} ${edited?.ts} ${subtype} ${hung}`,
    // What it said before is of no use here, and would grow with every edit.
    value: () => ({ ...message, history: undefined }),
  };
}
