// Sends what the sandboxed template submits to the portal, and shows the result. Keeps what the
// template stores until its answer is accepted.
const frame = document.getElementById("task");
const message = document.getElementById("message");
const drawer = `task ${frame.dataset.storage}`;

async function send(answerContent) {
  const reply = await fetch(frame.dataset.answers, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Form-Token": frame.dataset.formToken },
    body: JSON.stringify({ answerContent }),
  });
  if (!reply.ok) throw new Error((await reply.json()).error);
}

async function submit(answerContent) {
  try {
    await send(answerContent);
    frame.hidden = true;
    message.hidden = true;
    document.getElementById("done").hidden = false;
    localStorage.removeItem(drawer);
  } catch (error) {
    message.textContent = `The answer was not stored: ${error.message}`;
    message.hidden = false;
    frame.contentWindow.postMessage({ kind: "crowd-refused" }, "*");
  }
}

addEventListener("message", (event) => {
  if (event.source !== frame.contentWindow) return;
  if (event.data?.kind === "crowd-answer") submit(event.data.content);
  if (event.data?.kind === "crowd-storage") {
    localStorage.setItem(drawer, JSON.stringify(event.data.values));
  }
});

frame.src = `${frame.dataset.source}#${encodeURIComponent(localStorage.getItem(drawer) ?? "{}")}`;
