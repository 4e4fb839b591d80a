import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterEach, describe, expect, test } from "vitest";
import { at } from "./files.ts";

/** The demo without a terminal; `script/test` builds the bot before. */
class Demo {
  text = "";
  readonly process: ChildProcess;
  /** What it takes for the system's folder of temporary files. */
  readonly folder = mkdtempSync(join(tmpdir(), "arga-slack-test-"));
  readonly #heard = new Set<() => void>();

  constructor() {
    const env = { ...process.env, TMPDIR: this.folder };
    this.process = spawn(process.execPath, ["--import", "tsx", "sim/demo.ts"], { cwd: at(""), env });
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

let demo: Demo;
afterEach(() => {
  demo.process.kill("SIGKILL");
  rmSync(demo.folder, { recursive: true, force: true });
});

/** tsx keeps what it compiled there. */
const leftBehind = (): string[] => readdirSync(demo.folder).filter((name) => name.startsWith("arga-slack"));

describe("the demo", () => {
  test("tells its story without a terminal and ends with 0", async () => {
    demo = new Demo();
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
  });

  test("leaves nothing behind when it is interrupted, and says so with 130", async () => {
    demo = new Demo();
    await demo.says("the bot posts the card");
    expect(leftBehind()).toHaveLength(1);
    const [, redis] = /redis:\/\/127\.0\.0\.1:(\d+)/.exec(demo.text) ?? [];
    demo.process.kill("SIGINT");
    expect(await demo.exit(), demo.text).toBe(130);
    expect(leftBehind()).toEqual([]);
    const probe = new Redis(Number(redis), "127.0.0.1", { retryStrategy: () => null });
    probe.on("error", () => {});
    await expect(probe.ping()).rejects.toThrow();
  });
});
