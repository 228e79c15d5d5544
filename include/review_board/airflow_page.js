// The review page inside Airflow.

import { AirflowStore } from "./airflow_store.js";
import { followAirflowTheme } from "./airflow_theme.js";
import { mountBoard } from "./review_board.js";

followAirflowTheme();
mountBoard(document.getElementById("board"), new AirflowStore());
