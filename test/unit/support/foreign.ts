import fc from "fast-check";

/** What a person, or Arga, could write to do harm. */
const nasty = fc.constantFrom(
  "<!channel>",
  "<!here|here>",
  "<@U0BOB>",
  "<@U0ADA>",
  "<#C0GENERAL>",
  "<!subteam^S1>",
  "<!date^1^{date}|x>",
  "<http://evil.example|https://app.argalabs.com>",
  "&lt;!channel&gt;",
  "&amp;",
  "&",
  "<",
  ">",
  "|",
  "@here",
  "@channel",
  "@_everyone",
  "@*here*",
  "`",
  "```",
  "`@channel`",
  "*",
  "_",
  "~",
  "\n> quoted\n",
  "\r\n\t",
  ":red_circle:",
  "\u202egnp.exe",
  "\u2067\u2066",
  "שלום",
  "文字",
  "😀",
  "👩‍👩‍👧‍👦",
  "\u0000\u0007",
  "\u001b[31mred\u001b[0m",
  "\\",
  " ",
);
const half = fc.integer({ min: 0xd800, max: 0xdfff }).map((unit) => String.fromCharCode(unit));
const piece = fc.oneof(
  { arbitrary: nasty, weight: 4 },
  { arbitrary: fc.string({ unit: "binary", maxLength: 20 }), weight: 2 },
  { arbitrary: half, weight: 1 },
  { arbitrary: fc.constant("plain words "), weight: 1 },
);

/** Foreign text, short, middling or of 5,000 characters. */
export const foreign = fc
  .tuple(fc.array(piece, { maxLength: 12 }), fc.constantFrom(1, 1, 1, 20, 2_000))
  .map(([parts, times]) => parts.join("").repeat(times).slice(0, 5_000));
