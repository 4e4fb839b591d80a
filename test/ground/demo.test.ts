import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { describe, test } from "vitest";
import { at } from "./files.ts";
import { descendantsOf, stillRunning } from "./processes.ts";

/** The demo without a terminal; `script/test` builds the bot before. */
class Demo {
  text = "";
  readonly process: ChildProcess;
  /** What it takes for the system's folder of temporary files. */
  readonly folder = mkdtempSync(join(tmpdir(), "arga-slack-test-"));
  readonly #heard = new Set<() => void>();

  constructor(...options: string[]) {
    const env = { ...process.env, TMPDIR: this.folder };
    const args = ["--import", "tsx", "sim/demo.ts", ...options];
    this.process = spawn(process.execPath, args, { cwd: at(""), env });
    for (const stream of [this.process.stdout, this.process.stderr])
      stream?.on("data", (chunk: Buffer) => {
        this.text += chunk.toString();
        for (const hear of this.#heard) hear();
      });
  }

  async says(words: string): Promise<void> {
    if (this.text.includes(words)) return;
    await new Promise<void>((resolve) => this.#heard.add(() => this.text.includes(words) && resolve()));
  }

  async exit(): Promise<number | null> {
    if (this.process.exitCode !== null) return this.process.exitCode;
    const [code] = (await once(this.process, "exit")) as [number | null];
    return code;
  }
}

/** In this order, whatever stands between. The card may say "provisioning" first: many changes become one edit. */
const MILESTONES = [
  "alice types in #dev",
  "/arga twins stripe 60",
  "the bot posts the card",
  "Stripe twin — requested",
  "the card changes",
  "Stripe twin — ready",
  "[ Show credentials ]  [ Extend… ▾ ]",
  "alice chooses “End 2 h from now”",
  "Extended by alice. It now ends",
  "time passes",
  "@alice Stripe twin: ends",
  "[ Extend… ▾ ]  [ Tear down ]",
  "alice presses “Tear down” and confirms in the thread",
  "tearing down",
  "Stripe twin — torn down",
  "That was it",
];

/** tsx keeps what it compiled there. */
const leftBehind = (demo: Demo): string[] =>
  readdirSync(demo.folder).filter((name) => name.startsWith("arga-slack"));

type Finish = (end: () => void) => void;

/** Gone when its test is over. */
function startDemo(onTestFinished: Finish, ...options: string[]): Demo {
  const demo = new Demo(...options);
  onTestFinished(() => {
    demo.process.kill("SIGKILL");
    rmSync(demo.folder, { recursive: true, force: true });
  });
  return demo;
}

// It takes its time to tell its story, and waits most of it.
describe.concurrent("the demo", () => {
  test("tells its story without a terminal and ends with 0", async ({ expect, onTestFinished }) => {
    const demo = startDemo(onTestFinished);
    const code = await demo.exit();
    expect(code, demo.text).toBe(0);
    let from = 0;
    for (const milestone of MILESTONES) {
      const found = demo.text.indexOf(milestone, from);
      expect(found, `${milestone}\n${demo.text.slice(from)}`).toBeGreaterThanOrEqual(0);
      from = found + milestone.length;
    }
    expect(demo.text).toContain("@alice Stripe twin: ready.");
    expect(demo.text).toContain("Stripe twin: torn down by alice.");
    expect(demo.text).toContain("only alice sees");
    expect(demo.text).not.toContain("\u001b");
    // It ends by offering the page.
    expect(demo.text.slice(from)).toMatch(/in a browser:\s+script\/demo --stay/);
  });

  test("stays when it is asked to, with the page that it offers, until it's ended", async ({
    expect,
    onTestFinished,
  }) => {
    const demo = startDemo(onTestFinished, "--stay");
    await demo.says("Ctrl-C ends it");
    const [, address = ""] = /Open (http:\S+) in a browser/.exec(demo.text) ?? [];
    expect(await (await fetch(address)).text()).toContain("Start twins");
    const state = await (await fetch(new URL("/_sim/state?user=alice", address))).text();
    expect(state).toContain("Stripe twin: torn down");
    const pids = descendantsOf(demo.process.pid ?? 0);
    demo.process.kill("SIGINT");
    expect(await demo.exit(), demo.text).toBe(0);
    expect(stillRunning(pids)).toEqual([]);
    expect(leftBehind(demo)).toEqual([]);
    await expect(fetch(address)).rejects.toThrow();
  });

  test("says what it takes when it is asked for something else", async ({ expect, onTestFinished }) => {
    const demo = startDemo(onTestFinished, "--hurry");
    await demo.says("--stay");
    expect(await demo.exit()).toBe(2);
  });

  test("leaves nothing behind when it is interrupted, and says so with 130", async ({
    expect,
    onTestFinished,
  }) => {
    const demo = startDemo(onTestFinished);
    await demo.says("the bot posts the card");
    expect(leftBehind(demo)).toHaveLength(1);
    const [, redis] = /redis:\/\/127\.0\.0\.1:(\d+)/.exec(demo.text) ?? [];
    demo.process.kill("SIGINT");
    expect(await demo.exit(), demo.text).toBe(130);
    expect(leftBehind(demo)).toEqual([]);
    const probe = new Redis(Number(redis), "127.0.0.1", { retryStrategy: () => null });
    probe.on("error", () => {});
    await expect(probe.ping()).rejects.toThrow();
  });
});
