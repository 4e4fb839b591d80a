import { clausesOf } from "./outcome.ts";

/** Steps to replay. Everything beside `steps` is kept as it came. */
export type TestConfig = Record<string, unknown> & { steps: unknown[] };

/** What a recording of the prompt looks like when the run is over. */
export function recordedConfig(prompt: string, startUrl: string | null): TestConfig {
  const goto = startUrl === null ? [] : [{ action: "goto", value: startUrl }];
  const actions = [...goto, ...clausesOf(prompt).map(actionOf)];
  return {
    version: 1,
    prompt,
    starting_url: startUrl,
    fallback: "agent",
    defaults: {},
    parameters: [],
    steps: actions.map((step, index) => ({ id: `step-${index + 1}`, ordinal: index + 1, ...step })),
  };
}

/** The step in words, and whether it stops to ask. Unknown actions are carried out like any other. */
export function readStep(step: unknown): { words: string; asks: boolean } {
  const action = textAt(step, "action") ?? "step";
  const about = textAt(step, "target") ?? textAt(step, "value") ?? textAt(step, "selector");
  return { words: about === undefined ? action : `${action} ${about}`, asks: action === "ask_user_question" };
}

function actionOf(clause: string): Record<string, unknown> {
  if (/\b(fill|type|enter)\b/i.test(clause)) return { action: "fill", target: clause };
  if (/\b(check|verify|expect|see|make sure|that)\b/i.test(clause)) {
    return { action: "expect", target: clause, expect: { type: "text", contains: clause } };
  }
  return { action: "click", target: clause };
}

function textAt(value: unknown, key: string): string | undefined {
  const inner: unknown = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  return typeof inner === "string" ? inner : undefined;
}
