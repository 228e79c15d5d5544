// The review page of an A2I worker.

import { FormStore } from "./form_store.js";
import { mountBoard } from "./review_board.js";

mountBoard(document.getElementById("board"), new FormStore());
