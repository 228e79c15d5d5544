// The review page inside Airflow.

import { AirflowStore } from "../../board_kit/data/airflow_store.js";
import { followAirflowTheme } from "../../board_kit/page/airflow_theme.js";
import { ReviewBoard } from "./review_board.js";

followAirflowTheme();
new ReviewBoard(document.getElementById("board"), new AirflowStore()).start();
