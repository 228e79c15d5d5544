// Keeps a small JSON document in the browser, where the browser lets a page keep anything: some
// frames may not, and a full disk may not either. Then it says so instead of failing.

export class PageDrafts {
  #name;

  constructor(name) {
    this.#name = name;
  }

  // What was written last; an empty object when there is nothing.
  read() {
    try {
      return JSON.parse(localStorage.getItem(this.#name) ?? "{}");
    } catch {
      return {};
    }
  }

  // Whether the document will be there when the page is opened again.
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
