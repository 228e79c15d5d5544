// The page that `make production` serves on this machine.

import { CastBoard } from "./cast_board.js";
import { CastStore } from "./cast_store.js";

new CastBoard(document.getElementById("board"), new CastStore("The command on the terminal")).start();
