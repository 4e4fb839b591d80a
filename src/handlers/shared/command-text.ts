/**
 * What was copied out of our help comes as code, and with the slash; a whole line may be quoted, or in bold. None of it
 * is part of the command.
 */
export function commandText(text: string): string {
  let rest = text.trim();
  for (;;) {
    const bare = rest
      .replace(/^(?:&gt;|>)\s*/, "")
      .replace(/^```([\s\S]*)```$/, "$1")
      .replace(/^([`*_~])((?:(?!\1)[\s\S])+)\1$/, "$2")
      .replace(/^["“„]([^"“”„]+)["“”]$/, "$1")
      .trim()
      .replace(/^[/@]?arga(?=[\s:,]|$)[\s:,]*/i, "");
    if (bare === rest) return rest;
    rest = bare;
  }
}
