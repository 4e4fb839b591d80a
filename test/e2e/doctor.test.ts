import { expect, onTestFinished, test } from "vitest";
import { appCommand } from "../support/bot.ts";
import { startProxy } from "../support/proxy.ts";
import { freshWorld } from "../support/world.ts";

/** What a command of the built bot writes, on either output, and its exit code. */
async function command(line: string, env: Record<string, string>): Promise<{ code: number; output: string }> {
  const { code, output, errors } = await appCommand(line, env);
  return { code, output: `${output}${errors}` };
}

interface Report {
  ok: boolean;
  findings: { part: string; level: string; says: string }[];
}

test("the doctor of the built bot looks at it while it runs, and ends with 1 once Slack is away", async () => {
  const world = await freshWorld(onTestFinished, { mode: "http" });
  const env = { ...world.env, ADMIN_USERS: world.slack.user("alice").id, PORT: new URL(world.bot.url).port };
  const well = await command("doctor --json", env);
  const report = JSON.parse(well.output) as Report;
  expect(report.findings.filter(({ level }) => level !== "ok")).toEqual([]);
  expect(report.ok).toBe(true);
  expect(well.code).toBe(0);
  const ill = await command("doctor", { ...env, SLACK_API_URL: "http://127.0.0.1:1/api/" });
  expect(ill.code).toBe(1);
  expect(ill.output).toMatch(/^BAD {2}slack +Slack doesn't answer/m);
  expect(ill.output).toMatch(/^ok {3}redis /m);
  for (const name of ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "ARGA_API_KEY"])
    expect(well.output + ill.output).not.toContain(world.env[name]);
});

test("Slack and Arga are examined through the proxy of the environment, whose password isn't shown", async () => {
  const world = await freshWorld(onTestFinished);
  const proxy = await startProxy();
  onTestFinished(() => proxy.close());
  const address = proxy.url.replace("http://", "http://user:pass-of-proxy@");
  const env = { ...world.env, ADMIN_USERS: world.slack.user("alice").id, PORT: "0", HTTP_PROXY: address };
  const { code, output } = await command("doctor", env);
  expect(code).toBe(0);
  expect(output).toContain(`through the proxy ${new URL(proxy.url).host}`);
  expect(output).not.toContain("pass-of-proxy");
  const broken = await command("doctor", { ...env, HTTP_PROXY: "user:pass of proxy" });
  expect(broken).toMatchObject({
    code: 1,
    output: expect.stringContaining("HTTP_PROXY must be the address"),
  });
  expect(broken.output).not.toContain("pass of proxy");
  const hosts = [world.slack.url, world.arga.url].map((url) => new URL(url).host);
  expect(new Set(proxy.tunnels)).toEqual(new Set(hosts));
});

test("the version is in the log's first line and at /healthz", async () => {
  const world = await freshWorld(onTestFinished);
  const [first = ""] = world.bot.output().split("\n");
  expect(JSON.parse(first)).toMatchObject({
    msg: "Listening",
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
  });
  const health = await (await fetch(`${world.bot.url}/healthz`)).json();
  expect(health).toEqual({ ok: true, version: JSON.parse(first).version });
});

test("a word that is no command ends with 1 and those that there are", async () => {
  const { code, output } = await command("docter", {});
  expect(code).toBe(1);
  expect(output).toContain('no command "docter"');
  expect(output).toContain("doctor");
});
