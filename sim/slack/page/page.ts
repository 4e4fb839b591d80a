import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { documentOf } from "./document.ts";
import { Html, html, type Part } from "./render/html.ts";
import { icon } from "./render/icons.ts";

/** What the app's manifest declares: its name in the workspace, its slash commands and its shortcuts. */
export interface AppSurface {
  name?: string;
  commands?: readonly { command: string; usage_hint?: string; description?: string }[];
  shortcuts?: readonly { name: string; type: "global" | "message"; callback_id: string }[];
}

/**
 * The page of the workspace: one document that loads nothing from anywhere, and talks to the server it came from.
 * The script is bundled anew at each call, which takes some milliseconds, so that a reload shows the code as it is.
 */
export function renderPage(
  app: AppSurface = {},
  { hasBench, firstUser }: Setting = { hasBench: false, firstUser: "" },
): string {
  const content = html`${shell(hasBench)}<script type="module">${script(app, firstUser)}</script>`;
  return documentOf("Workspace", content);
}

interface Setting {
  readonly hasBench: boolean;
  /** Who one is when the address does not say. */
  readonly firstUser: string;
}

function script(app: AppSurface, firstUser: string): Html {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL("./client/main.js", import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    minify: true,
    define: { APP_SURFACE: JSON.stringify(app), FIRST_USER: JSON.stringify(firstUser) },
  });
  const code = outputFiles[0]?.text ?? "";
  // Inside of a script nothing is escaped, but an end tag in a string would end it.
  return new Html(code.replaceAll("</script", "<\\/script"));
}

const composer = (name: string, label: string, before: Part) =>
  html`<form class="composer" id="${name}">
    <div class="suggestions" id="${name}-suggestions" role="listbox" aria-label="Commands" hidden></div>
    <textarea rows="1" aria-autocomplete="list" aria-controls="${name}-suggestions" aria-label="${label}" placeholder="${label}"></textarea>
    <div class="tools">
      ${before}<span class="spacer"></span>
      <button type="submit" class="button send" aria-label="Send">${icon("send")}</button>
    </div>
  </form>`;

const shortcuts = html`<details class="overflow up" id="shortcuts" hidden>
  <summary class="icon" aria-label="Shortcuts" title="Shortcuts">${icon("bolt")}</summary>
  <div class="menu"></div>
</details>`;

const bench = html`<aside id="bench" aria-label="Bench" hidden>
  <header><h2>Bench</h2><button type="button" class="icon" data-bench aria-label="Close the bench">✕</button></header>
  <div id="switches"></div>
  <ol id="traffic" class="scroll" tabindex="0" aria-label="What happens, the newest first"></ol>
</aside>`;

const toBench = html`<button type="button" class="button" id="to-bench" data-bench aria-expanded="false">Bench</button>
  <a class="button" href="/beside" target="_blank">Side by side</a>`;

const shell = (hasBench: boolean) => html`<div id="workspace">
  <nav id="sidebar" aria-label="Places"></nav>
  <main>
    <div class="headline">
      <button type="button" class="icon" id="to-places" data-places aria-label="Channels">☰</button>
      <header id="head"></header>
      ${hasBench && toBench}
    </div>
    <div id="messages" class="scroll" tabindex="0" role="log" aria-label="Messages"></div>
    <div id="join" hidden>You are not in this channel. <button type="button" class="button primary" data-join>Join channel</button></div>
    ${composer("composer", "Message, or / for a command", shortcuts)}
  </main>
  <aside id="thread" aria-label="Thread" hidden>
    <header><b>Thread</b><button type="button" class="icon" data-leave aria-label="Close the thread">✕</button></header>
    <div id="replies" class="scroll" tabindex="0" aria-label="Replies" role="log"></div>
    ${composer("reply", "Reply…", null)}
  </aside>
  ${hasBench && bench}
</div>
<dialog id="modal" aria-label="Form"></dialog>
<dialog id="confirm" aria-label="Are you sure?"></dialog>
<div id="toasts" role="status" popover="manual"></div>`;
