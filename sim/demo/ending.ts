import { closeSync, constants, fstatSync, openSync } from "node:fs";

/** How often somebody is looked for at the other end of a pipe, in ms. */
const LOOKING_MS = 1_000;
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
  process.stdout.once("error", () => tell());
  // What is written to nobody from now on is no news.
  process.stdout.on("error", () => {});
  const looking = fstatSync(1).isFIFO() ? setInterval(() => isUnread() && tell(), LOOKING_MS) : undefined;
  looking?.unref();
  let isTold = false;
  const tell = (): void => {
    clearInterval(looking);
    if (!isTold) act();
    isTold = true;
  };
}

/** Whether nobody reads the pipe: Linux then refuses to open it once more for writing. */
function isUnread(): boolean {
  try {
    closeSync(openSync("/proc/self/fd/1", constants.O_WRONLY | constants.O_NONBLOCK));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENXIO";
  }
  return false;
}
