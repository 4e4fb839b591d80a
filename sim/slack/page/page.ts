import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { documentOf } from "./document.ts";
import { Html, html, type Part } from "./render/html.ts";
import { icon } from "./render/icons.ts";

/** What the app offers, besides what it says: its manifest's slash commands and shortcuts. */
export interface AppSurface {
  commands?: readonly { command: string; usage_hint?: string; description?: string }[];
  shortcuts?: readonly { name: string; type: "global" | "message"; callback_id: string }[];
}

/**
 * The page of the workspace: one document that loads nothing from anywhere, and talks to the server it came from.
 * The script is bundled anew at each call, which takes some milliseconds, so that a reload shows the code as it is.
 */
export function renderPage(app: AppSurface = {}): string {
  return documentOf("Workspace", html`${shell}<script type="module">${script(app)}</script>`);
}

function script(app: AppSurface): Html {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL("./client/main.js", import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    define: { APP_SURFACE: JSON.stringify(app) },
  });
  const code = outputFiles[0]?.text ?? "";
  // Inside of a script nothing is escaped, but an end tag in a string would end it.
  return new Html(code.replaceAll("</script", "<\\/script"));
}

const composer = (name: string, label: string, before: Part) =>
  html`<form class="composer" id="${name}">
    <div class="suggestions" hidden></div>
    <textarea rows="1" aria-label="${label}" placeholder="${label}"></textarea>
    <div class="tools">
      ${before}<span class="spacer"></span>
      <button type="submit" class="button send" aria-label="Send">${icon("send")}</button>
    </div>
  </form>`;

const shortcuts = html`<details class="overflow up" id="shortcuts" hidden>
  <summary class="icon" aria-label="Shortcuts" title="Shortcuts">${icon("bolt")}</summary>
  <div class="menu"></div>
</details>`;

const shell = html`<div id="workspace">
  <nav id="sidebar"></nav>
  <main>
    <header id="head"></header>
    <div id="messages" class="scroll"></div>
    ${composer("composer", "Message, or / for a command", shortcuts)}
  </main>
  <aside id="thread" hidden>
    <header><b>Thread</b><button type="button" class="icon" data-leave aria-label="Close">✕</button></header>
    <div id="replies" class="scroll"></div>
    ${composer("reply", "Reply…", null)}
  </aside>
</div>
<dialog id="modal"></dialog>
<dialog id="confirm"></dialog>
<div id="toasts" role="status" popover="manual"></div>`;
