// What the page shows once the production file is written.

import { el } from "../../board_kit/page/dom.js";
import { plural } from "../../board_kit/page/text.js";

export function showWritten(root, { closed: { file, pictures } }) {
  document.title = "Production written";
  root.replaceChildren(el("main", { class: "refused written" },
    el("h1", {}, "The production file is written"),
    el("p", {}, el("code", {}, file)),
    el("p", {}, `It has ${plural(pictures, "reference picture")} beside it. The terminal shows how `
      + "to check it and to run it. Nothing was sent anywhere."),
    el("p", { class: "quiet" }, "You can close this page. To change the file, run the same command "
      + "again, or edit it: docs/production.md explains every field.")));
}
