// The store of the cast board: routes of `make production` beside the page.

import { AirflowStore } from "../../board_kit/data/airflow_store.js";

export class CastStore extends AirflowStore {
  // What the production file says besides the figures; saved while it is typed.
  describe(details) { return this.send("details", details); }

  // {exists, characters: [{id, name, references}]}; rejects with every fault of the file.
  check() { return this.send("check", {}); }

  // Adds a figure: {sample, box: {x, y, w, h}, name}.
  draw(drawn) { return this.send("boxes", drawn); }
}
