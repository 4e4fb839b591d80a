/** The workspace's control surface, and nothing else: every request of the page is made here. */

/** @returns {Promise<object>} what the act did @throws Error with what the person should read */
export async function act(name, body) {
  const response = await fetch(`/_sim/${name}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(String(answer.error).replace(/^Error: /, ""));
  return answer;
}

/** The text of the state, so that two of them can be compared; `user` undefined before anyone is chosen. */
export async function look(user) {
  const query = user === undefined ? "" : `?user=${encodeURIComponent(user)}`;
  const response = await fetch(`/_sim/state${query}`);
  if (!response.ok) throw new Error(await response.text());
  return response.text();
}
