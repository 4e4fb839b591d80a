import { describe, expect, test } from "vitest";
import type { Needs } from "../../../src/kinds/kind.ts";
import { findNames } from "../../../src/kinds/names.ts";

const TESTS = [
  { id: "7f3a9c1e", name: "Guest checkout" },
  { id: "7f3b0000", name: "Sign up" },
  { id: "8a000000", name: "Sign up" },
];
const needing = (more: Partial<Needs>): Needs => ({
  twins: [],
  retype: (_, __, names) => `/arga run "${names?.saved ?? names?.scenario}" https://staging.example`,
  ...more,
});
const saved = (name: string) => findNames(needing({ saved: name }), { tests: TESTS });

describe("a saved test", () => {
  test.each(["7f3a9c1e", "Guest checkout", "guest CHECKOUT", "7f3a9c"])("is meant by %s", (name) => {
    expect(saved(name)).toEqual({ found: { saved: TESTS[0] } });
  });

  test("that is nearly right is answered with the nearest, which works", () => {
    const { found, problem } = saved("guest chekout");
    expect(found).toEqual({});
    expect(problem).toMatchObject({
      about: "saved",
      why: expect.stringContaining("Did you mean `guest checkout`?"),
    });
    expect(problem?.tryThis).toBe('/arga run "guest checkout" https://staging.example');
    expect(problem?.isMeant).toBe(true);
    expect(saved("guest checkout").found.saved).toEqual(TESTS[0]);
  });

  test("that there is none of is refused with where they are listed", () => {
    expect(saved("foo").problem).toMatchObject({
      about: "saved",
      why: "Arga has no saved test `foo`.",
      tryThis: "/arga tests",
    });
  });

  test("of whose name there are several is asked about by id", () => {
    expect(saved("sign up").problem?.why).toContain("`7f3b0000`, `8a000000`");
    expect(saved("7f3").problem?.why).toContain("no saved test");
  });

  test("stays as it was typed where nothing is known of them", () => {
    expect(findNames(needing({ saved: "foo" }), {})).toEqual({ found: {} });
  });
});

test("a scenario is looked up alike", () => {
  const scenarios = [{ id: "preset-saas-billing", name: "SaaS billing" }];
  expect(findNames(needing({ scenario: "saas billing" }), { scenarios })).toEqual({
    found: { scenario: scenarios[0] },
  });
  expect(findNames(needing({ scenario: "nope" }), { scenarios }).problem).toMatchObject({
    about: "scenario",
    tryThis: "/arga scenarios",
  });
});
