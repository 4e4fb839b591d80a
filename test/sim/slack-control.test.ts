import { request } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { installed } from "../../sim/slack/manifest.ts";
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

/** The events of a stream until one of them fits. */
async function streamed(path: string, fits: (data: string) => boolean, meanwhile: () => unknown) {
  const leave = new AbortController();
  const response = await fetch(`${slack.url}/_sim/${path}`, { signal: leave.signal });
  let text = "";
  void meanwhile();
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (fits(text)) break;
  }
  leave.abort();
  return text.split("\n\n");
}

test("what a person sees is told once, and then only what changes of it", async () => {
  await act("post", { user: "alice", channel: "dev", text: "said before" });
  const events = await streamed(
    "stream?user=alice",
    (text) => text.includes("said after"),
    () => act("post", { user: "bob", channel: "dev", text: "said after" }),
  );
  const [whole = "", ...changes] = events;
  expect(whole).toContain("said before");
  expect(changes.join()).toContain("said after");
  expect(changes.join()).not.toContain("said before");
  expect(changes.join()).not.toContain("channels");
});

test("a private channel and what is for one person alone are told to nobody else", async () => {
  await act("post", { user: "alice", channel: "secret", text: "psst" });
  const events = await streamed(
    "stream?user=bob",
    (text) => text.includes("loud"),
    () => act("post", { user: "alice", channel: "dev", text: "loud" }),
  );
  expect(events.join()).not.toContain("psst");
});

test("somebody unknown gets a page that says so, and no stack trace", async () => {
  const page = await fetch(`${slack.url}/?user=nobody`);
  expect(page.status).toBe(404);
  expect(await page.text()).toMatch(/Nobody here is called “nobody”[\s\S]*href="\/\?user=alice"/);
  for (const path of ["state", "stream"])
    expect((await fetch(`${slack.url}/_sim/${path}?user=nobody`)).status).toBe(404);
});

test("a command that the app does not declare is answered as Slack does, and reaches nobody", async () => {
  const typed = await act("command", { user: "alice", channel: "dev", command: "/jira", text: "list" });
  expect(typed.body).toMatchObject({ delivered: false });
  expect(slack.ephemerals("alice")).toMatchObject([{ kind: "invalid_command" }]);
  expect(slack.ephemerals("alice")[0]?.text).toContain("`/jira` is not a valid command");
  expect(slack.log).toEqual([]);
});

test("people bring the bot with /invite, and go into public channels by themselves", async () => {
  await act("command", { user: "alice", channel: "lonely", command: "/invite", text: "@simbot" });
  expect(slack.channels().find(({ name }) => name === "lonely")?.bot).toBe(true);
  await act("join", { user: "bob", channel: "lonely" });
  expect(slack.channels().find(({ name }) => name === "lonely")?.members).toContain(slack.user("bob").id);
  expect((await act("join", { user: "bob", channel: "secret" })).status).toBe(400);
});

test("the whole manifest is installed: name, commands, shortcuts, scopes", async () => {
  const other = await startSlack(installed(new URL("../../slack-manifest.yaml", import.meta.url)));
  expect(other.users().find(({ isBot }) => isBot)?.name).toBe("arga");
  const page = await (await fetch(`${other.url}/`)).text();
  for (const declared of ["/arga", "Start twins", "Run a test", "Test with Arga"])
    expect(page).toContain(declared);
  await other.close();
});

test("nothing that the manifest doesn't declare reaches the app: no command, no shortcut, no event", async () => {
  const whole = installed(new URL("../../slack-manifest.yaml", import.meta.url));
  const declared = whole.events ?? [];
  expect(declared).toContain("app_mention");
  const { shortcuts = [] } = whole.app ?? {};
  const other = await startSlack({
    ...whole,
    events: declared.filter((event) => event !== "app_mention" && event !== "message.im"),
    app: { ...whole.app, shortcuts: shortcuts.filter(({ type }) => type === "message") },
  });
  const { message } = await other.postAsUser("alice", "dev", "look at https://shop.example.com");
  await other.command("alice", "dev", "/jira", "list");
  await expect(other.globalShortcut("alice", "arga_twins")).rejects.toThrow("declares no global shortcut");
  await expect(other.messageShortcut("alice", message, "arga_twins")).rejects.toThrow(
    "declares no message shortcut",
  );
  expect(await other.mention("alice", "dev", "list")).toMatchObject({ delivered: false });
  expect(await other.directMessage("alice", "list")).toMatchObject({ delivered: false });
  expect(other.log.filter(({ kind }) => kind !== "api")).toEqual([]);
  // What is declared still does; nobody listens here.
  await other.messageShortcut("alice", message, "arga_test_message");
  await other.openHome("alice");
  expect(other.log.flatMap(({ kind, method }) => (kind === "delivery" ? [method] : []))).toEqual([
    "message_action",
    "app_home_opened",
  ]);
  await other.close();
});

test("the page's script stays below 300 KB", async () => {
  expect((await (await fetch(`${slack.url}/`)).text()).length).toBeLessThan(300_000);
});
