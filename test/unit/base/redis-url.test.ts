import { describe, expect, test } from "vitest";
import { passwordsIn, placeOf, readRedisUrl } from "../../../src/base/redis-url.ts";

describe("a REDIS_URL", () => {
  test.each(["redis://127.0.0.1:6379", "rediss://:pass@cache:6380/1", "redis://u:p@h/0?family=6"])(
    "of a single Redis is left as it is: %s",
    (url) => expect(readRedisUrl(url)).toEqual({ mode: "single", url }),
  );

  test("of sentinels has their addresses, the primary's name, and who gets in where", () => {
    expect(
      readRedisUrl("redis+sentinel://bob:p%40ss@s1:26380,s2,[::1]:1/main/3?sentinel_password=other"),
    ).toEqual({
      mode: "sentinel",
      isTls: false,
      access: { username: "bob", password: "p@ss" },
      sentinels: [
        { host: "s1", port: 26_380 },
        { host: "s2", port: 26_379 },
        { host: "::1", port: 1 },
      ],
      name: "main",
      db: 3,
      sentinel: { password: "other" },
    });
  });

  test("of a cluster has the addresses of some of its servers", () => {
    expect(readRedisUrl("rediss+cluster://:secret@c1:7000,c2/0")).toEqual({
      mode: "cluster",
      isTls: true,
      access: { password: "secret" },
      nodes: [
        { host: "c1", port: 7000 },
        { host: "c2", port: 6379 },
      ],
    });
  });

  test.each([
    ["redis-sentinel://s1/main", /starts with redis:\/\/, redis\+sentinel:\/\//],
    ["redis+sentinel://s1,s2", /must name the primary/],
    ["redis+sentinel://s1,s2/", /must name the primary/],
    ["redis+sentinel://s1/main/one", /must name the primary/],
    ["redis+sentinel:///main", /must list hosts/],
    ["redis+sentinel://s1:port/main", /must list hosts/],
    ["redis+sentinel://s1/main?db=1", /sentinel_username and sentinel_password/],
    ["redis+sentinel://:5%off@s1/main", /written as %25/],
    ["redis+cluster://c1,,c2", /must list hosts/],
    ["redis+cluster://c1/1", /database 0 alone/],
    ["redis+cluster://c1?x=1", /database 0 alone/],
  ])("that can't be read says what is wrong: %s", (url, why) => {
    expect(readRedisUrl(url)).toMatch(why);
  });

  test("gives its passwords away to what takes them out of texts, and its place without them", () => {
    const url = "redis+sentinel://:p%40ss@s1/main?sentinel_password=oth%2Fer";
    expect(passwordsIn(url)).toEqual(expect.arrayContaining(["p@ss", "p%40ss", "oth/er", "oth%2Fer"]));
    const target = readRedisUrl(url);
    expect(typeof target === "string" ? "" : placeOf(target)).toBe(
      'Redis "main" of the sentinels at s1:26379',
    );
  });
});
