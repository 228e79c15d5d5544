// The store of the page inside Airflow: the plugin's API, beside the page (decision 0060).

const REQUEST_MS = 20000;

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
    const headers = { Accept: "application/json" };
    if (body) Object.assign(headers, { "Content-Type": "application/json", "X-Review-Token": this.#token });
    const signal = AbortSignal.timeout(REQUEST_MS);
    const sent = { method, headers, signal, keepalive: isSmall(body), body: body && JSON.stringify(body) };
    let reply;
    try {
      reply = await fetch(route, sent);
    } catch {
      throw { status: 0, error: "unreachable", message: "Airflow does not answer." };
    }
    const answer = await reply.json().catch(() => ({}));
    if (reply.ok) return answer;
    throw { error: "", message: refusalText(reply.status), ...answer, status: reply.status };
  }
}

// A browser finishes a small request even when the page is closed; it takes no larger one so.
function isSmall(body) {
  return Boolean(body) && JSON.stringify(body).length < 60000;
}

function refusalText(status) {
  if (status === 401) return "You are logged out. Log in to Airflow again; what you did here is kept.";
  if (status === 403) return "You may not decide in this review.";
  return `Airflow answered with HTTP ${status}.`;
}
