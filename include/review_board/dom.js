// Makes elements. Text from data only ever becomes a text node: nothing here parses markup.

export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

export function button(label, onclick, attributes = {}) {
  return el("button", { type: "button", onclick, ...attributes }, label);
}

// A button that shows a drawn sign (see "Signs" in board.css) and says its name to who listens.
export function signButton(sign, label, onclick, attributes = {}) {
  const face = el("span", { class: `sign ${sign}`, "aria-hidden": "true" });
  const named = { "aria-label": label, title: label, ...attributes };
  const element = button("", onclick, { ...named, class: `bare ${attributes.class ?? ""}` });
  element.append(face);
  return element;
}

export function key(name) {
  return el("kbd", {}, name);
}

export function plural(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

export function dollars(sum) {
  return sum.toLocaleString("en", { style: "currency", currency: "USD" });
}

// "14:05" today, "23 Nov, 14:05" before.
export function moment(iso) {
  const time = new Date(iso);
  if (Number.isNaN(time.valueOf())) return "";
  const today = new Date().toDateString() === time.toDateString();
  const day = today ? {} : { day: "numeric", month: "short" };
  return time.toLocaleString("en-GB", { ...day, hour: "2-digit", minute: "2-digit" });
}
