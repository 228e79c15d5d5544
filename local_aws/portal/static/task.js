// Hands what the sandboxed template submits to the portal, and says how it went.
const frame = document.getElementById("task");
const message = document.getElementById("message");

async function send(answerContent) {
  const reply = await fetch(frame.dataset.answers, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Form-Token": frame.dataset.formToken },
    body: JSON.stringify({ answerContent }),
  });
  if (!reply.ok) throw new Error((await reply.json()).error);
}

addEventListener("message", async (event) => {
  if (event.source !== frame.contentWindow || event.data?.kind !== "crowd-answer") return;
  try {
    await send(event.data.content);
    frame.hidden = true;
    message.hidden = true;
    document.getElementById("done").hidden = false;
  } catch (error) {
    message.textContent = `The answer was not stored: ${error.message}`;
    message.hidden = false;
    frame.contentWindow.postMessage({ kind: "crowd-refused" }, "*");
  }
});
