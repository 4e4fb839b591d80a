import type { Content } from "../../../src/views/card.ts";

/** The commands that a message shows as blocks of code, a line each, as a person would copy them. */
export function copied(content: Content): string[] {
  const texts = content.blocks.flatMap((block) => (block.type === "section" ? [block.text?.text ?? ""] : []));
  return texts.flatMap((text) =>
    [...text.matchAll(/```\n([\s\S]*?)\n```/g)].flatMap(([, code = ""]) =>
      code
        .split("\n")
        .map((line) => line.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&")),
    ),
  );
}
