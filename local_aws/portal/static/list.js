// Looks for new tasks while the list is open, unless the reviewer is typing a name.
setInterval(() => {
  if (document.visibilityState === "visible" && document.activeElement.tagName !== "INPUT") {
    location.reload();
  }
}, 10000);
for (const time of document.querySelectorAll("time")) {
  time.textContent = new Date(time.dateTime).toLocaleString([], {
    dateStyle: "medium", timeStyle: "short",
  });
}
