import { constants, fstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

/** How often somebody is looked for at the other end of a pipe, in ms. */
const LOOKING_MS = 2_000;
/** Something that does not want to end ends all the same. */
const STOPPING_MS = 8_000;
const SIGNALS: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/**
 * What ends this process: it stops what was started, once, and exits with the code it is given. A second call exits at
 * once; what is still there goes with the process.
 */
export function ending(stop: () => Promise<void>): (code: number) => Promise<void> {
  let isEnding = false;
  return async (code) => {
    if (isEnding) process.exit(code);
    isEnding = true;
    setTimeout(() => process.exit(code), STOPPING_MS);
    await stop().catch(() => {});
    process.exit(code);
  };
}

/** Calls back when the terminal is closed, with the exit code that goes with how. */
export function onClosed(end: (code: number) => void): void {
  for (const [signal, code] of Object.entries(SIGNALS)) process.on(signal, () => end(code));
  onUnread(() => end(SIGNALS.SIGHUP ?? 1));
}

/** Calls back once whoever read what is printed has gone. */
function onUnread(act: () => void): void {
  let isTold = false;
  const tell = (): void => {
    clearInterval(looking);
    if (!isTold) act();
    isTold = true;
  };
  // After the first, what is written to nobody is no news.
  process.stdout.on("error", tell);
  let wasRead = false;
  const look = (): void => {
    const isRead = hasReader();
    if (wasRead && !isRead) tell();
    wasRead = isRead;
  };
  const isPipe = fstatSync(1).isFIFO();
  const looking = isPipe ? setInterval(look, LOOKING_MS) : undefined;
  looking?.unref();
  // At once as well: a reader may have gone before the first turn.
  if (isPipe) look();
}

/** Whether a process that we may look into reads the pipe that we print to; a pipe tells only those who write. */
function hasReader(): boolean {
  try {
    const pipe = readlinkSync("/proc/self/fd/1");
    return readdirSync("/proc").some((name) => /^\d+$/.test(name) && reads(name, pipe));
  } catch {
    return false;
  }
}

function reads(pid: string, pipe: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      if (readlinkSync(`/proc/${pid}/fd/${fd}`) !== pipe) return false;
      const [, flags = ""] = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8")) ?? [];
      return (Number.parseInt(flags, 8) & 3) === constants.O_RDONLY;
    });
  } catch {
    // It is gone, or somebody else's.
    return false;
  }
}
