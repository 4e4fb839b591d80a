import { type ChildProcess, execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { endsWithUs } from "./children.ts";
import { PATIENCE_MS, tick } from "./waiting.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const APP = join(ROOT, "dist/app.js");
/** What Node compiled it to is kept: hundreds of starts compile the same. */
const COMPILED = join(ROOT, "node_modules/.cache/arga-slack-compiled");

/** The built bot as a child process, driven only from outside. */
export interface Bot {
  /** Where it listens; throws before it does. */
  readonly url: string;
  /** Everything it wrote, to both outputs. */
  output(): string;
  /** Resolves when `/readyz` says 200. */
  ready(): Promise<void>;
  /** As a crash: no word of farewell. */
  kill(): Promise<void>;
  /** Any other signal; whether there was still a process to hear it. */
  signal(name: NodeJS.Signals): boolean;
  /** SIGTERM; resolves with the exit code and how long it took, in ms. */
  stop(): Promise<{ code: number | null; ms: number }>;
  exited: Promise<number | null>;
  hasExited(): boolean;
}

/** Starts `dist/app.js` with this environment and nothing else of ours. `script/test` builds it before. */
export async function startBot(env: Record<string, string>, app = APP): Promise<Bot> {
  const child = spawn(process.execPath, [app], {
    env: {
      PATH: process.env.PATH ?? "",
      NODE_COMPILE_CACHE: COMPILED,
      LOG_LEVEL: "debug",
      PORT: "0",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  endsWithUs(child);
  const lines: string[] = [];
  child.stdout.on("data", (chunk: Buffer) => lines.push(chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => lines.push(chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  const output = (): string => lines.join("");
  return {
    get url() {
      const url = addressIn(output());
      if (url === undefined) throw new Error("the bot does not listen yet");
      return url;
    },
    output,
    ready: () => readiness(child, output),
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
    },
    signal: (name) => child.kill(name),
    stop: async () => {
      const begun = Date.now();
      child.kill("SIGTERM");
      const code = await exited;
      return { code, ms: Date.now() - begun };
    },
    exited,
    hasExited: () => child.exitCode !== null || child.signalCode !== null,
  };
}

/** It takes whatever port the system gives it, so that no two processes want the same one, and logs which. */
export function addressIn(output: string): string | undefined {
  const [, port] = /"port":(\d+),.*"msg":"Listening"/.exec(output) ?? [];
  return port && `http://127.0.0.1:${port}`;
}

async function readiness(child: ChildProcess, output: () => string): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  while (Date.now() < until) {
    const end = child.exitCode ?? child.signalCode;
    if (end !== null) throw new Error(`the bot ended with ${end}:\n${output()}`);
    const url = addressIn(output());
    const answer = url === undefined ? undefined : await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await tick();
  }
  throw new Error(`the bot was not ready in time:\n${output()}`);
}

interface Ended {
  code: number;
  output: string;
  errors: string;
}

/** Runs a command of the built bot, with its options, and with this on its standard input. */
export function appCommand(line: string, env: Record<string, string>, input = ""): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [APP, ...line.split(" ")],
      { env: { PATH: process.env.PATH ?? "", ...env }, maxBuffer: 50_000_000 },
      (error, output, errors) => resolve({ code: error ? Number(error.code) : 0, output, errors }),
    );
    child.stdin?.end(input);
  });
}
