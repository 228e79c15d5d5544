// Messages of the page: to screen readers, and in a toast to everybody.

import { el } from "./dom.js";

const TOAST_MS = 7000;

export class Messages {
  #toast = el("div", { class: "toast", popover: "manual" });
  #live = el("p", { class: "unseen", "aria-live": "polite" });
  #timer = 0;

  get elements() { return [this.#toast, this.#live]; }

  // toast: also show the text, where the page itself does not make the change obvious.
  announce(text, { toast = false } = {}) {
    this.#live.textContent = text;
    if (toast) this.#show(text);
  }

  #show(text) {
    clearTimeout(this.#timer);
    this.#toast.replaceChildren(el("span", {}, text));
    // Hide it first: only a popover that is shown again moves above a sheet opened since.
    this.#toast.hidePopover();
    this.#toast.showPopover();
    this.#timer = setTimeout(() => this.#toast.hidePopover(), TOAST_MS);
  }
}
