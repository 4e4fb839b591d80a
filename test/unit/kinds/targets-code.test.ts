import { describe, expect, test } from "vitest";
import { UsageError } from "../../../src/kinds/grammar.ts";
import {
  branchOf,
  codeTarget,
  codeTitle,
  codeWords,
  isRepo,
  pullRequest,
  repoOf,
} from "../../../src/kinds/targets.ts";

function refused(act: () => unknown): UsageError {
  try {
    act();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("a repository", () => {
  test.each(["acme/shop", "acme/shop.js", "a/b", "my-org/my_repo", "acme/.github", "4/2"])(
    "%s is one",
    (word) => {
      expect(isRepo(word)).toBe(true);
      expect(repoOf(word, "x")).toBe(word);
    },
  );

  test.each(["acme", "acme/", "/shop", "acme/shop/x", "../shop", "acme/..", "a b/c", "acme/<b>", ""])(
    "%j is none",
    (word) => {
      expect(isRepo(word)).toBe(false);
      expect(refused(() => repoOf(word, "x")).tryThis).toBe("x");
    },
  );
});

describe("a pull request", () => {
  const base = "https://github.com/acme/shop/pull/42";

  test.each([
    [base, base],
    [`${base}/`, base],
    [`${base}/files`, base],
    [`${base}/commits/0a1b2c`, base],
    [`${base}?w=1`, base],
    [`${base}#issuecomment-1`, base],
    [
      "https://git.acme.example:8443/acme/shop/pulls/42/files",
      "https://git.acme.example:8443/acme/shop/pulls/42",
    ],
    [
      "https://gitlab.com/acme/shop/-/merge_requests/42/diffs",
      "https://gitlab.com/acme/shop/-/merge_requests/42",
    ],
  ])("%s is that of %s", (word, prUrl) => {
    expect(pullRequest(word)).toEqual({ repo: "acme/shop", prUrl });
  });

  test("is found where names repeat each other and its number", () => {
    expect(pullRequest("https://h1/1/1/pull/1/files")).toEqual({
      repo: "1/1",
      prUrl: "https://h1/1/1/pull/1",
    });
    const pull = "https://github.com/com/com/pull/4";
    expect(pullRequest(`${pull}?4`)).toEqual({ repo: "com/com", prUrl: pull });
    expect(pullRequest("https://github.com/acme/shop.js/pull/7")?.repo).toBe("acme/shop.js");
  });

  test.each([
    "https://github.com/acme/shop",
    "https://github.com/acme/shop/pull/",
    "https://github.com/acme/shop/pull/new",
    "https://github.com/acme/shop/pull/42.diff",
    "https://github.com/acme/shop/issues/42",
    "https://github.com/../shop/pull/42",
    "ftp://github.com/acme/shop/pull/42",
    "https://u:p@github.com/acme/shop/pull/42",
    `${base} x`,
    "acme/shop#",
    "acme/shop#4x",
    "shop#42",
    "",
  ])("%s is none", (word) => {
    expect(pullRequest(word)).toBeUndefined();
  });
});

test("a pull request is also known by what our own cards call it", () => {
  expect(pullRequest("acme/shop#42")).toEqual({
    repo: "acme/shop",
    prUrl: "https://github.com/acme/shop/pull/42",
  });
});

describe("where code is", () => {
  const pull = "https://github.com/acme/shop/pull/42";
  const lineOf = (words: string[]) => ({ words, flags: new Map<string, string>() });
  const take = (...words: string[]) => codeTarget(lineOf(words), "x", (repo, branch) => `${repo} ${branch}`);

  test("a branch, or a pull request with or without its repository; the rest is left", () => {
    expect(take("acme/shop", "main", "a", "b")).toEqual({
      target: { repo: "acme/shop", branch: "main" },
      rest: ["a", "b"],
    });
    const target = { repo: "acme/shop", prUrl: pull };
    expect(take(`${pull}/files`, "a", "b")).toEqual({ target, rest: ["a", "b"] });
    expect(take("ACME/shop", pull, "a")).toEqual({ target, rest: ["a"] });
    expect(take("a", pull)).toEqual({ target, rest: ["a"] });
    expect(take(pull)).toEqual({ target, rest: [] });
  });

  test.each([[[]], [["acme"]], [["acme/shop"]], [["acme/shop", "a..b"]], [["acme/cart", pull]]])(
    "%j is not enough, or does not fit",
    (words) => {
      expect(refused(() => take(...words)).tryThis).toBe("x");
    },
  );

  test.each([
    ["https://github.com/acme/shop", "main"],
    ["https://github.com/acme/shop.git", "main"],
    ["https://github.com/acme/shop/", "main"],
    ["https://github.com/acme/shop/tree/main"],
    ["https://gitlab.example.com/acme/shop/-/tree/main"],
  ])("a repository is also known by its page, with its branch: %s", (...words) => {
    expect(take(...words, "60")).toEqual({ target: { repo: "acme/shop", branch: "main" }, rest: ["60"] });
  });

  test.each([
    "https://github.com/acme",
    "https://github.com/acme/shop/issues/4",
    "https://github.com/acme/shop/blob/main/README.md",
  ])("%s is no repository", (page) => {
    expect(refused(() => take(page, "main")).message).toContain("isn't a repository");
  });

  test("a pull request that Slack made a link of, by the page behind it", () => {
    const seen = "github.com/acme/shop/pull/42";
    const links = new Map([[seen, `http://${seen}`]]);
    const target = { repo: "acme/shop", prUrl: `http://${seen}` };
    const at = (...words: string[]) =>
      codeTarget({ ...lineOf(words), links }, "x", (repo, branch) => `${repo} ${branch}`).target;
    expect(at(seen)).toEqual(target);
    expect(at("acme/shop", seen)).toEqual(target);
  });

  test("a repository alone is asked about, with the usual branches to choose from", () => {
    expect(refused(() => take("acme/shop")).offers).toEqual(
      ["main", "master", "develop"].map((branch) => ({ label: branch, command: `acme/shop ${branch}` })),
    );
  });

  test.each(["main", "feature/x-1", "v1.2", "a@b", "#7", "60", "ünicode", `a"b`])(
    "%s is a branch",
    (word) => {
      expect(branchOf(word, "x")).toBe(word);
    },
  );

  test.each([
    "a b",
    "a~1",
    "a^",
    "a:b",
    "a?",
    "a*",
    "a[",
    "a\\b",
    "a..b",
    "-a",
    "/a",
    "a/",
    ".a",
    "a.",
    "a@{1}",
  ])("%s is none", (word) => {
    expect(refused(() => branchOf(word, "x")).tryThis).toBe("x");
  });

  test("is shown short, and typed whole", () => {
    expect(codeTitle({ repo: "acme/shop", prUrl: pull })).toBe("acme/shop#42");
    expect(codeTitle({ repo: "acme/shop", branch: "main" })).toBe("acme/shop, branch main");
    expect(codeWords({ repo: "acme/shop", prUrl: pull })).toBe(pull);
    expect(codeWords({ repo: "acme/shop", branch: "it's" })).toBe(`acme/shop "it's"`);
  });
});
