// The store of a page inside Airflow: calls the plugin's API at routes beside the page.

import { visibleIn } from "../page/visible.js";

const REQUEST_MS = 20000;
const READING = { Accept: "application/json" };
// A browser completes a request of up to 64 KiB even after the page is closed, but no larger one.
const KEEPALIVE_MAX = 60000;

export class AirflowStore {
  #token = "";
  #server;

  // server: who responds, in messages.
  constructor(server = "Airflow") {
    this.#server = server;
  }

  async load() {
    const board = await this.#request("GET", "board");
    this.#token = board.token;
    return board;
  }

  save(batch) { return this.#change("decisions", batch); }
  changes(since) { return this.#request("GET", `decisions?since=${since}`); }
  finish(final) { return this.#change("finish", final); }
  reopen() { return this.#change("reopen", {}); }

  // Another route beside the page.
  read(route) { return this.#request("GET", route); }
  send(route, body) { return this.#change(route, body); }

  // The token expires after some hours; an expired one is renewed once.
  async #change(route, body) {
    try {
      return await this.#request("POST", route, body);
    } catch (refusal) {
      if (refusal.error !== "token") throw refusal;
      await this.load();
      return this.#request("POST", route, body);
    }
  }

  // Rejects with {status, error, message, ...}; status 0: no response.
  async #request(method, route, body) {
    const text = body && JSON.stringify(body);
    let response;
    try {
      response = await fetch(route, {
        method, body: text, headers: body ? this.#changing : READING,
        signal: AbortSignal.timeout(REQUEST_MS),
        keepalive: Boolean(text) && text.length < KEEPALIVE_MAX,
      });
    } catch {
      throw { status: 0, error: "unreachable", message: `${this.#server} does not respond.` };
    }
    const answer = visibleIn(await response.json().catch(() => ({})));
    if (response.ok) return answer;
    const { status } = response;
    throw { error: "", message: refusalText(status), ...answer, status };
  }

  get #changing() {
    return { ...READING, "Content-Type": "application/json", "X-Review-Token": this.#token };
  }
}

function refusalText(status) {
  if (status === 401) return "You are logged out. Log in to Airflow again; your work is kept.";
  if (status === 403) return "You may not decide in this review.";
  return `Airflow responded with HTTP ${status}.`;
}
