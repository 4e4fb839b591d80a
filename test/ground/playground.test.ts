import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findBrowser } from "../../sim/demo/browser.ts";
import { at } from "./files.ts";
import { descendantsOf, stillRunning } from "./processes.ts";

/** What they take for the system's folder of temporary files. */
let folder: string;
let started: ChildProcess;
let text: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "arga-slack-test-"));
  text = "";
});

afterEach(() => {
  for (const pid of descendantsOf(started.pid ?? 0)) process.kill(pid, "SIGKILL");
  started.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** Without a terminal; `script/test` builds the bot before. */
function start(command: string, args: readonly string[]): void {
  started = spawn(command, args, { cwd: at(""), env: { ...process.env, TMPDIR: folder } });
}

/** Resolves with what stands in the brackets once it is printed. */
function printed(form: RegExp): Promise<string> {
  return new Promise((resolve) => {
    started.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const [, found] = form.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
}

/** Once it has ended, of all that it had started nothing is left. */
async function expectNothingLeft(pids: readonly number[]): Promise<void> {
  await expect.poll(() => stillRunning(pids), { timeout: 10_000 }).toEqual([]);
  expect(readdirSync(folder).filter((name) => name.startsWith("arga-slack"))).toEqual([]);
}

const PLAYGROUND = ["--import", "tsx", "sim/playground.ts"];
const ADDRESS = /Open (http:\S+)/;

describe("the playground", () => {
  test.each([
    ["SIGHUP", 129],
    ["SIGTERM", 143],
    ["SIGINT", 0],
  ] as const)(
    "names an address where the page is, and is gone with all its processes after %s",
    async (signal, code) => {
      start(process.execPath, PLAYGROUND);
      const address = await printed(ADDRESS);
      const page = await (await fetch(address)).text();
      expect(page).toContain("/arga");
      expect(page).toContain("to-bench");
      expect((await fetch(new URL("/beside", address))).status).toBe(200);
      const pids = descendantsOf(started.pid ?? 0);
      const [, redis = ""] = /redis:\/\/127\.0\.0\.1:(\d+)/.exec(text) ?? [];
      started.kill(signal);
      expect(await once(started, "exit")).toEqual([code, null]);
      await expect(fetch(`http://127.0.0.1:${redis}/`)).rejects.toThrow();
      await expect(fetch(address)).rejects.toThrow();
      await expectNothingLeft(pids);
    },
  );

  test.runIf(process.platform === "linux")("ends when nobody reads its pipe any more", async () => {
    // The reader takes the lines up to the address, and is gone.
    const reader = `sed "/Open http/q"`;
    start("sh", ["-c", `"${process.execPath}" ${PLAYGROUND.join(" ")} | ${reader}`]);
    const address = await printed(ADDRESS);
    const pids = descendantsOf(started.pid ?? 0);
    expect(pids.length).toBeGreaterThanOrEqual(3);
    if (started.exitCode === null) await once(started, "exit");
    await expect(fetch(address)).rejects.toThrow();
    await expectNothingLeft(pids);
  });
});

describe.skipIf(!findBrowser())("the pictures", () => {
  test("leave neither Redis nor Chromium behind when they are interrupted", async () => {
    start(process.execPath, ["--import", "tsx", "sim/screenshots.ts", `${folder}/`]);
    const commands = () => stillRunning(descendantsOf(started.pid ?? 0)).join("\n");
    await expect.poll(commands, { timeout: 60_000 }).toMatch(/chrom.*--type=renderer/s);
    expect(commands()).toMatch(/(redis|valkey)-server/);
    const pids = descendantsOf(started.pid ?? 0);
    started.kill("SIGTERM");
    await once(started, "exit");
    await expectNothingLeft(pids);
  });
});
