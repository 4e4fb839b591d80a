import { readFileSync } from "node:fs";
import { Html, html } from "./render/html.ts";

/** In the order in which later ones may overrule earlier ones. */
const STYLES = ["base", "elements", "text", "blocks", "messages", "modals", "writing", "workspace", "still"];

/** A whole document around some content, with the page's looks. */
export function documentOf(title: string, content: Html): string {
  const styles = STYLES.map(
    (name) => new Html(readFileSync(new URL(`./styles/${name}.css`, import.meta.url), "utf8")),
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${styles}</style>
</head>
<body>${content}</body>
</html>
`.text;
}
