import { describe, expect, test } from "vitest";
import { UsageError } from "../../../src/kinds/grammar.ts";
import {
  addressFirst,
  dashboardOf,
  defaultTtl,
  instantOf,
  isSameAddress,
  looksLikeAddress,
  pageTitle,
  quoted,
  twinNames,
  twinsAndTime,
  typed,
  webAddress,
  withoutQuery,
} from "../../../src/kinds/targets.ts";

const example = (url: string): string => `/arga test ${url} it works`;

function refused(act: () => unknown): UsageError {
  try {
    act();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("a web address", () => {
  test.each([
    "https://shop.example.com",
    "http://shop.example.com:8080/cart?a=1&b=2#top",
    "https://xn--bcher-kva.example/",
    "http://localhost:3000",
    "https://[::1]/",
  ])("%s is taken as it was typed", (url) => {
    expect(webAddress(url, example)).toBe(url);
  });

  test.each([
    ["HTTPS://SHOP.example.com/", "https://shop.example.com/"],
    ["https://bücher.example/größe", "https://xn--bcher-kva.example/gr%C3%B6%C3%9Fe"],
    ["https://x\\@evil.example", "https://x/@evil.example"],
    ["https://shop.example.com/a/../b", "https://shop.example.com/b"],
  ])("%s is sent as a browser would read it", (typed, sent) => {
    expect(webAddress(typed, example)).toBe(sent);
    expect(isSameAddress(sent, typed)).toBe(true);
  });

  test.each([
    ["https://shop.example.com/\0", "https://example.com"],
    ["https://shop.example.com/\u009b31m", "https://example.com"],
    ["shop.example.com", "https://shop.example.com"],
    ["shop.example.com/cart?a=1", "https://shop.example.com/cart?a=1"],
    ["shop.example.com:8080", "https://shop.example.com:8080"],
    ["localhost", "https://example.com"],
    ["shop", "https://example.com"],
    ['shop.example.com/"', "https://example.com"],
    ["https://", "https://example.com"],
    ["https://a b.example", "https://example.com"],
    ["https://[::1", "https://example.com"],
    ["https://ada@shop.example.com", "https://example.com"],
    ["https://:secret@shop.example.com", "https://example.com"],
    ["ftp://shop.example.com", "https://example.com"],
    ["javascript:alert(1)", "https://example.com"],
    ["data:text/html,x", "https://example.com"],
    [`shop.example.com/${"x".repeat(1_980)}`, "https://example.com"],
    [`https://shop.example.com/${"x".repeat(2_000)}`, "https://example.com"],
    ["", "https://example.com"],
  ])("%s is none; %s is offered", (word, offered) => {
    const { tryThis } = refused(() => webAddress(word, example));
    expect(tryThis).toBe(example(offered));
    expect(webAddress(offered, example)).toBe(offered);
  });

  test("a password in one is not repeated", () => {
    const { message, tryThis } = refused(() => webAddress("https://a:hunter2@x.example", example));
    expect(message + tryThis).not.toContain("hunter2");
    expect(message).toContain("x.example");
  });

  test.each(["https://x", "x.example", "x.example/a", "x.example:80", "ftp://x"])(
    "%s looks like one",
    (word) => {
      expect(looksLikeAddress(word)).toBe(true);
    },
  );

  test.each(["sign", "e.g.", "acme/shop", "3.", "", "a b.c"])("%j does not look like one", (word) => {
    expect(looksLikeAddress(word)).toBe(false);
  });

  test("comes first where it stands elsewhere, unless it may be meant otherwise", () => {
    expect(addressFirst(["sign up", "https://x.example"])).toEqual(["https://x.example", "sign up"]);
    for (const words of [
      ["https://x.example", "sign up"],
      ["x.example", "see", "https://y.example"],
      ["acme/shop", "https://github.com/acme/shop/pull/1"],
      ["a", "https://x.example", "https://y.example"],
      ["a", "b"],
      [],
    ])
      expect(addressFirst(words)).toEqual(words);
  });

  test("is a title without what is behind its path", () => {
    expect(pageTitle("https://shop.example.com/")).toBe("shop.example.com");
    expect(pageTitle("http://shop.example.com:8080/cart?token=x#y")).toBe("shop.example.com:8080/cart");
    expect(pageTitle("nonsense")).toBe("nonsense");
  });

  test.each([
    ["https://a.example/x?token=1#2", "https://a.example/x"],
    ["https://u:p@a.example/", "https://a.example/"],
    ["javascript:alert(1)", undefined],
    ["nonsense", undefined],
  ])("%s from Arga becomes %s", (text, url) => {
    expect(withoutQuery(text)).toBe(url);
    expect(dashboardOf({ dashboard_url: text })).toEqual(url ? { dashboardUrl: url } : {});
  });

  test("of a dashboard that Arga does not give is none", () => {
    expect(dashboardOf({})).toEqual({});
    expect(dashboardOf({ dashboard_url: null })).toEqual({});
  });
});

describe("twins and time", () => {
  const LIMITS = { maxTtlMinutes: 480 };

  test("stand in any order, split by commas or spaces, each twin once", () => {
    const expected = { twins: ["stripe", "slack"], minutes: 90 };
    for (const words of [
      ["stripe", "slack", "90"],
      ["90m", "stripe,slack"],
      ["Stripe,", "1h30m", "slack,stripe"],
      ["stripe", "and", "slack", "90"],
      ["stripe", "&", "slack", "90"],
      ["stripe+slack", "90"],
    ])
      expect(twinsAndTime(words, LIMITS, "x")).toEqual(expected);
    expect(twinsAndTime([], LIMITS, "x")).toEqual({ twins: [] });
    expect(twinNames([" stripe , Slack,, "], "x")).toEqual(["stripe", "slack"]);
  });

  test.each([
    ["60", "90"],
    ["0"],
    ["3d"],
    ["what?"],
    ["a b"],
    [Array.from({ length: 41 }, (_, n) => `t${n}`).join()],
  ])("%s is refused with an example", (...words) => {
    expect(refused(() => twinsAndTime(words, LIMITS, "x")).tryThis).toBe("x");
  });

  test("without a time it is an hour, or what may be had", () => {
    expect(defaultTtl({ maxTtlMinutes: 480 })).toBe(60);
    expect(defaultTtl({ maxTtlMinutes: 30, planTtlMinutes: 45 })).toBe(30);
    expect(defaultTtl({ maxTtlMinutes: 480, planTtlMinutes: 45 })).toBe(45);
  });
});

describe("a word of a command that is shown", () => {
  test("is one word when it is typed, without quotes where it needs none", () => {
    expect(typed("https://x.example/?a=1&b=2")).toBe("https://x.example/?a=1&b=2");
    expect(typed("a b")).toBe('"a b"');
    expect(quoted('say "hi"\n \\ “there”')).toBe('"say \\"hi\\" \\\\ “there”"');
    expect(quoted("--private")).toBe('"private"');
  });

  test("is cut before a character, not inside it", () => {
    expect(quoted("😀😀", 3)).toBe('"😀"');
  });
});

describe("a moment", () => {
  test.each([
    "2026-10-01T12:00:00Z",
    "2026-10-01T12:00:00.000000Z",
    "2026-10-01T12:00:00",
    "2026-10-01 12:00:00",
    "2026-10-01T14:00:00+02:00",
    "2026-10-01T14:00:00+0200",
    "2026-10-01T12:00:00+00",
    "2026-10-01 07:00:00-05",
  ])("%s is noon, UTC", (text) => {
    expect(instantOf(text)).toBe(Date.UTC(2026, 9, 1, 12));
  });

  test("may have forty characters, and stands at the beginning", () => {
    const longest = `2026-10-01T12:00:00.${"0".repeat(19)}Z`;
    expect(longest).toHaveLength(40);
    expect(instantOf(longest)).toBe(Date.UTC(2026, 9, 1, 12));
    expect(instantOf(longest.replace("Z", "0Z"))).toBeUndefined();
    expect(instantOf("at 2026-10-01T12:00:00Z")).toBeUndefined();
    // A day alone has no offset, though it ends like one.
    expect(instantOf("2026-10-01")).toBe(Date.UTC(2026, 9, 1));
  });

  test("an endless one is none, and found out at once", () => {
    // Looked at from each T, it would take a quarter of an hour.
    expect(instantOf(`2026-01-01${"T".repeat(1_000_000)}+`)).toBeUndefined();
  });

  test.each(["12", "34", "7 minutes", "yesterday", "May 2026", "2026-99-01T00:00:00Z", "", null, undefined])(
    "%j is none",
    (text) => {
      expect(instantOf(text)).toBeUndefined();
    },
  );

  test("a day alone is its beginning", () => {
    expect(instantOf("2026-10-01")).toBe(Date.UTC(2026, 9, 1));
  });
});
