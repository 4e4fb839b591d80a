import { request } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Slack, startSlack } from "../../sim/slack/server.ts";

let slack: Slack;

beforeEach(async () => {
  slack = await startSlack({ timing: { ackMs: 100 } });
});

afterEach(() => slack.close());

async function act(name: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${slack.url}/_sim/${name}`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function look(path: string) {
  return (await (await fetch(`${slack.url}/_sim/${path}`)).json()) as Record<string, unknown>;
}

test("acts as a person, and shows what that person sees", async () => {
  const said = await act("post", { user: "alice", channel: "secret", text: "psst" });
  expect(said.status).toBe(200);
  const typed = await act("command", { user: "alice", channel: "dev", command: "/arga", text: "help" });
  expect(typed.body).toMatchObject({ timedOut: true });
  const { id } = slack.channel("secret");
  expect(await look("state?user=alice")).toMatchObject({
    messages: { [id]: [{ text: "psst" }] },
    ephemerals: [{ kind: "operation_timeout" }],
  });
  expect(await look("state?user=bob")).not.toHaveProperty(["messages", id]);
  expect(await look("log?after=1")).toMatchObject({ entries: [{ kind: "timeout", method: "/arga" }] });
});

test("takes fault rules, and says what is wrong with an input", async () => {
  await act("fault", { method: "auth.test", error: "fatal_error", times: 1 });
  const response = await fetch(`${slack.apiUrl}auth.test`, { method: "POST" });
  expect(await response.json()).toMatchObject({ error: "fatal_error" });
  const { status, body } = await act("press", { user: "alice", chanel: "dev" });
  expect(status).toBe(400);
  expect(body.error).toContain("chanel");
  expect((await act("dance", {})).status).toBe(404);
});

test("other sites' pages and other names for this machine are kept out", async () => {
  expect((await act("clear-faults", {}, { origin: "https://evil.test" })).status).toBe(403);
  expect((await act("clear-faults", {}, { origin: slack.url })).status).toBe(200);
  const status = await new Promise((resolve, reject) => {
    const sent = request(`${slack.url}/_sim/state`, { headers: { host: "evil.test" } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on("error", reject);
    sent.end();
  });
  expect(status).toBe(403);
});
