import { parseEnv } from "node:util";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readConfig } from "../../src/base/config.ts";
import { found, read } from "./files.ts";

const SECRETS = {
  SLACK_BOT_TOKEN: "xoxb-1-example",
  SLACK_APP_TOKEN: "xapp-1-example",
  ARGA_API_KEY: "arga_sk_example",
};

/** The variables that the configuration reads. */
const settings = (): string[] => found(read("src/base/config.ts"), /^ {2}([A-Z][A-Z_]+):/gm).sort();

const example = (): string => read(".env.example");

describe("the settings", () => {
  test("are found in the source", () => {
    expect(settings()).toEqual(
      expect.arrayContaining(["REDIS_URL", "REMIND_BEFORE_MINUTES", "SLACK_BOT_TOKEN"]),
    );
  });

  test("are all in .env.example, each with an explanation above it", () => {
    expect(found(example(), /^#?([A-Z][A-Z_]+)=/gm).sort()).toEqual(settings());
    for (const name of settings()) expect(example()).toMatch(new RegExp(`^# .+\\n#?${name}=`, "m"));
  });

  test("are all in the table of docs/operations.md", () => {
    const table = read("docs/operations.md").split("## Settings")[1]?.split("\n## ")[0] ?? "";
    expect(found(table, /^\| `([A-Z_]+)` \|/gm).sort()).toEqual(settings());
  });

  test("have in .env.example the defaults that the code has", () => {
    const all = parseEnv(example().replaceAll(/^#(?=[A-Z_]+=)/gm, ""));
    const { ADMIN_USERS: _, SLACK_SIGNING_SECRET: __, ...defaults } = all;
    expect(readConfig({ ...defaults, ...SECRETS })).toEqual(readConfig(SECRETS));
  });

  test("are enough once the secrets are filled in", () => {
    expect(() => readConfig({ ...parseEnv(example()), ...SECRETS })).not.toThrow();
  });

  test("that docker-compose.yml sets are settings", () => {
    const { services } = parse(read("docker-compose.yml")) as { services: { bot: { environment: object } } };
    expect(settings()).toEqual(expect.arrayContaining(Object.keys(services.bot.environment)));
  });
});
