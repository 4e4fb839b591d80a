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
  stop(): Promise<void>;
}

/** A Redis of the demo's own; its folder goes with it. */
export async function startRedis(): Promise<Running & { url: string }> {
  const folder = await mkdtemp(join(tmpdir(), "arga-slack-demo-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  const port = await freePort();
  const args = [
    "--port",
    `${port}`,
    "--bind",
    "127.0.0.1",
    "--dir",
    folder,
    "--save",
    "",
    "--appendonly",
    "no",
  ];
  for (const binary of REDIS_BINARIES) {
    const child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
    if (!(await isSpawned(child))) continue;
    const running = follow(child, "SIGKILL");
    await until(running, child, (line) => line.includes("Ready to accept connections"), binary);
    const stop = (): Promise<void> => running.stop().finally(remove);
    return { ...running, stop, url: `redis://127.0.0.1:${port}` };
  }
  throw new CannotStart(
    "There is no redis-server here. script/bootstrap installs one; script/demo calls it.",
  );
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
  return { lines, ended, stop };
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
