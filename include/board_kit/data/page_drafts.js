// Keeps a small JSON object in the browser's local storage. Some frames forbid storage, and it may
// be full: then write() returns false instead of failing.

export class PageDrafts {
  #name;

  constructor(name) {
    this.#name = name;
  }

  // The last object written; an empty one when there is none.
  read() {
    try {
      return JSON.parse(localStorage.getItem(this.#name) ?? "{}");
    } catch {
      return {};
    }
  }

  // Returns whether the object survives the page.
  write(content) {
    try {
      if (Object.keys(content).length) localStorage.setItem(this.#name, JSON.stringify(content));
      else localStorage.removeItem(this.#name);
      return true;
    } catch {
      return false;
    }
  }
}
