import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { at } from "./files.ts";

/** What it takes for the system's folder of temporary files. */
const folder = mkdtempSync(join(tmpdir(), "arga-slack-test-"));
let playground: ChildProcess;
let text = "";

/** Without a terminal; `script/test` builds the bot before. */
beforeEach(() => {
  playground = spawn(process.execPath, ["--import", "tsx", "sim/playground.ts"], {
    cwd: at(""),
    env: { ...process.env, TMPDIR: folder },
  });
});

afterEach(() => {
  playground.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

test("the playground names an address where the page is, and a closed terminal ends all of it", async () => {
  const address = await new Promise<string>((resolve) => {
    playground.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const [, found] = /Open (http:\S+)/.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  const page = await (await fetch(address)).text();
  expect(page).toContain("/arga");
  expect(page).toContain("to-bench");
  expect((await fetch(new URL("/beside", address))).status).toBe(200);
  const [, redis = ""] = /redis:\/\/127\.0\.0\.1:(\d+)/.exec(text) ?? [];
  playground.kill("SIGHUP");
  await once(playground, "exit");
  await expect(fetch(`http://127.0.0.1:${redis}/`)).rejects.toThrow();
  await expect(fetch(address)).rejects.toThrow();
  expect(readdirSync(folder).filter((name) => name.startsWith("arga-slack"))).toEqual([]);
});
