import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { filesIn, read } from "./files.ts";

/** Put together here, so that this file does not name them either. */
const HOSTS = [
  ["registry", "npmjs", "org"],
  ["npmjs", "com"],
  ["registry", "yarnpkg", "com"],
  ["npm", "pkg", "github", "com"],
  ["registry", "npmmirror", "com"],
  ["pypi", "org"],
  ["pythonhosted", "org"],
  ["crates", "io"],
  ["rubygems", "org"],
  ["proxy", "golang", "org"],
  ["docker", "io"],
  ["ghcr", "io"],
  ["quay", "io"],
].map((parts) => parts.join("."));

/** Not shipped, and written by the machine that runs the tests. */
const TEXT = /\.(ts|js|json|ya?ml|md|css|html|sh)$|^[^.]*$|(^|\/)\.[\w.]+$|Dockerfile|LICENSE/;

describe("the repository", () => {
  const files = filesIn().filter((path) => TEXT.test(path) && path !== ".env");

  test("is looked through at all", () => {
    expect(files).toEqual(
      expect.arrayContaining(["package-lock.json", ".npmrc", "script/bootstrap", "README.md"]),
    );
  });

  test.each(HOSTS)("names no package registry: %s", (host) => {
    expect(files.filter((path) => read(path).includes(host))).toEqual([]);
  });

  test("cites nothing that a reader cannot open", () => {
    const outside = /(?<![a-z])fact[s](?:\/|, sect|\.md)|contract[,] section|\bsections? \d/;
    expect(files.filter((path) => outside.test(read(path)))).toEqual([]);
  });

  // Those of the chart are YAML once they are filled in, which helm.test.ts looks at.
  const yaml = files.filter((path) => /\.ya?ml$/.test(path) && !path.startsWith("deploy/helm/templates/"));

  test.each(yaml)("has YAML that can be read: %s", (path) => {
    expect(parseAllDocuments(read(path)).flatMap(({ errors }) => errors)).toEqual([]);
  });

  test("has a lockfile that works with any registry", () => {
    expect(read("package-lock.json")).not.toContain('"resolved"');
    expect(read(".npmrc")).toContain("omit-lockfile-registry-resolved=true");
  });
});
