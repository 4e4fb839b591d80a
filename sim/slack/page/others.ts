import { documentOf } from "./document.ts";
import { html } from "./render/html.ts";

/** For an address with a person who is not in the workspace: says so, and who is. */
export function renderNobody(name: string, people: readonly string[]): string {
  const links = people.map((one) => html`<li><a href="/?user=${one}">${one}</a></li>`);
  const content = html`<main class="still"><h1>Nobody here is called “${name}”</h1>
    <p>Be one of these people instead:</p>
    <ul>${links}</ul></main>`;
  return documentOf("Nobody", content);
}

/** Two people's windows on the same workspace; `/beside?left=alice&right=carol`. */
export function renderBeside(query: URLSearchParams): string {
  const window = (side: string, otherwise: string) => {
    const who = query.get(side) ?? otherwise;
    return html`<iframe src="/?${new URLSearchParams({ user: who }).toString()}" title="The workspace as ${who} sees it"></iframe>`;
  };
  return documentOf(
    "Two people",
    html`<main class="beside">${window("left", "alice")}${window("right", "bob")}</main>`,
  );
}
