import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { validateView } from "../../../sim/slack/blocks/validate.ts";
import { kindNames } from "../../../src/kinds/index.ts";
import type { Kind, Run } from "../../../src/runs/run.ts";
import { homeDown, homeHash, homeView } from "../../../src/views/home.ts";
import { homeFingerprint } from "../../../src/views/home-runs.ts";
import { anyRun, anyScene, idOf, SPECS, sceneOf } from "../support/home-scenes.ts";
import { ADA, BOB, MINUTE, NOW, runIn, wishOf } from "../support/runs.ts";
import { inMrkdwn, isWhole, textObjects } from "../support/scan.ts";

const textOf = (scene: Parameters<typeof homeView>[0]): string => JSON.stringify(homeView(scene));
const many = (count: number, run: Run): Run[] =>
  Array.from({ length: count }, (_, n) => ({ ...run, id: idOf(n) }));
const buttonsOf = (scene: Parameters<typeof homeView>[0]): string[] =>
  [...textOf(scene).matchAll(/"action_id":"([^"]*)"/g)].map(([, id]) => id ?? "");

/** The markup that Homes add to that of all views: a time by itself, a channel, a link to a card. */
const OURS =
  /<!date\^\d+\^\{(?:ago|time|date_short_pretty\} \{time)\}\|[^|<>]*>|<#[CG]\w+>|<https:\/\/acme\.slack\.com\/[^|<>]*\|[^|<>]+>/g;

describe("with whatever there is", () => {
  test("Slack takes it: blocks, sizes, names of blocks", () => {
    fc.assert(
      fc.property(anyScene, (scene) => {
        const view = homeView(scene);
        expect(validateView(view)).toEqual([]);
        expect(view.blocks.length).toBeLessThanOrEqual(100);
        expect(Buffer.byteLength(JSON.stringify(view))).toBeLessThan(250_000);
      }),
      { numRuns: 60 },
    );
  });

  test("nothing of anybody's pings, links or breaks the layout", () => {
    fc.assert(
      fc.property(anyScene, (scene) => {
        for (const { type, text } of textObjects(homeView(scene))) {
          if (type === "plain_text") expect(isWhole(text)).toBe(true);
          else expect(inMrkdwn(text.replace(OURS, ""), {})).toEqual([]);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("the same is the same, however it came about", () => {
    fc.assert(
      fc.property(anyScene, (scene) => {
        expect(
          homeHash({ ...structuredClone({ ...scene, cardLink: undefined }), cardLink: scene.cardLink }),
        ).toBe(homeHash(scene));
      }),
      { numRuns: 20 },
    );
  });

  test("whatever changes what is shown of a run changes its gist", () => {
    const field = fc.constantFrom(
      "phase",
      "arga",
      "deadline",
      "trouble",
      "actionRequests",
      "card",
      "progress",
    );
    fc.assert(
      fc.property(anyRun, anyRun, field, (one, other, changed) => {
        const later = { ...one, [changed]: other[changed] } as Run;
        const shown = (run: Run): string =>
          textOf(sceneOf(run.phase.name === "ended" ? { recent: [run] } : { mine: [run] }));
        // Before the end of either, so that only what happened counts.
        fc.pre((one.deadline?.at ?? 0) > NOW && (later.deadline?.at ?? 0) > NOW);
        if (shown(later) !== shown(one)) expect(homeFingerprint(later)).not.toBe(homeFingerprint(one));
      }),
      { numRuns: 200 },
    );
  });
});

describe("what Homes show of a run, in short", () => {
  const ended = runIn("ended");
  const posted = (ts: string): Run["card"] => ({ state: "posted", ts, hash: "", shown: "ended", at: NOW });

  test("is sixteen letters of a hash, the same for the same", () => {
    expect(homeFingerprint(runIn("ready"))).toMatch(/^[\w-]{16}$/);
    expect(homeFingerprint(runIn("ready"))).toBe(homeFingerprint(runIn("ready", { version: 7 })));
  });

  test("changes when its card comes to stand, somewhere else too, and when others may press", () => {
    const due = homeFingerprint({ ...ended, card: { state: "due" } });
    const all = [
      due,
      homeFingerprint({ ...ended, card: posted("1.2") }),
      homeFingerprint({ ...ended, card: posted("1.3") }),
      homeFingerprint({ ...ended, card: posted("1.2"), sharedWith: [BOB] }),
      homeFingerprint({ ...ended, card: posted("1.2"), sharedWith: [] }),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(homeFingerprint({ ...ended, card: { state: "sending", since: NOW } })).toBe(due);
  });
});

describe("one's own live runs", () => {
  test("have their state, the time left in the reader's clock, where they are, and their buttons", () => {
    const scene = sceneOf({ mine: [runIn("ready")] });
    const text = textOf(scene);
    expect(text).toContain("|Stripe twin>* — ready");
    expect(text).toContain(`ends <!date^${(NOW + 60 * MINUTE) / 1000}^{ago}|`);
    expect(text).toContain("<#C0GENERAL>");
    expect(text).toContain("/archives/C0GENERAL/pk7m2qx|Stripe twin>");
    expect(text).toMatch(/"block_id":"run:k7m2qx:1:[0-9a-f]{8}"/);
    expect(buttonsOf(scene)).toEqual(
      expect.arrayContaining(["run.extend", "run.teardown", "run.credentials", "run.more"]),
    );
  });

  test("say what holds them up, and what is under way", () => {
    const trouble = { with: "arga" as const, text: "Arga answered 503 to GET /x.", since: NOW };
    const text = textOf(
      sceneOf({ mine: [runIn("ready", { trouble, actionRequests: [wishOf(), wishOf()] })] }),
    );
    expect(text).toContain(":warning: Arga answered 503 to GET /x.");
    expect(text).toContain("Locking · asked by bob and 1 more");
  });

  test("of each kind are shown", () => {
    const phaseOf = (kind: Kind) => (kind === "twin" || kind === "sandbox" ? "ready" : "running");
    const mine = kindNames.map((kind, n) => runIn(phaseOf(kind), { kind, spec: SPECS[kind], id: idOf(n) }));
    for (const run of mine) expect(textOf(sceneOf({ mine: [run] }))).toContain(`run:${run.id}:1:`);
  });

  test("that a newer version wrote are listed without buttons", () => {
    const strange = { ...runIn("ready"), kind: "planet" } as unknown as Run;
    const scene = sceneOf({ mine: [strange], recent: [strange] });
    expect(textOf(scene)).toContain("Run of an unknown kind (planet)");
    expect(buttonsOf(scene).filter((id) => id.startsWith("run."))).toEqual([]);
  });
});

describe("other people's", () => {
  test("say whose they are and lead to their card, with nothing to press", () => {
    const scene = sceneOf({ others: [runIn("ready", { requester: BOB })] });
    expect(textOf(scene)).toContain("for bob");
    expect(textOf(scene)).toContain("/archives/C0GENERAL/pk7m2qx|Stripe twin>");
    expect(buttonsOf(scene)).toEqual([
      "home.twins",
      "home.test",
      "home.validate",
      "home.sandbox",
      "home.settings",
      "home.filter",
    ]);
  });

  test("have their buttons if they are shared with whoever looks", () => {
    const shared = runIn("ready", { requester: BOB, sharedWith: [ADA] });
    expect(buttonsOf(sceneOf({ others: [shared] }))).toContain("run.teardown");
    const withBob = runIn("ready", { sharedWith: [BOB] });
    expect(buttonsOf(sceneOf({ user: "U0EVE", others: [withBob] }))).not.toContain("run.teardown");
  });

  test("aren't spoken of where only one's own are listed", () => {
    const scene = sceneOf({ filter: "mine" });
    expect(textOf(scene)).not.toContain("Running in this workspace");
    expect(textOf(sceneOf({ filter: "kind:twin" }))).toContain("None of this kind.");
  });

  test("that ended have nothing to press either; one's own can be started again", () => {
    const ended = runIn("ended");
    expect(buttonsOf(sceneOf({ recent: [{ ...ended, requester: BOB }] }))).not.toContain("run.rerun");
    const scene = sceneOf({ recent: [ended] });
    expect(buttonsOf(scene)).toContain("run.rerun");
    expect(textOf(scene)).toMatch(/"block_id":"run:k7m2qx:2:[0-9a-f]{8}"/);
  });
});

test("what failed names its step and its reason once; what passed names none", () => {
  const failed = { key: "pay", text: "Pay", detail: "Card refused", state: "failed" } as const;
  const progress = { last: [failed], reportedKeys: ["pay"], count: 1, failed };
  const ended = (outcome: "failed" | "passed", why?: string): string =>
    textOf(
      sceneOf({
        recent: [
          runIn("ended", { progress, phase: { name: "ended", at: NOW, outcome, ...(why ? { why } : {}) } }),
        ],
      }),
    );
  expect(ended("failed", "Pay: card refused.")).toContain('Failed step: Pay — Card refused"');
  expect(ended("failed", "The bank is closed")).toContain('Failed step: Pay — The bank is closed"');
  expect(ended("passed")).not.toContain("Failed step");
});

describe("pages", () => {
  test("show part of a list, say how much there is, and lead on", () => {
    const mine = many(12, runIn("ready"));
    const first = textOf(sceneOf({ mine }));
    expect(first).toContain("Your runs · 1 to 5 of 12");
    expect(first).toContain('"text":"and 7 more"');
    expect(first).toContain('"value":"mine:1"');
    expect(first).not.toContain("Previous");
    const pages = { ...sceneOf().pages, mine: 2 };
    const last = textOf(sceneOf({ mine, pages }));
    expect(last).toContain("Your runs · 11 to 12 of 12");
    expect(last).toContain('"value":"mine:1"');
    expect(last).not.toMatch(/and \d+ more/);
  });

  test("beyond the end are the last one", () => {
    const pages = { ...sceneOf().pages, mine: 9 };
    expect(textOf(sceneOf({ mine: many(6, runIn("ready")), pages }))).toContain("6 to 6 of 6");
  });
});

test("saved tests can be run, the plan and the subscriptions are told in words", () => {
  const text = textOf(
    sceneOf({
      tests: { value: [{ id: "t1", name: "Checkout", url: "https://shop.example.com" }], isFresh: true },
      plan: {
        value: { name: "team", runsLeft: 12, runsLimit: 100, maxTwins: 5, maxTtlMinutes: 240 },
        isFresh: true,
      },
      subscriptions: [
        { id: 1, team: "T", channel: "C0DEV", by: BOB, at: NOW, events: ["failed"], kinds: ["test"] },
      ],
    }),
  );
  expect(text).toContain("*Checkout*\\nhttps://shop.example.com");
  expect(text).toMatch(/"action_id":"tests.run"[^}]*}[^}]*"value":"t1"/);
  expect(text).toContain(
    "*Plan*  team · 12 of 100 runs left this month · up to 5 twins in a run · up to 4 h a run",
  );
  expect(text).toContain("<#C0DEV> *failed* · only test");
});

describe("what is not there", () => {
  test("is said in words", () => {
    const text = textOf(sceneOf());
    expect(text).toContain("You have nothing running");
    expect(text).toContain("No one else has anything running");
    expect(text).toContain("no limits");
    expect(validateView(homeDown())).toEqual([]);
  });

  test("is being asked for before Arga was ever asked", () => {
    const connections = { arga: undefined, redisMs: 1 };
    const text = textOf(sceneOf({ tests: undefined, plan: undefined, connections }));
    expect(text.match(/Asking Arga…/g)).toHaveLength(2);
    expect(text).toContain("*Arga*  checking…");
  });

  test("is not known while Arga does not answer, and what is known is said to be old", () => {
    const arga = { at: NOW, trouble: { why: "Arga cannot be reached (ECONNREFUSED).", since: NOW - MINUTE } };
    const connections = { arga, redisMs: 1 };
    const unknown = textOf(sceneOf({ tests: undefined, plan: undefined, connections }));
    expect(unknown).toContain(": Arga cannot be reached (ECONNREFUSED).");
    expect(unknown).toContain("Arga isn't answering.");
    const old = textOf(
      sceneOf({
        tests: { value: [{ id: "t1", name: "Checkout" }], isFresh: false },
        plan: { value: { name: "team" }, isFresh: false },
        connections,
      }),
    );
    expect(old).toContain("Arga isn't answering, so this may be out of date.");
    expect(old).toContain("· may be out of date");
  });
});

test("that Arga still answers is no reason for another view; that it stopped is", () => {
  const at = (arga: { at: number; trouble?: { why: string; since: number } }) =>
    homeHash(sceneOf({ connections: { arga, redisMs: 1 } }));
  expect(at({ at: NOW })).toBe(at({ at: NOW + MINUTE }));
  expect(at({ at: NOW })).not.toBe(at({ at: NOW, trouble: { why: "gone", since: NOW } }));
});

test("a run whose card does not get through is told of where the connections are", () => {
  const trouble = { with: "slack" as const, text: "Slack cannot be reached.", since: NOW };
  const mine = many(2, runIn("ready", { trouble, requester: ADA }));
  expect(textOf(sceneOf({ mine }))).toContain("connected, but I can't update the cards of 2 runs");
});
