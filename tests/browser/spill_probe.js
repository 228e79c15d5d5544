// What is wider than its place, or is cut by it, where nobody can scroll. An ellipsis says that a
// text is cut; it is whole in another place of the page.
() => [...document.querySelectorAll("body *")].filter((one) => {
  if (one.closest("svg, .hero, .hidden, .unseen, .skip, .contents, .scroll")) return false;
  const style = getComputedStyle(one);
  if (style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none") return false;
  if (one.matches(".section")) return false; // its sticky heading covers the outlines of the cards
  const wide = one.clientWidth && one.scrollWidth > one.clientWidth + 1;
  const high = one.scrollHeight > one.clientHeight + 1;
  const cut = /hidden|clip/.test(style.overflowX + style.overflowY) && (wide || high);
  return cut || (wide && style.overflowX === "visible" && style.display !== "inline");
}).map((one) => `${one.tagName}.${one.className} ${one.textContent.trim().slice(0, 40)}`)
