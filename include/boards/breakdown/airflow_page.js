// The breakdown page inside Airflow.

import { AirflowStore } from "../../board_kit/data/airflow_store.js";
import { followAirflowTheme } from "../../board_kit/page/airflow_theme.js";
import { BreakdownBoard } from "./breakdown_board.js";

followAirflowTheme();
new BreakdownBoard(document.getElementById("board"), new AirflowStore()).start();
