import { describe, expect, test } from "vitest";
import { readLine, UsageError, words } from "../../../src/kinds/grammar.ts";
import { controlsOf } from "../../../src/kinds/index.ts";
import type { Limits } from "../../../src/kinds/kind.ts";
import { preflight } from "../../../src/kinds/preflight.ts";
import { twin } from "../../../src/kinds/twin.ts";
import { newRun, runIn } from "../support/runs.ts";

const LIMITS = { maxTtlMinutes: 480 };
const CATALOG = [{ name: "stripe" }, { name: "slack" }, { name: "google_drive" }];

const [{ grammar, parse: read }] = twin.commands;

function parse(text: string, limits: Limits = LIMITS) {
  const spec = read(readLine(words(text), grammar), limits);
  if (!spec) throw new Error(`"${text}" was left to another kind`);
  return spec;
}

const unfitFor = (text: string, catalog = CATALOG) => preflight(twin.needs(parse(text)), { catalog });

function refusal(text: string, limits = LIMITS): UsageError {
  try {
    parse(text, limits);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error(`"${text}" was accepted`);
}

describe("what may be typed", () => {
  test.each([
    ["stripe 60", { twins: ["stripe"], ttlMinutes: 60 }],
    ["stripe", { twins: ["stripe"], ttlMinutes: 60 }],
    ["60 stripe", { twins: ["stripe"], ttlMinutes: 60 }],
    ["stripe,slack 60", { twins: ["stripe", "slack"], ttlMinutes: 60 }],
    ["stripe, slack 90m", { twins: ["stripe", "slack"], ttlMinutes: 90 }],
    ["stripe slack 2h", { twins: ["stripe", "slack"], ttlMinutes: 120 }],
    ["Stripe STRIPE stripe", { twins: ["stripe"], ttlMinutes: 60 }],
    ["google_drive", { twins: ["google_drive"], ttlMinutes: 60 }],
    ["stripe 60 --scenario checkout", { twins: ["stripe"], ttlMinutes: 60, scenarioId: "checkout" }],
    ["--scenario=checkout stripe", { twins: ["stripe"], ttlMinutes: 60, scenarioId: "checkout" }],
    ['stripe --prompt "one 60 m"', { twins: ["stripe"], ttlMinutes: 60, scenarioPrompt: "one 60 m" }],
    ["stripe —prompt “a b” 5", { twins: ["stripe"], ttlMinutes: 5, scenarioPrompt: "a b" }],
    ["stripe --private 1", { twins: ["stripe"], ttlMinutes: 1, private: true }],
    ["stripe 480", { twins: ["stripe"], ttlMinutes: 480 }],
  ])("%s", (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  test("each example of the help", () => {
    for (const example of grammar.examples) parse(example.replace("/arga twins ", ""));
  });

  test("the time that is meant when none is given keeps within what may be asked for", () => {
    expect(parse("stripe", { maxTtlMinutes: 30 }).ttlMinutes).toBe(30);
  });
});

describe("what may not", () => {
  const wrong: [string, RegExp][] = [
    ["", /Which twin/],
    ["60", /Which twin/],
    [",,", /Which twin/],
    ["stripe 0", /`0` is too short. The least is 1 min/],
    ["stripe 481", /8 h 1 min is too long. The most is 8 h/],
    ["stripe -1", /isn't a time/],
    ["stripe 1.5", /isn't a time/],
    ["stripe 60 90", /two times/],
    ["stripe 60 abc def!", /can't be a twin/],
    ["<!channel>", /can't be a twin/],
    ["stripe 😀", /can't be a twin/],
    ["stripe <@U0ADA>", /can't be a twin/],
    ["x".repeat(51), /can't be a twin/],
    ['"stripe slack', /without a closing one/],
    ["stripe “slack", /without a closing one/],
    ["x".repeat(5_000), /5000 characters/],
    ["stripe --scenario a --prompt b", /not both/],
    [`stripe --prompt "${"p".repeat(2_001)}"`, /2001 characters/],
    ["stripe --scenario=", /--scenario needs a value/],
    ['stripe --prompt ""', /--prompt needs a value/],
    [Array.from({ length: 41 }, (_, i) => `t${i}`).join(","), /41 twins/],
  ];

  test.each(wrong.map(([text, reason]) => ({ text, reason, start: text.slice(0, 40) })))("$start", (row) => {
    expect(refusal(row.text).message).toMatch(row.reason);
  });

  test("is said with what would work", () => {
    expect(refusal("stripe --scenario a --prompt b")).toMatchObject({
      message: "Use --scenario or --prompt, not both: Arga would ignore the prompt.",
      tryThis: "/arga twins stripe 60 --scenario ID",
    });
    expect(refusal(`stripe --prompt "${"p".repeat(2_001)}"`)).toMatchObject({
      message: "The prompt has 2001 characters. The most is 2000.",
      tryThis: '/arga twins stripe 60 --prompt "one customer with a past due invoice"',
    });
    expect(parse(`stripe --prompt "${"p".repeat(2_000)}"`)).toMatchObject({
      scenarioPrompt: "p".repeat(2_000),
    });
    expect(parse("stripe --scenario a")).toEqual({ twins: ["stripe"], ttlMinutes: 60, scenarioId: "a" });
    expect(parse("stripe")).toEqual({ twins: ["stripe"], ttlMinutes: 60 });
  });

  test("more than this bot allows, although Arga would", () => {
    expect(refusal("stripe 120", { maxTtlMinutes: 60 }).message).toContain("The most is 1 h");
  });

  test.each(["", "stripe 0", "<!channel>", "stripe 1 2"])(
    "%j is answered with a command that works",
    (text) => {
      const example = refusal(text).tryThis ?? "";
      expect(() => parse(example.replace("/arga twins ", ""))).not.toThrow();
    },
  );

  test("a name is not repeated at any length", () => {
    expect(refusal("!".repeat(3_000)).message.length).toBeLessThan(300);
  });

  test("a name that is cut does not end in half a character", () => {
    expect(refusal(`a${"😀".repeat(60)}`).message).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/);
  });
});

describe("against the catalog", () => {
  test("known names fit", () => {
    expect(unfitFor("stripe,slack")).toBeUndefined();
  });

  test("strpe is answered with stripe, in the whole command", () => {
    expect(unfitFor("slack,strpe 90")).toEqual({
      about: "twins",
      why: "Arga has no `strpe` twin. Did you mean `stripe`?",
      tryThis: "/arga twins slack,stripe 90",
      isMeant: true,
    });
  });

  test("what is near nothing is answered with the catalog and a command that works", () => {
    const problem = unfitFor("paypal,strpe");
    expect(problem?.why).toMatch(/`paypal`, `strpe`.*\/arga catalog/);
    expect(problem?.tryThis).toBe("/arga twins stripe 60");
  });

  test("a name that every object has is not in it", () => {
    expect(unfitFor("constructor")?.why).toContain("constructor");
  });

  test("an empty catalog fits nothing", () => {
    expect(unfitFor("stripe", [])?.why).toContain("stripe");
  });
});

describe("the record's spec", () => {
  test("is what was parsed", () => {
    const spec = parse('stripe,slack 2h --prompt "a b" --private');
    expect(twin.spec(newRun({ spec: JSON.parse(JSON.stringify(spec)) }))).toEqual(spec);
  });

  test.each([[undefined], [{}], [{ twins: "stripe", ttlMinutes: 60 }], [{ twins: ["stripe"] }]])(
    "%j was written by something else",
    (spec) => {
      expect(() => twin.spec(newRun({ spec }))).toThrow();
    },
  );

  test("is shown whole: what runs, from what, and whether others can see it", () => {
    const spec = parse("google_drive,slack 90 --scenario checkout --private");
    expect(twin.title(spec)).toBe("Google drive, Slack twins");
    expect(twin.details(spec)).toEqual(["scenario checkout", "private"]);
  });
});

describe("what is offered", () => {
  test.each([
    ["requested", ["teardown"]],
    ["creating", []],
    ["starting", ["extend", "teardown", "share"]],
    ["ready", ["credentials", "extend", "lock", "reset", "teardown", "share"]],
    ["ending", []],
    ["ended", ["rerun"]],
  ] as const)("%s", (phase, offers) => {
    expect(controlsOf(runIn(phase))).toEqual(offers);
  });

  test("a run that is not public any more cannot be locked", () => {
    const run = runIn("ready");
    const locked = { ...run, arga: { id: "x", status: "ready", links: [], isPublic: false } };
    expect(controlsOf(locked)).not.toContain("lock");
  });
});
