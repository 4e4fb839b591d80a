import { describe, expect, test } from "vitest";
import { isQuiet } from "../../../src/runs/quiet.ts";
import type { Run, Telling } from "../../../src/runs/run.ts";
import { observed } from "../../../src/runs/transitions.ts";
import { decodeRun, encodeRun } from "../../../src/store/run-record.ts";
import { tellingOf } from "../../../src/store/settings.ts";
import { threadMessage } from "../../../src/views/thread-messages.ts";
import { ADA, BOB, MINUTE, NOW, REMIND_BEFORE, runIn, seen } from "../support/runs.ts";

const NIGHT = { from: "22:00", until: "08:00", zone: "Europe/Berlin" };
const at = (time: string): number => Date.parse(`2026-11-26T${time}:00Z`);

describe("quiet hours", () => {
  test.each([
    ["20:59", false],
    ["21:00", true],
    ["23:30", true],
    ["06:59", true],
    ["07:00", false],
  ])("by their person's own clock: %s UTC is within them: %s", (time, is) => {
    expect(isQuiet(NIGHT, at(time))).toBe(is);
  });

  test("may lie within a day", () => {
    const noon = { from: "12:00", until: "13:00", zone: "UTC" };
    expect([at("11:59"), at("12:00"), at("12:59"), at("13:00")].map((time) => isQuiet(noon, time))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test("that end when they begin are none", () => {
    const never = { from: "12:00", until: "12:00", zone: "UTC" };
    expect([at("11:59"), at("12:00"), at("12:01")].map((time) => isQuiet(never, time))).toEqual([
      false,
      false,
      false,
    ]);
  });

  test("follow the clock when it's put forward", () => {
    expect(isQuiet(NIGHT, Date.parse("2026-07-01T06:30:00Z"))).toBe(false);
    expect(isQuiet(NIGHT, Date.parse("2026-12-01T06:30:00Z"))).toBe(true);
  });

  test("are not lost to a zone that this machine doesn't know", () => {
    expect(isQuiet({ ...NIGHT, zone: "Mars/Olympus" }, at("23:00"))).toBe(true);
  });
});

const ended = (telling: Telling, more: Partial<Run> = {}, now = at("12:00")): Run =>
  observed(runIn("ready", { telling, ...more }), seen("ended", { outcome: "expired" }), now, REMIND_BEFORE);

const direct = ({ outbox }: Run) => outbox.filter(({ to }) => to === "person");
const said = (run: Run, now: number): string =>
  JSON.stringify(threadMessage(run, { type: "ended" }, { now, maxTtlMinutes: 480 }));

describe("how a requester wants to hear of the end", () => {
  test("by a direct message, and then by no mention", () => {
    const run = ended({ end: "message" });
    expect(direct(run)).toMatchObject([{ what: { type: "ended" }, reply: { channel: ADA.id } }]);
    expect(said(run, at("12:00"))).not.toContain("<@");
    expect(said(ended({}), at("12:00"))).toContain("<@");
  });

  test("not of what they did themselves, and of what others did they do", () => {
    expect(direct(ended({ end: "message" }, { endedBy: ADA }))).toEqual([]);
    expect(direct(ended({ end: "message" }, { endedBy: BOB }))).toHaveLength(1);
  });

  test("in their quiet hours, only in the thread and without a mention", () => {
    const run = ended({ end: "message", quiet: NIGHT }, {}, at("23:00"));
    expect(direct(run)).toEqual([]);
    const mentioned = ended({ quiet: NIGHT }, {}, at("23:00"));
    expect(said(mentioned, at("23:00"))).not.toContain("<@");
    expect(said(mentioned, at("12:00"))).toContain("<@");
    const reminder = { type: "reminder" as const, deadline: at("23:30") };
    const ready = runIn("ready", { telling: { quiet: NIGHT } });
    expect(
      JSON.stringify(threadMessage(ready, reminder, { now: at("23:00"), maxTtlMinutes: 480 })),
    ).not.toContain("<@");
  });
});

test("the reminder comes when its requester wants it, and as for everybody if they don't say", () => {
  const first = (telling?: Telling) =>
    observed(
      runIn("starting", { ...(telling ? { telling } : {}) }),
      seen("ready", { endsAt: NOW + 120 * MINUTE }),
      NOW,
      REMIND_BEFORE,
    ).deadline?.remindAt;
  expect(first({ remindBeforeMs: 20 * MINUTE })).toBe(NOW + 100 * MINUTE);
  expect(first()).toBe(NOW + 115 * MINUTE);
});

test("a run carries what was chosen, and nothing if nothing was", () => {
  expect(tellingOf({ presets: [], channel: "C1", ttlMinutes: 5 })).toBeUndefined();
  const telling = tellingOf({ presets: [], remindBeforeMinutes: 10, end: "message", quiet: NIGHT });
  const run = runIn("ready", telling ? { telling } : {});
  expect(decodeRun(encodeRun(run), "1").telling).toEqual({
    remindBeforeMs: 10 * MINUTE,
    end: "message",
    quiet: NIGHT,
  });
});
