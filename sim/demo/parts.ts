import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The parts of the demo that are processes of their own. */

/** Something that a person has to mend before the demo can run. */
export class CannotStart extends Error {}

const APP = fileURLToPath(new URL("../../dist/app.js", import.meta.url));
const REDIS_BINARIES = ["redis-server", "valkey-server"];
const KEPT_LINES = 15;
/** The bot promises to be gone within ten seconds; here it has nothing to finish. */
const PATIENCE_MS = 3_000;

export interface Running {
  /** The last lines that it wrote. */
  lines: string[];
  /** Resolves with words for how it ended. */
  ended: Promise<string>;
  isAlive(): boolean;
  stop(): Promise<void>;
  /** Ends it as a machine that loses its power does. */
  kill(): Promise<void>;
}

export interface RedisRunning extends Running {
  readonly url: string;
  /** The same anew, with what it had kept, on the same port. */
  again(): Promise<RedisRunning>;
}

/** A Redis of the demo's own; its folder goes with it. */
export async function startRedis(): Promise<RedisRunning> {
  const folder = await mkdtemp(join(tmpdir(), "arga-slack-demo-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  for (const binary of REDIS_BINARIES) {
    const started = await launchRedis(binary, folder);
    if (started) return lasting(started, remove);
  }
  throw new CannotStart(
    "There is no redis-server here. script/bootstrap installs one; script/demo calls it.",
  );
}

function lasting(started: RedisRunning, remove: () => void): RedisRunning {
  const again = async () => lasting(await started.again(), remove);
  return { ...started, again, stop: () => started.stop().finally(remove) };
}

/** Undefined when there is no such program. Redis takes no "any port", so a free one is looked for. */
async function launchRedis(
  binary: string,
  folder: string,
  wanted?: number,
): Promise<RedisRunning | undefined> {
  const port = wanted ?? (await freePort());
  const kept = { appendonly: "yes", appendfsync: "always" };
  const options = { port: `${port}`, bind: "127.0.0.1", dir: folder, save: "", ...kept };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
  if (!(await isSpawned(child))) return undefined;
  const running = follow(child, "SIGKILL");
  try {
    await until(running, child, (line) => line.includes("Ready to accept connections"), binary);
  } catch (error) {
    // Another process took the port in between.
    if (wanted !== undefined || !running.lines.some((line) => line.includes("Address already in use")))
      throw error;
    return await launchRedis(binary, folder);
  }
  const again = async () => {
    const next = await launchRedis(binary, folder, port);
    if (!next) throw new CannotStart(`${binary} is gone`);
    return next;
  };
  return { ...running, url: `redis://127.0.0.1:${port}`, again };
}

/** The built bot, with this environment and nothing else of ours. Resolves when it says that it is ready. */
export async function startBot(env: Record<string, string>): Promise<Running> {
  if (!existsSync(APP))
    throw new CannotStart("The bot is not built. Run npm run build; script/demo does it.");
  const child = spawn(process.execPath, [APP], { env, stdio: ["ignore", "pipe", "pipe"] });
  const running = follow(child, "SIGTERM");
  await until(running, child, (line) => line.includes('"msg":"Ready"'), "the bot");
  return running;
}

function follow(child: ChildProcess, signal: NodeJS.Signals): Running {
  const lines: string[] = [];
  eachLine(child, (line) => {
    lines.push(line);
    lines.splice(0, lines.length - KEPT_LINES);
  });
  const ended = new Promise<string>((resolve) => {
    child.once("exit", (code, by) => resolve(by ? `killed by ${by}` : `exit code ${code}`));
  });
  // Whatever happens to the demo, nothing of it stays behind.
  const last = (): void => void child.kill("SIGKILL");
  process.once("exit", last);
  const stop = async (): Promise<void> => {
    child.kill(signal);
    const patience = setTimeout(last, PATIENCE_MS);
    await ended;
    clearTimeout(patience);
    process.off("exit", last);
  };
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
    process.off("exit", last);
  };
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null;
  return { lines, ended, isAlive, stop, kill };
}

/** Resolves with the first line that fits. */
async function until(
  { ended, lines }: Running,
  child: ChildProcess,
  fits: (line: string) => boolean,
  name: string,
): Promise<void> {
  const said = new Promise<undefined>((resolve) => {
    eachLine(child, (line) => fits(line) && resolve(undefined));
  });
  const how = await Promise.race([said, ended]);
  if (how !== undefined) throw new CannotStart(`${name} ended at once (${how}):\n${lines.join("\n")}`);
}

function eachLine({ stdout, stderr }: ChildProcess, tell: (line: string) => void): void {
  for (const stream of [stdout, stderr]) if (stream) createInterface({ input: stream }).on("line", tell);
}

const isSpawned = (child: ChildProcess): Promise<boolean> =>
  new Promise((resolve) => {
    child.once("spawn", () => resolve(true));
    child.once("error", () => resolve(false));
  });

/** A port that nobody listens on right now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
