// The store of the panel board: the plugin's API, and the run that Airflow starts for its user.

import { AirflowStore } from "../../board_kit/data/airflow_store.js";

const API = "../../../../../api/v2";
const JSON_TYPE = { Accept: "application/json", "Content-Type": "application/json" };
const NOTHING_NEWER = Number.MAX_SAFE_INTEGER;

export class PanelStore extends AirflowStore {
  // Why the run that publishes was not started; empty: it was, or nobody tried.
  startProblem = "";

  save({ id, decisions }) {
    const choices = decisions.map(({ image_id, ...choice }) => ({ panel_id: image_id, ...choice }));
    return super.save({ id, choices });
  }

  price() { return this.read("price"); }

  async history(id) {
    return (await this.read(`history/${encodeURIComponent(id)}`)).history;
  }

  // Closes the board and starts its run, with the permissions of the user.
  async finish(final) {
    const answer = await super.finish(final);
    await this.start();
    return answer;
  }

  // Starts the run of a closed board. Its id is the same each time, so it is started once.
  async start() {
    this.startProblem = "";
    try {
      // As the server has it: texts of the store are made visible, and a run needs the originals.
      const news = await fetch(`decisions?since=${NOTHING_NEWER}`, { headers: JSON_TYPE });
      const { run } = (await news.json()).closed;
      const response = await fetch(`${API}/dags/${encodeURIComponent(run.dag_id)}/dagRuns`, {
        method: "POST", headers: JSON_TYPE,
        body: JSON.stringify({ dag_run_id: run.run_id, logical_date: null, conf: run.conf }),
      });
      if (!response.ok && response.status !== 409) this.startProblem = await problemOf(response);
    } catch {
      this.startProblem = "Airflow does not respond.";
    }
  }
}

async function problemOf(response) {
  if (response.status === 403) return "You may not start runs of draw_storyboard.";
  if (response.status === 401) return "You are logged out. Log in to Airflow again.";
  const { detail } = await response.json().catch(() => ({}));
  return typeof detail === "string" ? detail : `Airflow responded with HTTP ${response.status}.`;
}
