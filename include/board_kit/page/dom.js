// Builds elements. Text from data only ever becomes a text node: nothing here parses markup.

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

// A button that shows an icon (see "Icons" in style/base.css); screen readers hear its label.
export function iconButton(icon, label, onclick, attributes = {}) {
  const named = { "aria-label": label, title: label, ...attributes };
  const element = button("", onclick, { ...named, class: `bare ${attributes.class ?? ""}` });
  element.append(el("span", { class: `icon ${icon}`, "aria-hidden": "true" }));
  return element;
}

export function keyCap(name) {
  return el("kbd", {}, name);
}
