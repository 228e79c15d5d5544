// The store of the page inside Airflow: the plugin's API, beside the page (decision 0060).

const REQUEST_MS = 20000;
const READING = { Accept: "application/json" };

export class AirflowStore {
  #token = "";

  async load() {
    const board = await this.#ask("GET", "board");
    this.#token = board.token;
    return board;
  }

  save(batch) { return this.#change("decisions", batch); }
  changes(since) { return this.#ask("GET", `decisions?since=${since}`); }
  finish(final) { return this.#change("finish", final); }
  reopen() { return this.#change("reopen", {}); }

  get #changing() {
    return { ...READING, "Content-Type": "application/json", "X-Review-Token": this.#token };
  }

  // The token lives for some hours: one that is too old is renewed once.
  async #change(route, body) {
    try {
      return await this.#ask("POST", route, body);
    } catch (refusal) {
      if (refusal.error !== "token") throw refusal;
      await this.load();
      return this.#ask("POST", route, body);
    }
  }

  // Rejects with {status, error, message, ...}; status 0: nothing came back.
  async #ask(method, route, body) {
    const text = body && JSON.stringify(body);
    const signal = AbortSignal.timeout(REQUEST_MS);
    let reply;
    try {
      const headers = body ? this.#changing : READING;
      reply = await fetch(route, { method, headers, signal, body: text, keepalive: isSmall(text) });
    } catch {
      throw { status: 0, error: "unreachable", message: "Airflow does not answer." };
    }
    const answer = await reply.json().catch(() => ({}));
    if (reply.ok) return answer;
    throw { error: "", message: refusalText(reply.status), ...answer, status: reply.status };
  }
}

// A browser finishes a small request even when the page is closed; it takes no larger one so.
function isSmall(text) {
  return Boolean(text) && text.length < 60000;
}

function refusalText(status) {
  if (status === 401) return "You are logged out. Log in to Airflow again; your work is kept.";
  if (status === 403) return "You may not decide in this review.";
  return `Airflow answered with HTTP ${status}.`;
}
