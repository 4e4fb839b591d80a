import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startArga } from "../../sim/arga/server.ts";
import { isTaken } from "../support/life.ts";
import { freshWorld } from "../support/world.ts";

test("a secret that is replaced in its file is used without a restart, and a broken one changes nothing", async () => {
  const dir = await mkdtemp(join(tmpdir(), "arga-slack-secrets-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const arga = await startArga();
  onTestFinished(() => arga.close());
  const [signing, key] = [join(dir, "signing"), join(dir, "key")];
  await writeFile(signing, "of-the-app-before\n");
  await writeFile(key, "arga_sk_of_before");
  const env = {
    SLACK_SIGNING_SECRET: "",
    SLACK_SIGNING_SECRET_FILE: signing,
    ARGA_API_KEY: "",
    ARGA_API_KEY_FILE: key,
    ARGA_API_URL: arga.url,
  };
  const world = await freshWorld(onTestFinished, { env });
  const { slack, bot } = world;
  expect(isTaken(await slack.command("alice", "dev", "/arga", "help"))).toBe(false);
  await writeFile(signing, "");
  await expect.poll(() => bot.output(), { timeout: 10_000 }).toContain("keeping the old ones");
  await writeFile(signing, `of-the-app-before,${slack.signingSecret}`);
  await writeFile(key, arga.key);
  await expect.poll(() => bot.output(), { timeout: 10_000 }).toContain("using the new ones");
  await expect
    .poll(async () => isTaken(await slack.command("alice", "dev", "/arga", "twins stripe 60")), {
      timeout: 10_000,
    })
    .toBe(true);
  await arga.until(() => arga.requests.find(({ method, applied }) => method === "POST" && applied));
  for (const secret of [slack.signingSecret, arga.key, "of-the-app-before", "arga_sk_of_before"])
    expect(bot.output()).not.toContain(secret);
});
