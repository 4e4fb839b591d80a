import { Html } from "./html.ts";

/** Emoji as small pictures of our own, for the page must look the same on machines that have no font for them. */

const disc = (fill: string): string => `<circle cx="8" cy="8" r="6.6" fill="${fill}"/>`;

const tile = (fill: string, path: string): string =>
  `<rect x="1.2" y="1.2" width="13.6" height="13.6" rx="3" fill="${fill}"/><path d="${path}" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/>`;

const line = (colour: string, path: string, width = 1.5): string =>
  `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/>`;

const HOURGLASS = `<path d="M4 2h8v2.5L9.2 8 12 11.5V14H4v-2.5L6.8 8 4 4.5z" fill="#f3d9a4" stroke="#a8752a" stroke-width="1.3" stroke-linejoin="round"/>`;

const PICTURES: Readonly<Record<string, string>> = {
  "🟢": disc("#2fa84f"),
  "🟡": disc("#e8b517"),
  "🟠": disc("#e87b17"),
  "🔴": disc("#d8344a"),
  "🔵": disc("#2f7fd8"),
  "⚫": disc("#5d5b62"),
  "⚪": `<circle cx="8" cy="8" r="6.1" fill="#f2f1f3" stroke="#8d8a92"/>`,
  "✅": tile("#2fa84f", "M4.5 8.3l2.4 2.4 4.6-5"),
  "❌": line("#d8344a", "M3.5 3.5l9 9M12.5 3.5l-9 9", 2.4),
  "⚠️": `<path d="M8 1.8L15 14H1z" fill="#f2bf26" stroke="#b5860a" stroke-linejoin="round"/><path d="M8 6v4M8 12h.01" stroke="#3a2c00" stroke-width="1.5" stroke-linecap="round"/>`,
  "⏳": `${HOURGLASS}${line("#a8752a", "M6.5 12.6h3")}`,
  "⌛": `${HOURGLASS}${line("#a8752a", "M5.5 12.6h5")}`,
  "❔": line("#8d8a92", "M5 5.5a3 3 0 1 1 4.5 2.6C8.5 8.7 8 9.2 8 10.3M8 13h.01", 1.9),
  "❓": line("#d8344a", "M5 5.5a3 3 0 1 1 4.5 2.6C8.5 8.7 8 9.2 8 10.3M8 13h.01", 1.9),
  "👋": `<path d="M4 9.5L2.8 6.2M6.2 8L4.8 3.6M8.3 7.4L7 2.8M10.3 7.8L9.3 3.8M10.3 7.8c1.2 2 1.2 4-.4 5.5-1.7 1.5-4 1-5-1L4 9.5l2.2-1.5 2.1-.6z" fill="#f3c65b" stroke="#a8752a" stroke-linecap="round" stroke-linejoin="round"/>`,
  "🔔": `<path d="M8 2a4.2 4.2 0 0 1 4.2 4.2c0 3.2.8 4.2 1.6 5H2.2c.8-.8 1.6-1.8 1.6-5A4.2 4.2 0 0 1 8 2z" fill="#f2bf26" stroke="#a8752a" stroke-linejoin="round"/>${line("#a8752a", "M6.6 13.4a1.5 1.5 0 0 0 2.8 0")}`,
  "💬": `<path d="M2 3.5h12v7.5H8l-3.5 3v-3H2z" fill="#dfe9f4" stroke="#5f83ab" stroke-linejoin="round"/>`,
};

/** In the options of a menu of the browser's own, which take text alone: signs that every font has. */
const SIGNS: Readonly<Record<string, string>> = {
  "🟢": "●",
  "🟡": "●",
  "🟠": "●",
  "🔴": "●",
  "🔵": "●",
  "⚫": "●",
  "⚪": "○",
  "✅": "✓",
  "❌": "✗",
  "⚠️": "!",
  "⏳": "…",
  "⌛": "…",
  "❔": "?",
  "❓": "?",
  "👋": "",
  "🔔": "",
  "💬": "",
};

const EMOJI = Object.keys(PICTURES).join("|");

/** An option, what has no place for pictures, a tag, or one of the emoji. */
const PARTS = new RegExp(`<(option|textarea|title|script|style)\\b[\\s\\S]*?</\\1>|<[^>]*>|${EMOJI}`, "g");

/** The same HTML with pictures in place of the emoji that there are pictures of. */
export function withPictures(part: Html): Html {
  return new Html(part.text.replaceAll(PARTS, (found) => picture(found) ?? withSigns(found)));
}

function withSigns(found: string): string {
  if (!found.startsWith("<option")) return found;
  const begin = found.indexOf(">");
  return (
    found.slice(0, begin) +
    found.slice(begin).replaceAll(new RegExp(`(${EMOJI}) ?`, "g"), (_, character: string) => {
      const sign = SIGNS[character];
      return sign ? `${sign} ` : "";
    })
  );
}

function picture(character: string): string | undefined {
  const drawing = Object.hasOwn(PICTURES, character) ? PICTURES[character] : undefined;
  return (
    drawing && `<svg class="emo" viewBox="0 0 16 16" role="img" aria-label="${character}">${drawing}</svg>`
  );
}
