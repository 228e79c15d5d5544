// The store of an Amazon A2I worker page: the document is in the page, the answer goes into one
// hidden field, and decisions are kept in the browser until the form is submitted.

import { PageDrafts } from "../../board_kit/data/page_drafts.js";
import { visibleIn } from "../../board_kit/page/visible.js";

const LEFT_OUT = "undecided";

export class FormStore {
  #form = document.querySelector("crowd-form");
  #field = document.querySelector("[name=decisions]");
  #document = null;
  #drafts = null;
  #decisions = {};
  #version = 0;

  async load() {
    this.#document = visibleIn(JSON.parse(document.getElementById("document").textContent));
    const { items } = this.#document;
    for (const links of document.querySelectorAll("#links [data-id]")) addLinks(items, links);
    for (const links of document.querySelectorAll("#links [data-character]")) {
      addReferences(this.#document.characters, links);
    }
    // The page does not know its loop's name, but no two batches of a review start with the same
    // picture.
    const { opened_at: opened } = this.#document.run;
    this.#drafts = new PageDrafts(`storyboard-review:${opened}:${items[0]?.id}`);
    this.#decisions = this.#drafts.read();
    this.#version = Math.max(0, ...Object.values(this.#decisions).map(({ version }) => version));
    this.#fill();
    // A batch is a part of the run; a worker does not answer for the run's cost.
    return {
      ...this.#document, decisions: { ...this.#decisions }, version: this.#version,
      you: { name: "", may_decide: true }, closed: null, least_approved: 0, cost: null,
    };
  }

  async save({ decisions }) {
    this.#version += 1;
    const signature = {
      version: this.#version, reviewer: "", decided_at: new Date().toISOString(),
    };
    const saved = {};
    for (const { image_id: id, based_on: _, ...verdict } of decisions) {
      saved[id] = this.#decisions[id] = { ...verdict, ...signature };
    }
    this.#fill();
    const kept = this.#drafts.write(this.#decisions);
    return { version: this.#version, decisions: saved, kept };
  }

  // Pictures that the reviewer leaves undecided are rejected with a reason that says so.
  async finish() {
    for (const { id } of this.#document.items) {
      const given = this.#decisions[id] ?? { caption: "", character: "", cut: "", decision: "open" };
      if (given.decision !== "open") continue;
      this.#decisions[id] = { ...given, decision: "reject", reason: LEFT_OUT };
    }
    this.#fill();
    this.#form.submit();
    return { version: this.#version, closed: null };
  }

  #fill() {
    const answer = [];
    for (const { id } of this.#document.items) {
      const given = this.#decisions[id];
      if (!given || given.decision === "open") continue;
      const { decision, reason, caption, character, cut } = given;
      answer.push({ image_id: id, decision, reason, caption, character, cut });
    }
    this.#field.value = JSON.stringify(answer);
  }
}

// Liquid makes links of S3 URIs in the markup only; one element per picture holds them.
function addLinks(items, links) {
  const item = items.find(({ id }) => id === links.dataset.id);
  if (!item) return;
  item.picture_url = links.dataset.picture;
  item.thumb_url = links.dataset.thumb || links.dataset.picture;
  const frames = [...links.querySelectorAll("[data-frame]")].map(({ dataset }) => dataset.frame);
  (item.neighbours ?? []).forEach((frame, index) => { frame.url = frames[index] ?? ""; });
}

function addReferences(characters, links) {
  const character = characters.find(({ id }) => id === links.dataset.character);
  if (!character) return;
  character.references = [...links.querySelectorAll("[data-reference]")].map(
    ({ dataset }) => dataset.reference);
}
