import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { at, filesIn, read } from "./files.ts";

const OURS = join(at("script/node"), "node_modules/.bin");

/** Which folder a script looks in first for `node`, on a machine with this one. */
function firstOnPath(version: string): string {
  const machine = mkdtempSync(join(tmpdir(), "arga-slack-node-"));
  onTestFinished(() => rmSync(machine, { recursive: true, force: true }));
  writeFileSync(join(machine, "node"), `#!/bin/sh\necho ${version}\n`);
  chmodSync(join(machine, "node"), 0o755);
  const env = { PATH: `${machine}:/usr/bin:/bin` };
  const path = execFileSync("bash", ["--norc", "-c", 'source script/env; echo "$PATH"'], {
    cwd: at(""),
    env,
  });
  const [first = ""] = path.toString().split(":");
  return first === machine ? "the machine's" : first;
}

test.each(["v22.19.0", "v22.20.1", "v24.0.0", "v26.10.0"])(
  "the scripts run the machine's Node: %s",
  (version) => {
    expect(firstOnPath(version)).toBe("the machine's");
  },
);

test.each(["v22.18.0", "v20.20.2", "v9.9.9", ""])(
  "the scripts run a Node of their own instead of %j",
  (version) => {
    expect(firstOnPath(version)).toBe(OURS);
  },
);

test("the Node that they bring is version 24 for each system, at one exact version", () => {
  const { optionalDependencies } = JSON.parse(read("script/node/package.json")) as {
    optionalDependencies: Record<string, string>;
  };
  const { packages } = JSON.parse(read("script/node/package-lock.json")) as {
    packages: Record<string, { version: string; integrity: string; os: string; cpu: string }>;
  };
  const { "": root, ...nodes } = packages;
  expect(root).toMatchObject({ optionalDependencies });
  for (const { version, integrity } of Object.values(nodes)) {
    expect(version).toMatch(/^24\./);
    expect(integrity).toMatch(/^sha512-/);
  }
  const systems = Object.values(nodes).map(({ os, cpu }) => `${os} ${cpu}`);
  expect(systems.sort()).toEqual(["darwin arm64", "darwin x64", "linux arm64", "linux x64"]);
});

test("the floor is the same wherever it is named", () => {
  const { engines } = JSON.parse(read("package.json")) as { engines: { node: string } };
  expect(engines.node).toBe(">=22.19.0");
  expect(read("script/env")).toContain("major > 22 || (major == 22 && minor >= 19)");
  expect(read("Dockerfile")).toContain("FROM node:24-slim");
  for (const path of ["README.md", ...filesIn("script")]) {
    if (!path.includes("node_modules")) expect(read(path), path).not.toMatch(/Node(\.js)? 20/);
  }
});
