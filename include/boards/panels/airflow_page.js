// The panel board inside Airflow.

import { followAirflowTheme } from "../../board_kit/page/airflow_theme.js";
import { PanelBoard } from "./panel_board.js";
import { PanelStore } from "./panel_store.js";

followAirflowTheme();
new PanelBoard(document.getElementById("board"), new PanelStore()).start();
