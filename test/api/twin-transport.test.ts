import { afterEach, describe, expect, test } from "vitest";
import {
  ArgaFailed,
  ArgaGone,
  ArgaNotFound,
  ArgaPlanLimit,
  ArgaRateLimited,
  ArgaRefused,
  ArgaUnauthorized,
  NotArga,
} from "../../src/api/errors.ts";
import { closeAll, failureOf, json, text } from "./support/http.ts";

afterEach(closeAll);

describe("what Arga refuses", () => {
  test.each([
    [400, ArgaRefused],
    [401, ArgaUnauthorized],
    [402, ArgaRefused],
    [403, ArgaPlanLimit],
    [404, ArgaNotFound],
    [409, ArgaRefused],
    [410, ArgaGone],
    [422, ArgaRefused],
  ])("%d had no effect, and is told in Arga's words", async (status, type) => {
    const error = await failureOf(json(status, { detail: "Arga's own words" }));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({
      sent: "refused",
      status,
      message: "Arga's own words",
      route: "POST /things",
    });
  });

  test.each([500, 502, 503, 504, 520])("%d may have had an effect", async (status) => {
    for (const answer of [
      json(status, { detail: "Oops" }),
      text(status, "<h1>Oops</h1>", "text/html"),
      text(status, ""),
    ]) {
      const error = await failureOf(answer);
      expect(error).toBeInstanceOf(ArgaFailed);
      expect(error).toMatchObject({ sent: "maybe", status });
      expect(error.message).not.toContain("<");
    }
  });

  test.each([
    ["a string", { detail: "no such run" }, "no such run"],
    ["an object", { detail: { message: "quota", remaining: 0 } }, "quota"],
    [
      "a list",
      { detail: [{ loc: ["body", "ttl_minutes"], msg: "too big", type: "x" }, { msg: "and odd" }] },
      "ttl_minutes: too big; and odd",
    ],
    ["message", { message: "no such run" }, "no such run"],
    ["error", { error: "no such run" }, "no such run"],
    ["an empty detail", { detail: "", message: "but this" }, "but this"],
    ["nothing", {}, "Arga answered 400 without saying why."],
    ["a bare string", "no such run", "no such run"],
    ["null", null, "null"],
  ])("its words are found in %s", async (_, body, words) => {
    expect((await failureOf(json(400, body))).message).toBe(words);
  });

  test("plain text is words too, and long ones are cut", async () => {
    expect((await failureOf(text(400, " no such run \n"))).message).toBe("no such run");
    expect((await failureOf(json(400, { detail: "x".repeat(5_000) }))).message).toHaveLength(600);
  });

  test("words that are cut do not end in half a character", async () => {
    const error = await failureOf(json(400, { detail: `a${"😀".repeat(400)}` }));
    expect(error.message).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/);
  });
});

describe("429", () => {
  test("with a time to come back is a rate, in seconds or as a date", async () => {
    const error = await failureOf(json(429, { detail: "plan limit reached" }, { "retry-after": "30" }));
    expect(error).toBeInstanceOf(ArgaRateLimited);
    expect(error).toMatchObject({ sent: "refused", retryAfterMs: 30_000 });
    const date = new Date(Date.now() + 60_000).toUTCString();
    const dated = await failureOf(json(429, {}, { "retry-after": date }));
    expect(dated.retryAfterMs).toBeGreaterThan(55_000);
    expect(dated.retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  test.each(["soon", ""])("with %j for a time is a rate without one", async (header) => {
    const error = await failureOf(json(429, { detail: "slow down" }, { "retry-after": header }));
    expect(error).toBeInstanceOf(ArgaRateLimited);
    expect(error.retryAfterMs).toBeUndefined();
  });

  test("that speaks of the plan is the plan's limit, which waiting does not mend", async () => {
    const error = await failureOf(json(429, { detail: "Monthly free plan limit reached" }));
    expect(error).toBeInstanceOf(ArgaPlanLimit);
  });
});

describe("what is not Arga", () => {
  test.each([
    [200, "maybe"],
    [301, "refused"],
    [404, "refused"],
  ])("a web page with %d says whether it may have had an effect, and what to check", async (status, sent) => {
    const error = await failureOf(
      text(status, "<!doctype html><title>App</title>", "text/html; charset=utf-8"),
    );
    expect(error).toBeInstanceOf(NotArga);
    expect(error).toMatchObject({ sent, status });
    expect(error.message).toContain("ARGA_API_URL");
  });

  test.each([
    ["broken JSON", text(200, '{"ok": tr', "application/json")],
    ["nothing", text(200, "")],
    ["another shape", json(200, { ok: "yes" })],
    ["a bare word", text(200, "ok")],
  ])("a success with %s may have had an effect", async (_, answer) => {
    const error = await failureOf(answer);
    expect(error).toBeInstanceOf(NotArga);
    expect(error.sent).toBe("maybe");
  });
});
