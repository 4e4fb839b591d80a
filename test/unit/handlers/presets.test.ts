import { describe, expect, test } from "vitest";
import { validateView } from "../../../sim/slack/blocks/validate.ts";
import { prefillFrom, presetsIn } from "../../../src/handlers/forms/presets.ts";
import { UsageError } from "../../../src/kinds/grammar.ts";
import { twinsForm } from "../../../src/views/forms.ts";
import { settingsModal } from "../../../src/views/settings.ts";

const LIMITS = { maxTtlMinutes: 480 };

describe("presets", () => {
  test("are what follows /arga twins, each under a name", () => {
    const [all, plain] = presetsIn(
      'Late payer: stripe, slack 2h --private --prompt "one: late"\n\nPlain: github',
      LIMITS,
    );
    expect(all).toMatchObject({
      name: "Late payer",
      twins: ["stripe", "slack"],
      minutes: 120,
      private: true,
      prompt: "one: late",
    });
    expect(plain).toEqual({ name: "Plain", line: "github", twins: ["github"] });
  });

  test("stand in the form as they are, and in the settings as they were typed", () => {
    const text = "Late payer: stripe,slack 2h --scenario s-1 --private";
    const presets = presetsIn(text, LIMITS);
    const [preset] = presets;
    if (!preset) throw new Error("there is none");
    const form = twinsForm({ limits: LIMITS, presets: ["Late payer"], again: "2" }, prefillFrom(preset));
    expect(validateView(form)).toEqual([]);
    for (const part of [
      '"initial_option":{"value":"120m"',
      '"value":"s-1"',
      '"initial_option":{"value":"private"',
    ])
      expect(JSON.stringify(form)).toContain(part);
    const modal = settingsModal({ presets }, { remindBeforeMs: 300_000, ttlMinutes: 60 });
    expect(validateView(modal)).toEqual([]);
    expect(JSON.stringify(modal)).toContain(text);
  });

  test.each([
    ["stripe", "Write a preset as"],
    [": stripe", "Write a preset as"],
    ["A:", "Write a preset as"],
    [`${"a".repeat(41)}: stripe`, "40 characters"],
    ["A: 60", "Which twin"],
    ["A: stripe --scenario x --prompt y", "not both"],
    [`A: stripe --scenario ${"x".repeat(151)}`, "too long"],
    ["A: stripe\nB: stripe\nC: stripe\nD: stripe\nE: stripe\nF: stripe", "are the most"],
  ])("%j are refused", (text, why) => {
    expect(() => presetsIn(text, LIMITS)).toThrow(UsageError);
    expect(() => presetsIn(text, LIMITS)).toThrow(why);
  });
});
