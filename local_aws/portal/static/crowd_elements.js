// A small implementation of AWS's crowd HTML elements, enough for worker templates of this kind.
// It runs inside the sandboxed frame and sends the answer to the surrounding page.
//
// Answers as A2I stores them: a crowd-form yields {name: value}; a text or hidden input its text;
// crowd-checkbox {name: {value: true|false}}; crowd-radio-group {name: {value: true|false, ...}}.
(() => {
  const create = (tag, members = {}) => Object.assign(document.createElement(tag), members);

  // Runs `build` once the element's own children have been parsed.
  const whenParsed = (build) => {
    if (document.readyState !== "loading") build();
    else document.addEventListener("DOMContentLoaded", build, { once: true });
  };

  class CrowdElement extends HTMLElement {
    connectedCallback() {
      if (this.built) return;
      this.built = true;
      whenParsed(() => this.build());
    }
    build() {}
    get name() { return this.getAttribute("name"); }
    get value() { return this.getAttribute("value") ?? "on"; }
    get label() { return this.getAttribute("label") ?? this.textContent.trim(); }
    requires() { return this.hasAttribute("required"); }
  }

  class CrowdForm extends CrowdElement {
    build() {
      if (!this.querySelector("crowd-button")) {
        this.append(create("crowd-button", { textContent: "Submit" }));
      }
      this.addEventListener("click", (event) => {
        const button = event.target.closest("crowd-button");
        if (button?.submits()) this.submit();
      });
      addEventListener("message", (event) => {
        if (event.source === parent && event.data?.kind === "crowd-refused") this.setBusy(false);
      });
    }
    submit() {
      const invalid = [...this.querySelectorAll("input, select, textarea")]
        .find((field) => !field.checkValidity());
      if (invalid) { invalid.reportValidity(); return; }
      const event = new Event("submit", { bubbles: true, cancelable: true });
      if (!this.dispatchEvent(event)) return;
      this.setBusy(true);
      parent.postMessage({ kind: "crowd-answer", content: this.answers() }, "*");
    }
    setBusy(busy) {
      for (const button of this.querySelectorAll("crowd-button button")) button.disabled = busy;
    }
    answers() {
      const content = {};
      for (const field of this.querySelectorAll("input[name], select[name], textarea[name]")) {
        const chooses = field.type === "checkbox" || field.type === "radio";
        if (!chooses || field.checked) content[field.name] = field.value;
      }
      for (const element of this.querySelectorAll("[data-crowd-answer]")) {
        const given = element.answer();
        const merges = typeof given === "object" && typeof content[element.name] === "object";
        content[element.name] = merges ? { ...content[element.name], ...given } : given;
      }
      return content;
    }
  }

  class CrowdButton extends CrowdElement {
    build() {
      const button = create("button", { type: "button" });
      button.append(...this.childNodes);
      button.disabled = this.hasAttribute("disabled");
      this.append(button);
    }
    submits() {
      return this.getAttribute("form-action") !== "none" && !this.hasAttribute("disabled");
    }
  }

  class CrowdField extends CrowdElement {
    build() {
      this.dataset.crowdAnswer = "";
      const label = create("label");
      this.field = this.makeField();
      this.field.required = this.requires();
      label.append(create("span", { textContent: this.label }), this.field);
      this.replaceChildren(label);
    }
    answer() { return this.field.value; }
  }

  class CrowdInput extends CrowdField {
    makeField() {
      return create("input", {
        type: this.getAttribute("type") ?? "text",
        value: this.getAttribute("value") ?? "",
        placeholder: this.getAttribute("placeholder") ?? "",
      });
    }
  }

  class CrowdTextArea extends CrowdField {
    makeField() {
      return create("textarea", {
        rows: Number(this.getAttribute("rows") ?? 3),
        value: this.getAttribute("value") ?? "",
        placeholder: this.getAttribute("placeholder") ?? "",
      });
    }
  }

  class CrowdCheckbox extends CrowdElement {
    build() {
      this.dataset.crowdAnswer = "";
      const label = create("label");
      this.box = create("input", { type: "checkbox", checked: this.hasAttribute("checked") });
      this.box.required = this.requires();
      label.append(this.box, ...this.childNodes);
      this.replaceChildren(label);
    }
    answer() { return { [this.value]: this.box.checked }; }
  }

  class CrowdRadioGroup extends CrowdElement {}

  let groups = 0;
  class CrowdRadioButton extends CrowdElement {
    build() {
      this.dataset.crowdAnswer = "";
      const group = this.closest("crowd-radio-group") ?? this.closest("crowd-form");
      group.dataset.group ??= `crowd-group-${groups++}`;
      const label = create("label");
      this.box = create("input", { type: "radio", checked: this.hasAttribute("checked") });
      this.box.dataset.group = group.dataset.group;
      this.box.addEventListener("change", () => this.clearOthers(group));
      label.append(this.box, ...this.childNodes);
      this.replaceChildren(label);
    }
    clearOthers(group) {
      for (const box of group.querySelectorAll(`input[data-group="${group.dataset.group}"]`)) {
        if (box !== this.box) box.checked = false;
      }
    }
    answer() { return { [this.value]: this.box.checked }; }
  }

  class CrowdInstructions extends CrowdElement {
    build() {
      const details = create("details");
      const summary = create("summary", {
        textContent: this.getAttribute("link-text") ?? "Instructions",
      });
      details.append(summary, ...this.childNodes);
      this.append(details);
    }
  }

  customElements.define("crowd-form", CrowdForm);
  customElements.define("crowd-button", CrowdButton);
  customElements.define("crowd-input", CrowdInput);
  customElements.define("crowd-text-area", CrowdTextArea);
  customElements.define("crowd-checkbox", CrowdCheckbox);
  customElements.define("crowd-radio-group", CrowdRadioGroup);
  customElements.define("crowd-radio-button", CrowdRadioButton);
  customElements.define("crowd-instructions", CrowdInstructions);
})();
