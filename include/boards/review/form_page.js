// The review page of an A2I worker.

import { FormStore } from "./form_store.js";
import { ReviewBoard } from "./review_board.js";

new ReviewBoard(document.getElementById("board"), new FormStore()).start();
