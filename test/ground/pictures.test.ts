import { statSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { at, filesIn, read } from "./files.ts";

/** What a README can carry. */
const MOST_BYTES = 150_000;

const pictures = filesIn("docs/pictures").filter((path) => path.endsWith(".png"));
const shown = [...read("README.md").matchAll(/(?:srcset|src)="(docs\/pictures\/[^"]+)"/g)].map(
  ([, path = ""]) => path,
);

describe("the README's pictures", () => {
  test("each of them is there, light and dark, and none that nothing shows", () => {
    expect(shown.length).toBeGreaterThanOrEqual(12);
    expect(pictures.sort()).toEqual(shown.sort());
    const dark = shown.filter((path) => path.includes("-dark."));
    expect(dark.map((path) => path.replace("-dark.", "-light.")).sort()).toEqual(
      shown.filter((path) => path.includes("-light.")).sort(),
    );
  });

  test.each(pictures)("%s stays below 150 KB", (path) => {
    expect(statSync(at(path)).size).toBeLessThan(MOST_BYTES);
  });
});
