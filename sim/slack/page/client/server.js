/** The workspace's control surface: every request of the page that does something is made here. */

/** @returns {Promise<object>} what the act did @throws Error with what the person should read */
export async function act(name, body) {
  const response = await fetch(`/_sim/${name}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(sentence(String(answer.error).replace(/^Error: /, "")));
  return answer;
}

const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
