import { describe, expect, test } from "vitest";
import { type Actor, denialReason, isVisible, type Permission } from "../../../src/runs/authority.ts";
import { ADA, BOB, newRun } from "../support/runs.ts";

const ADMINS = new Set(["U0ROOT"]);
const HERE = "C0GENERAL";
const ELSEWHERE = "C0OTHER";

/** Whether anyone in the run's channel may; spelled out, and one that is missing doesn't compile. */
const IS_OPEN: Record<Exclude<Permission, "status">, boolean> = {
  extend: true,
  rerun: true,
  logs: true,
  dashboard: true,
  lock: false,
  reset: false,
  teardown: false,
  cancel: false,
  credentials: false,
  share: false,
  save: false,
};
const CONTROLS = Object.keys(IS_OPEN) as (keyof typeof IS_OPEN)[];
const OPEN = CONTROLS.filter((control) => IS_OPEN[control]);
const OWN = CONTROLS.filter((control) => !IS_OPEN[control]);
const ALL: Permission[] = ["status", ...CONTROLS];

const may = (actor: Actor, deed: Permission, hidden = false): boolean =>
  denialReason(actor, deed, newRun({ hidden }), ADMINS) === undefined;

const at = (channel: string) => ({ ...BOB, channel });

describe("the requester and the admins", () => {
  const entitled = [
    { who: "the requester", id: ADA.id },
    { who: "an admin", id: "U0ROOT" },
  ];
  const rows = entitled.flatMap(({ who, id }) =>
    [HERE, ELSEWHERE].flatMap((channel) =>
      [false, true].flatMap((hidden) => ALL.map((deed) => ({ who, id, channel, hidden, deed }))),
    ),
  );

  test.each(rows)("$who may $deed from $channel, hidden: $hidden", ({ id, channel, hidden, deed }) => {
    expect(may({ id, name: "x", channel }, deed, hidden)).toBe(true);
  });
});

describe("anyone else", () => {
  const open = OPEN.flatMap((deed) => [false, true].map((hidden) => ({ deed, hidden })));
  const own = OWN.flatMap((deed) =>
    [HERE, ELSEWHERE].flatMap((channel) => [false, true].map((hidden) => ({ deed, channel, hidden }))),
  );

  test.each(open)("may $deed where it runs and nowhere else, hidden: $hidden", ({ deed, hidden }) => {
    expect(may(at(HERE), deed, hidden)).toBe(true);
    expect(may(at(ELSEWHERE), deed, hidden)).toBe(false);
  });

  test.each(own)("may not $deed, from $channel, hidden: $hidden", ({ deed, channel, hidden }) => {
    expect(may(at(channel), deed, hidden)).toBe(false);
  });

  test("sees a run of a public channel from everywhere, a hidden one only where it is", () => {
    expect(may(at(HERE), "status")).toBe(true);
    expect(may(at(ELSEWHERE), "status")).toBe(true);
    expect(may(at(HERE), "status", true)).toBe(true);
    expect(may(at(ELSEWHERE), "status", true)).toBe(false);
  });

  test("finds a hidden run in no list elsewhere", () => {
    const hidden = newRun({ hidden: true });
    expect(isVisible(at(ELSEWHERE), hidden, ADMINS)).toBe(false);
    expect(isVisible(at(HERE), hidden, ADMINS)).toBe(true);
    expect(isVisible(at(ELSEWHERE), newRun(), ADMINS)).toBe(true);
  });
});

describe("what is not known is refused", () => {
  test.each(["", "delete", "constructor", "toString", "STATUS"])("the deed %j", (deed) => {
    expect(may(at(HERE), deed as Permission)).toBe(false);
  });

  test.each(["", " ", "u0ada", "U0ADA ", ADA.name])("the person %j", (id) => {
    expect(may({ id, name: ADA.name, channel: HERE }, "teardown")).toBe(false);
  });

  test("an admin of another bot, or a name that looks like one", () => {
    const actor = { id: "U0EVE", name: "U0ROOT", channel: HERE };
    expect(may(actor, "teardown")).toBe(false);
    expect(denialReason({ ...actor, id: "U0ROOT" }, "teardown", newRun(), new Set())).toBe(
      "only ada, who started it, those it's shared with, or an admin of this bot can do that",
    );
  });

  test("no channel is not the run's channel", () => {
    expect(may(at(""), "extend")).toBe(false);
  });
});

test("a refusal says what would help", () => {
  expect(denialReason(at(ELSEWHERE), "extend", newRun(), ADMINS)).toBe(
    "that only works in the channel where it runs",
  );
  expect(denialReason(at(HERE), "teardown", newRun(), ADMINS)).toBe(
    "only ada, who started it, those it's shared with, or an admin of this bot can do that",
  );
});
