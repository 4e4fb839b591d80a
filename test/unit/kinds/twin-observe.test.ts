import { afterEach, describe, expect, test } from "vitest";
import { ArgaClient } from "../../../src/api/client.ts";
import { twin } from "../../../src/kinds/twin.ts";
import type { ActionRequest, Run } from "../../../src/runs/run.ts";
import { closeAll, json, serve } from "../../api/support/http.ts";
import { MINUTE, NOW, runIn, wishOf } from "../support/runs.ts";

afterEach(closeAll);

/** What the bot makes of this answer of Arga's. */
async function observed(body: Record<string, unknown>) {
  const { url } = await serve(json(200, { run_id: "x", status: "ready", ...body }));
  const client = new ArgaClient({ url, key: "arga_sk_x" });
  const side = { id: "x", status: "", links: [] };
  try {
    const seen = await twin.observe(client, side, new AbortController().signal);
    return { seen, secrets: (await twin.secrets?.(client, side)) ?? [] };
  } finally {
    await client.destroy();
  }
}

const linksFor = async (base_url: unknown) =>
  (await observed({ twins: { stripe: { label: "Stripe", base_url } } })).seen.arga.links;

describe("a twin's link", () => {
  test.each([
    "https://r1--stripe.example/?token=ptk_secret",
    "https://r1--stripe.example/#ptk_secret",
    "https://user:ptk_secret@r1--stripe.example/",
    "https://r1--stripe.example/?a=1&token=ptk_secret#ptk_secret",
  ])("carries no secret: %s", async (url) => {
    expect(await linksFor(url)).toEqual([{ label: "Stripe", url: "https://r1--stripe.example/" }]);
  });

  test.each([
    "javascript:alert(1)",
    "data:text/html,x",
    "ftp://a.example/",
    "file:///etc/passwd",
    "stripe",
    "",
    null,
  ])("is none when a browser may not go there: %j", async (url) => {
    expect(await linksFor(url)).toEqual([]);
  });

  test("has the twin's name where Arga gives no label", async () => {
    const { seen } = await observed({ twins: { stripe: { base_url: "https://a.example/x" } } });
    expect(seen.arga.links).toEqual([{ label: "stripe", url: "https://a.example/x" }]);
  });
});

describe("a status", () => {
  test.each([
    ["queued", { state: "starting" }],
    ["provisioning", { state: "starting" }],
    ["ready", { state: "ready" }],
    ["cleaning_up", { state: "ending" }],
    ["expired", { state: "ended", outcome: "expired" }],
    ["failed", { state: "ended", outcome: "failed" }],
    ["error", { state: "ended", outcome: "failed" }],
    ["timed_out", { state: "ended", outcome: "failed" }],
    ["torn_down", { state: "ended", outcome: "torn_down" }],
    ["cancelled", { state: "ended", outcome: "torn_down" }],
    ["canceled", { state: "ended", outcome: "torn_down" }],
    ["deleted", { state: "ended", outcome: "torn_down" }],
    ["terminated", { state: "ended", outcome: "torn_down" }],
    ["cleaned_up", { state: "ended", outcome: "torn_down" }],
  ])("%s of Arga's is understood", async (status, expected) => {
    expect((await observed({ status })).seen).toMatchObject({ ...expected, arga: { status } });
  });

  test.each(["hibernating", "", "READY", "constructor", "toString"])(
    "that nobody knows, %j, is shown as it is and means nothing",
    async (status) => {
      expect((await observed({ status })).seen).toEqual({ arga: { status, links: [] } });
    },
  );
});

describe("the rest of an answer", () => {
  test.each([null, undefined, "soon", "", "32nd of May"])(
    "has no end when it says %j",
    async (expires_at) => {
      expect((await observed({ expires_at })).seen).not.toHaveProperty("endsAt");
    },
  );

  test("may be missing altogether", async () => {
    expect(await observed({})).toEqual({
      seen: { state: "ready", arga: { status: "ready", links: [] } },
      secrets: [],
    });
  });

  test("keeps variables that are no text, and passes over those that are empty", async () => {
    const twins = { a: { env_vars: { PORT: 8080, DEBUG: true, EMPTY: "" } } };
    expect((await observed({ twins })).secrets).toEqual([
      {
        title: "a",
        facts: [],
        variables: [
          { name: "PORT", value: "8080" },
          { name: "DEBUG", value: "true" },
        ],
      },
    ]);
  });
});

describe("whether a wish whose answer was lost has happened", () => {
  const sending = (deadline?: number): ActionRequest["state"] => ({
    name: "sending",
    since: NOW,
    ...(deadline === undefined ? {} : { deadline }),
  });
  const end = NOW + 60 * MINUTE;
  const locked = (isPublic: boolean): Run =>
    runIn("ready", { arga: { id: "x", status: "ready", links: [], isPublic } });
  const asked = (more: Partial<ActionRequest>): ActionRequest => wishOf({ state: sending(end), ...more });

  test.each<[string, Run, ActionRequest, boolean | undefined]>([
    ["teardown, while ready", runIn("ready"), asked({ action: "teardown" }), false],
    ["teardown, while ending", runIn("ending"), asked({ action: "teardown" }), true],
    ["teardown, once ended", runIn("ended"), asked({ action: "teardown" }), true],
    ["lock, while public", locked(true), asked({ action: "lock" }), false],
    ["lock, once not public", locked(false), asked({ action: "lock" }), true],
    ["reset, which shows nowhere", runIn("ready"), asked({ action: "reset" }), undefined],
    ["extend, with the end that was", runIn("ready"), asked({ action: "extend", minutes: 90 }), false],
    [
      "extend, with another end",
      runIn("ready"),
      asked({ action: "extend", minutes: 90, state: sending(end - 30 * MINUTE) }),
      true,
    ],
    [
      "extend, a moment's rounding away",
      runIn("ready"),
      asked({ action: "extend", minutes: 90, state: sending(end - 999) }),
      false,
    ],
  ])("%s", (_, run, wish, expected) => {
    expect(twin.hasHappened(run, wish)).toBe(expected);
  });
});

test("Arga's words on a failure don't repeat what the twins were seeded with", async () => {
  const { seen } = await observed({
    status: "failed",
    error: "seed sk_test_abcdef refused, proxy ptk_123456 closed, mode test",
    proxy_token: "ptk_123456",
    twins: { stripe: { env_vars: { STRIPE_KEY: "sk_test_abcdef", MODE: "test" } } },
  });
  expect(seen.why).toBe("seed [secret] refused, proxy [secret] closed, mode test");
});
