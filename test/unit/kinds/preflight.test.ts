import { describe, expect, test } from "vitest";
import type { Needs } from "../../../src/kinds/kind.ts";
import { type Plan, preflight } from "../../../src/kinds/preflight.ts";
import { parse } from "../support/typed.ts";

const CATALOG = ["stripe", "slack", "google_drive", "github"].map((name) => ({ name }));

const needing = (twins: string[], ttlMinutes?: number): Needs => ({
  twins,
  ttlMinutes,
  retype: (names, minutes) => `/arga sandbox acme/shop main ${names.join(",")} ${minutes ?? ""}`.trim(),
});

const byPlan = (needs: Needs, plan: Plan) => preflight(needs, { plan });

/** What would work is read by the same parser as what did not. */
const works = (tryThis: string | undefined): unknown => parse(tryThis ?? "").spec;

describe("the catalog", () => {
  test("has what is asked for, or is not known, or nothing is asked of it", () => {
    expect(preflight(needing(["stripe", "slack"]), { catalog: CATALOG })).toBeUndefined();
    expect(preflight(needing(["nonsense"]), {})).toBeUndefined();
    expect(preflight(needing([]), { catalog: [] })).toBeUndefined();
  });

  test("is answered for with the nearest names, in the whole command", () => {
    const problem = preflight(needing(["slck", "githib", "stripe"], 90), { catalog: CATALOG });
    expect(problem).toMatchObject({ about: "twins" });
    expect(problem?.why).toBe("Arga has no `slck`, `githib` twins. Did you mean `slack`?");
    expect(works(problem?.tryThis)).toMatchObject({ twins: ["slack", "github", "stripe"], ttlMinutes: 90 });
  });

  test("names a twin once although two words were near it", () => {
    const problem = preflight(needing(["strpe", "stripe"]), { catalog: CATALOG });
    expect(works(problem?.tryThis)).toMatchObject({ twins: ["stripe"] });
  });

  test("offers no half of a command when one name is near nothing", () => {
    const problem = preflight(needing(["slck", "paypal"]), { catalog: CATALOG });
    expect(problem?.tryThis).not.toContain("slack");
    expect(works(problem?.tryThis)).toMatchObject({ twins: ["stripe"] });
    expect(preflight(needing(["paypal"]), { catalog: CATALOG })?.why).toContain("/arga catalog");
  });

  test("knows no name that every object has", () => {
    for (const name of ["constructor", "__proto__", "tostring"])
      expect(preflight(needing([name]), { catalog: CATALOG })?.why).toContain(name);
  });
});

describe("the plan", () => {
  const free: Plan = { name: "free", maxTwins: 2, maxTtlMinutes: 30, runsLeft: 3, runsLimit: 5 };

  test("allows what is within it, to the last", () => {
    expect(byPlan(needing(["stripe", "slack"], 30), free)).toBeUndefined();
    expect(byPlan(needing([]), free)).toBeUndefined();
    expect(byPlan(needing(["stripe", "slack", "github"], 480), {})).toBeUndefined();
    expect(
      byPlan(needing(["stripe"], 480), { maxTtlMinutes: undefined, runsLeft: undefined }),
    ).toBeUndefined();
  });

  test("with too many twins and too long a time, what is offered is within both", () => {
    const problem = byPlan(needing(["stripe", "slack", "github"], 60), free);
    expect(problem).toMatchObject({ about: "twins" });
    expect(problem?.why).toBe("Your Arga account's free plan allows 2 twins per run, and this needs 3.");
    expect(works(problem?.tryThis)).toMatchObject({ twins: ["stripe", "slack"], ttlMinutes: 30 });
  });

  test("with too long a time, the rest stays as it was asked for", () => {
    const problem = byPlan(needing(["stripe"], 60), free);
    expect(problem).toMatchObject({ about: "time", why: expect.stringContaining("allows up to 30 min") });
    expect(works(problem?.tryThis)).toMatchObject({ twins: ["stripe"], ttlMinutes: 30 });
  });

  test("speaks of one twin as of one", () => {
    const { why } = byPlan(needing(["stripe", "slack"]), { maxTwins: 1 }) ?? {};
    expect(why).toBe("Your Arga account's plan allows one twin per run, and this needs 2.");
  });

  test.each([
    [0, 5, "Your Arga account's free plan has used all its 5 runs for this month."],
    [-1, undefined, "Your Arga account's free plan has used all its runs for this month."],
  ])("with %s runs left of %s says so", (runsLeft, runsLimit, why) => {
    const problem = byPlan(needing(["stripe"], 30), { ...free, runsLeft, runsLimit });
    expect(problem).toMatchObject({ about: "quota", tryThis: "/arga list" });
    expect(problem?.why).toContain(why);
  });

  test("a name that is wrong comes before a plan that is small", () => {
    const problem = preflight(needing(["strpe"], 60), { catalog: CATALOG, plan: free });
    expect(problem?.why).toContain("Did you mean `stripe`");
  });
});

test("a catalog of 10,000 kinds and 40 names that aren't in it are answered within seconds, also beside other work", () => {
  const catalog = Array.from({ length: 10_000 }, (_, index) => ({ name: `${"t".repeat(35)}${index}` }));
  const names = Array.from({ length: 40 }, (_, index) => `${"u".repeat(35)}${index}`);
  const started = performance.now();
  expect(preflight(needing(names), { catalog })?.why).toContain("/arga catalog");
  expect(performance.now() - started).toBeLessThan(5_000);
});
