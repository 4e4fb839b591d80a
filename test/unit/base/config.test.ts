import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ConfigError, readConfig } from "../../../src/base/config.ts";

const WORKING = {
  SLACK_BOT_TOKEN: "xoxb-1-token",
  SLACK_SIGNING_SECRET: "5163a1b2c3",
  ARGA_API_KEY: "arga_sk_secret",
};

/** What is wrong with this environment, a line each. */
function problemsOf(env: NodeJS.ProcessEnv): string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("what is left out", () => {
  test("has the defaults that docs/operations.md names", () => {
    expect(readConfig(WORKING)).toEqual({
      slack: {
        botToken: "xoxb-1-token",
        apiUrl: "https://slack.com/api/",
        intake: { mode: "http", signingSecrets: ["5163a1b2c3"] },
      },
      arga: { key: "arga_sk_secret", url: "https://api.argalabs.com" },
      redis: { url: "redis://127.0.0.1:6379", prefix: "arga" },
      port: 3000,
      logLevel: "info",
      role: "all",
      admins: new Set(),
      remindBeforeMs: 300_000,
      maxTtlMinutes: 480,
    });
  });

  test("an empty or blank value counts as left out", () => {
    expect(readConfig({ ...WORKING, PORT: "", REDIS_PREFIX: "  " })).toEqual(readConfig(WORKING));
  });
});

describe("what is given", () => {
  test("is taken, each", () => {
    const config = readConfig({
      ...WORKING,
      SLACK_API_URL: "http://127.0.0.1:9/api",
      ARGA_API_URL: "http://127.0.0.1:8/base//",
      REDIS_URL: "rediss://:pass@cache:6380/1",
      REDIS_PREFIX: "bot.two",
      PORT: "0",
      LOG_LEVEL: "debug",
      ROLE: "web",
      ADMIN_USERS: " U1, U2 ,,",
      REMIND_BEFORE_MINUTES: "0.5",
      MAX_TTL_MINUTES: "120",
    });
    expect(config).toMatchObject({
      slack: { apiUrl: "http://127.0.0.1:9/api/" },
      arga: { url: "http://127.0.0.1:8/base" },
      redis: { url: "rediss://:pass@cache:6380/1", prefix: "bot.two" },
      port: 0,
      logLevel: "debug",
      role: "web",
      remindBeforeMs: 30_000,
      maxTtlMinutes: 120,
    });
    expect([...config.admins]).toEqual(["U1", "U2"]);
  });

  test("a line break around a secret, from copying it, is not part of it", () => {
    const config = readConfig({
      ...WORKING,
      SLACK_SIGNING_SECRET: " 0123abcd\n",
      ARGA_API_KEY: "arga_sk_1\r\n",
    });
    expect(config.slack.intake).toEqual({ mode: "http", signingSecrets: ["0123abcd"] });
    expect(config.arga.key).toBe("arga_sk_1");
  });

  test.each(["U7 U8", "U7\nU8", "U7,U8", "U7,\n U8"])(
    "admins are split by commas, spaces and lines: %j",
    (ids) => {
      expect([...readConfig({ ...WORKING, ADMIN_USERS: ids }).admins]).toEqual(["U7", "U8"]);
    },
  );

  test("Socket Mode wins when both are set", () => {
    const config = readConfig({ ...WORKING, SLACK_APP_TOKEN: "xapp-1" });
    expect(config.slack.intake).toEqual({ mode: "socket", appToken: "xapp-1" });
  });

  test("a worker takes no deliveries, so it needs neither secret of an intake", () => {
    const { SLACK_SIGNING_SECRET: _, ...rest } = WORKING;
    expect(readConfig({ ...rest, ROLE: "worker" }).slack.intake).toEqual({ mode: "none" });
    expect(problemsOf({ ...rest, ROLE: "web" })).toHaveLength(1);
  });

  test("a cluster gets the prefix in braces, which keep all keys in one slot; others get it as it is", () => {
    const prefixOf = (REDIS_URL: string): string =>
      readConfig({ ...WORKING, REDIS_URL, REDIS_PREFIX: "bot" }).redis.prefix;
    expect(prefixOf("redis+cluster://host1,host2:7000")).toBe("{bot}");
    expect(prefixOf("redis+sentinel://host1/main")).toBe("bot");
    expect(prefixOf("rediss://host1")).toBe("bot");
  });

  test("cannot be changed afterwards", () => {
    const config = readConfig(WORKING);
    for (const part of [config, config.slack, config.slack.intake, config.arga, config.redis])
      expect(Object.isFrozen(part)).toBe(true);
  });
});

describe("what is wrong", () => {
  test.each([
    ["SLACK_BOT_TOKEN", "xoxp-user-token"],
    ["SLACK_BOT_TOKEN", "xoxb-with space"],
    ["SLACK_APP_TOKEN", "xoxb-not-an-app"],
    ["ARGA_API_KEY", "sk_other"],
    ["SLACK_API_URL", "slack.com/api/"],
    ["SLACK_API_URL", "ftp://slack.com/api/"],
    ["ARGA_API_URL", "api.argalabs.com"],
    ["REDIS_URL", "http://127.0.0.1:6379"],
    ["REDIS_URL", "127.0.0.1:6379"],
    ["REDIS_URL", "redis://:50%off@cache:6379"],
    ["REDIS_URL", "redis-sentinel://host1,host2/main"],
    ["REDIS_URL", "redis+sentinel://:50%off@host1/main"],
    ["REDIS_URL", "redis+cluster://host1,:7000"],
    ["SLACK_SIGNING_SECRET", '"0123abcd"'],
    ["SLACK_SIGNING_SECRET", "0123 abcd"],
    ["SLACK_SIGNING_SECRET", "0123abcd,"],
    ["SLACK_SIGNING_SECRET", "one,two,three"],
    ["SLACK_BOT_TOKEN", "xoxb-1-token'"],
    ["ARGA_API_KEY", 'arga_sk_1"'],
    ["REDIS_PREFIX", "a b"],
    ["REDIS_PREFIX", "a:b"],
    ["REDIS_PREFIX", "x".repeat(41)],
    ["PORT", "http"],
    ["PORT", "-1"],
    ["PORT", "65536"],
    ["PORT", "80.5"],
    ["LOG_LEVEL", "loud"],
    ["ROLE", "boss"],
    ["ADMIN_USERS", "@ada"],
    ["ADMIN_USERS", "U1;U2"],
    ["ADMIN_USERS", "u1,u2"],
    ["REMIND_BEFORE_MINUTES", "soon"],
    ["REMIND_BEFORE_MINUTES", "0"],
    ["REMIND_BEFORE_MINUTES", "481"],
    ["MAX_TTL_MINUTES", "0"],
    ["MAX_TTL_MINUTES", "481"],
    ["MAX_TTL_MINUTES", "60.5"],
    ["MAX_TTL_MINUTES", "Infinity"],
  ])("%s=%s is refused by its name, and nothing else is", (name, value) => {
    const problems = problemsOf({ ...WORKING, [name]: value });
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name} m(ust|ay) `))]);
  });

  test("each required name is said to be missing", () => {
    const problems = problemsOf({});
    expect(problems).toEqual([
      "SLACK_BOT_TOKEN is not set",
      "ARGA_API_KEY is not set",
      expect.stringMatching(/SLACK_APP_TOKEN.*or SLACK_SIGNING_SECRET.* is not set/),
    ]);
  });

  test("everything wrong is in one message, so that nobody mends it one start at a time", () => {
    const env = { ARGA_API_KEY: "wrong", PORT: "x", ROLE: "boss", REDIS_URL: "wrong", LOG_LEVEL: "loud" };
    const names = ["SLACK_BOT_TOKEN", "ARGA_API_KEY", "PORT", "ROLE", "REDIS_URL", "LOG_LEVEL"];
    expect(() => readConfig(env)).toThrow(ConfigError);
    const { message } = new ConfigError(problemsOf(env));
    for (const name of [...names, "SLACK_SIGNING_SECRET"]) expect(message).toContain(name);
    expect(message).toContain("7 problems");
  });

  test("no value that may be a secret is in the message", () => {
    const secrets = {
      SLACK_BOT_TOKEN: "xoxp-hidden-1",
      SLACK_APP_TOKEN: "hidden-2",
      ARGA_API_KEY: "hidden-3",
      REDIS_URL: "http://user:hidden-4@cache",
      ARGA_API_URL: "ftp://user:hidden-5@arga",
      SLACK_API_URL: "hidden-6",
    };
    const problems = problemsOf(secrets);
    expect(problems).toHaveLength(6);
    const error = new ConfigError(problems);
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain("hidden");
  });
});

describe("a variable that is none of ours", () => {
  test.each([
    ["ADMIN_USER", "ADMIN_USERS"],
    ["MAX_TTL", "MAX_TTL_MINUTES"],
    ["REMIND_BEFORE", "REMIND_BEFORE_MINUTES"],
    ["SLACK_TOKEN", "SLACK_BOT_TOKEN"],
    ["SLACK_SIGNING_SECERT", "SLACK_SIGNING_SECRET"],
    ["ARGA_KEY", "ARGA_API_KEY"],
    ["REDIS_URI", "REDIS_URL"],
    ["LOGLEVEL", "LOG_LEVEL"],
    ["redis_url", "REDIS_URL"],
  ])("but looks like one, such as %s, is refused with the nearest name", (name, near) => {
    const problems = problemsOf({ ...WORKING, [name]: "a-secret" });
    expect(problems).toEqual([
      `${name} is not a setting. Did you mean ${near}? Unset it, or correct its name`,
    ]);
  });

  test("and looks like none is nobody's business", () => {
    const others = [
      "PATH",
      "HOME",
      "SORT",
      "ROUTE",
      "NODE_ENV",
      "NODE_EXTRA_CA_CERTS",
      "HTTPS_PROXY",
      "REDIS_SERVICE_HOST",
    ];
    const env = Object.fromEntries(
      [...others, "REDIS_PORT", "ARGA_SLACK_PORT_3000_TCP"].map((name) => [name, "x"]),
    );
    expect(problemsOf({ ...WORKING, ...env, HTTPS_PROXY: "http://me:pass@127.0.0.1:3128" })).toEqual([]);
  });
});

test("a proxy that is no address stops the start, and is not shown", () => {
  for (const [name, value] of [
    ["HTTPS_PROXY", "proxy"],
    ["http_proxy", "me:secret-of-proxy@127.0.0.1:3128"],
  ] as const)
    expect(problemsOf({ ...WORKING, [name]: value })).toEqual([
      `${name} must be the address of a proxy, such as http://HOST:PORT`,
    ]);
});

describe("a secret in a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "arga-config-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  const fileWith = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };

  test.each([
    ["SLACK_BOT_TOKEN", "xoxb-2-file", "slack.botToken"],
    ["ARGA_API_KEY", "arga_sk_file", "arga.key"],
    ["REDIS_URL", "redis://cache:6380", "redis.url"],
  ])("%s_FILE is read, without the line break at its end", (name, secret, where) => {
    const env = { ...WORKING, [name]: undefined, [`${name}_FILE`]: fileWith(name, `${secret}\n`) };
    expect(readConfig(env)).toHaveProperty(where, secret);
  });

  test("the secrets of both intakes too", () => {
    const signing = {
      SLACK_SIGNING_SECRET: undefined,
      SLACK_SIGNING_SECRET_FILE: fileWith("sign", "a1,b2\n"),
    };
    expect(readConfig({ ...WORKING, ...signing }).slack.intake).toEqual({
      mode: "http",
      signingSecrets: ["a1", "b2"],
    });
    const app = { SLACK_APP_TOKEN_FILE: fileWith("app", "xapp-1-file") };
    expect(readConfig({ ...WORKING, ...app }).slack.intake).toEqual({
      mode: "socket",
      appToken: "xapp-1-file",
    });
  });

  test("besides the variable itself is one problem, without either value", () => {
    const env = { ...WORKING, ARGA_API_KEY_FILE: fileWith("both", "arga_sk_other") };
    expect(problemsOf(env)).toEqual(["ARGA_API_KEY and ARGA_API_KEY_FILE are both set. Keep one of the two"]);
  });

  test("that is missing or empty is one problem by its name", () => {
    const { ARGA_API_KEY: _, ...rest } = WORKING;
    expect(problemsOf({ ...rest, ARGA_API_KEY_FILE: join(folder, "nowhere") })).toEqual([
      "ARGA_API_KEY_FILE names a file that can't be read (ENOENT)",
    ]);
    expect(problemsOf({ ...rest, ARGA_API_KEY_FILE: fileWith("empty", "\n") })).toEqual([
      "ARGA_API_KEY_FILE names a file that is empty",
    ]);
  });
});

test("two signing secrets are taken while one replaces the other", () => {
  const { intake } = readConfig({ ...WORKING, SLACK_SIGNING_SECRET: "old1, new2" }).slack;
  expect(intake).toEqual({ mode: "http", signingSecrets: ["old1", "new2"] });
});
