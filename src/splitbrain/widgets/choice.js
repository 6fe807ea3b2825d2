// A question and its answers, each a button: moving among them chooses nothing, pressing one does.

import { html, keepKeys, set } from "./js/dom.js";
import { watchKernel } from "./js/kernel.js";

/**
 * Text with `code` in backticks, as nodes.
 * @param {string} text
 */
function markedNodes(text) {
  return text.split(/`([^`]+)`/).map((part, i) => (i % 2 ? html("code", {}, part) : document.createTextNode(part)));
}

/**
 * @param {any} model
 * @param {string} option
 * @param {number} place
 */
function createOption(model, option, place) {
  const letter = html("span", { class: "sb-letter" }, String.fromCharCode(97 + place));
  const button = html("button", { type: "button", class: "sb-option" }, letter, html("span", {}, ...markedNodes(option)));
  button.addEventListener("click", () => {
    model.set("chosen", place);
    model.save_changes();
  });
  return button;
}

/** @param {{model: any, el: HTMLElement}} context */
function render({ model, el }) {
  const { question, options } = model.get("setup");
  const buttons = options.map((/** @type {string} */ option, /** @type {number} */ i) => createOption(model, option, i));
  const note = html("p", { class: "sb-note", role: "status" });
  const root = html("div", { class: "sb-choice", role: "group", "aria-label": question.replaceAll("`", "") },
    html("p", { class: "sb-question" }, ...markedNodes(question)), html("div", {}, ...buttons), note);
  el.append(root);
  const show = () => {
    for (const [i, button] of buttons.entries()) set(button, { "aria-pressed": model.get("chosen") === i });
    if (note.dataset.text !== model.get("note")) note.replaceChildren(...markedNodes(model.get("note")));
    note.dataset.text = model.get("note");
  };
  const gone = () => {
    for (const button of buttons) set(button, { disabled: "" });
    note.replaceChildren("The kernel has ended. Run this cell again.");
  };
  const undo = [keepKeys(root), watchKernel(model, gone)];
  for (const name of ["change:chosen", "change:note"]) model.on(name, show);
  show();
  return () => {
    for (const release of undo) release();
    for (const name of ["change:chosen", "change:note"]) model.off(name, show);
  };
}

export default { render };
