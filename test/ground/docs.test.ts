import { accessSync, constants, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { grammars } from "../../src/handlers/commands/index.ts";
import { anchorsOf, at, filesIn, found, prose, read, source } from "./files.ts";

const pages = filesIn().filter((path) => path.endsWith(".md"));
const using = read("docs/using.md");
const operations = read("docs/operations.md");

describe("the documentation", () => {
  test("has each error code under a heading of its own, and no other", () => {
    const codes = found(source(), /readonly code = "(\w+)"/g);
    expect(codes).toContain("USAGE");
    expect(found(read("docs/errors.md"), /^### (.+)$/gm).sort()).toEqual(codes.sort());
  });

  test("shows each command in the table of docs/using.md, with its operands and flags", () => {
    const table = using.split("## Commands")[1]?.split("\n## ")[0] ?? "";
    for (const { name, operands, flags } of grammars) {
      const usage = ["/arga", name, operands].filter((part) => part !== "").join(" ");
      expect(table).toContain(`\`${usage.replaceAll("|", "\\|")}\``);
      for (const flag of Object.keys(flags)) expect(table).toContain(`--${flag}`);
    }
  });

  test("shows no command that there is not", () => {
    const known = grammars.map(({ name }) => name);
    for (const page of pages) {
      const shown = found(read(page), /(?:`|^)\/arga ([a-z]+)/gm).filter((name) => name !== "failed");
      expect(known, page).toEqual(expect.arrayContaining(shown));
    }
  });

  test("lists every metric", () => {
    const table = operations.split("## Metrics")[1]?.split("\n## ")[0] ?? "";
    const metrics = found(source(), /"(arga_slack_\w+)"/g);
    expect(found(table, /^\| `(arga_slack_\w+)`/gm).sort()).toEqual(metrics.sort());
  });

  test("lists every family of keys in Redis, and no other", () => {
    const section = operations.split("## Redis")[1]?.split("\n## ")[0] ?? "";
    const families = found(source(), /prefix\}:(\w+)/gi);
    expect(families).toContain("run");
    expect(found(section, /`…:(\w+)/g).sort()).toEqual(families.sort());
  });

  test("names scripts that exist", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const text = pages.map(read).join("\n");
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(found(text, /npm run ([\w:]+)/g)));
    for (const path of found(text, /\b(script\/\w+)/g)) accessSync(at(path), constants.X_OK);
  });

  test.each(pages)("has no link that leads nowhere: %s", (page) => {
    const links = found(prose(page), /\]\(([^)\s]+)\)/g).filter((link) => !/^https?:/.test(link));
    for (const link of links) {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? page : join(dirname(page), path);
      expect(existsSync(at(target)), link).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(target), link).toContain(anchor);
    }
  });

  // The changelog may name what there once was.
  const present = pages.filter((page) => page !== "CHANGELOG.md");

  test.each(present)("names no file or folder that there is not: %s", (page) => {
    const named = found(read(page), /(?<![\w/.:-])((?:src|sim|test|docs|bench)\/[\w./-]*\w)/g);
    expect(named.filter((path) => !existsSync(at(path)))).toEqual([]);
  });

  test("names tests of docs/security.md as they are called", () => {
    const named = [
      ...read("docs/security.md").matchAll(/`(test\/[\w./-]+\.test\.ts)`((?:[:,]?\s*“[^”]+”)*)/g),
    ];
    expect(named.length).toBeGreaterThan(15);
    for (const [, path = "", titles = ""] of named)
      for (const title of found(titles, /“([^”]+)”/g))
        expect(read(path), path).toContain(title.replace(/\s+/g, " "));
  });

  test("has every page and heading that a comment cites", () => {
    const cited = filesIn()
      .filter((path) => /\.(ts|ya?ml|css)$|^(Dockerfile|\.env\.example|script\/\w+)$/.test(path))
      .flatMap((path) => found(read(path), /(?<![\w/.-])((?:docs\/[\w/-]+|[A-Z]+)\.md(?:#[\w-]+)?)/g));
    expect(cited).toContain("docs/references/slack.md#rate-limits");
    for (const citation of new Set(cited)) {
      const [page = "", anchor] = citation.split("#");
      expect(existsSync(at(page)), citation).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(page), citation).toContain(anchor);
    }
  });
});
