// A picture with controls, all of them native elements. What is drawn is known in Python only.

import { html, keepKeys, set, write } from "./js/dom.js";
import { watchKernel } from "./js/kernel.js";

/** @typedef {{name: string, kind: "number" | "slider" | "menu", label: string, unit: string, options: any[],
 *             low: number, high: number, step: number, most: string}} Control */
/** @typedef {{source: string, alt: string, caption: string, columns: string[],
 *             rows: Record<string, string>[]}} Shown */

/** @param {Control} control */
function createMenu(control) {
  const select = html("select", { name: control.name }, ...control.options.map((o) => html("option", {}, String(o))));
  return {
    input: select,
    /** @param {any} value */
    put(value) {
      select.selectedIndex = control.options.indexOf(value);
    },
    take: () => control.options[select.selectedIndex],
    told: () => "",
  };
}

/** @param {Control} control */
function createSlider(control) {
  const { options, low, high, step } = control;
  const listed = control.kind === "slider";
  const range = listed ? { min: 0, max: options.length - 1, step: 1 } : { min: low, max: high, step };
  const slider = html("input", { type: "range", name: control.name, ...range });
  const take = () => (listed ? options[slider.valueAsNumber] : slider.valueAsNumber);
  return {
    input: slider,
    /**
     * @param {any} value
     * @param {number} [most]
     */
    put(value, most) {
      if (most !== undefined) set(slider, { max: Math.min(most, high) });
      slider.value = String(listed ? options.indexOf(value) : value);
    },
    take,
    told: () => `${take()}${control.unit ? ` ${control.unit}` : ""}`,
  };
}

/**
 * A control with its name before it and its value behind it.
 * @param {Control} control
 * @param {any} model
 */
function createControl(control, model) {
  const part = control.kind === "menu" ? createMenu(control) : createSlider(control);
  const value = html("span", { class: "sb-value", "aria-hidden": "true" }); // the slider itself says it: aria-valuetext
  const tell = () => {
    write(value, part.told());
    if (part.told()) set(part.input, { "aria-valuetext": part.told() });
  };
  part.input.addEventListener("input", tell);
  part.input.addEventListener("change", () => {
    model.set(control.name, part.take());
    model.save_changes();
  });
  const show = () => {
    part.put(model.get(control.name), control.most ? model.get(control.most) : undefined);
    tell();
  };
  const names = [control.name, ...(control.most ? [control.most] : [])].map((name) => `change:${name}`);
  for (const name of names) model.on(name, show);
  show();
  return {
    element: html("label", { class: "sb-control" }, html("span", {}, control.label), part.input, value),
    release() {
      for (const name of names) model.off(name, show);
    },
  };
}

/** The picture, what it says in one sentence, and its table, which stays folded or unfolded as the reader left it. */
function createPicture() {
  const image = html("img", {});
  const said = html("p", { class: "sb-said", role: "status" });
  const caption = html("figcaption", {});
  const summary = html("summary", {});
  const table = html("table", {});
  return {
    element: html("figure", {}, said, image, caption, html("details", {}, summary, table)),
    /** @param {Shown} shown */
    update(shown) {
      set(image, { src: shown.source, alt: shown.alt });
      write(said, shown.alt.split("\n")[0]);
      write(caption, shown.caption);
      write(summary, `The picture as a table (${shown.rows.length} rows)`);
      const head = html("tr", {}, ...shown.columns.map((name) => html("th", { scope: "col" }, name)));
      const rows = shown.rows.map((row) => html("tr", {}, ...shown.columns.map((name, i) =>
        i ? html("td", {}, row[name] ?? "") : html("th", { scope: "row" }, row[name] ?? ""))));
      table.replaceChildren(html("thead", {}, head), html("tbody", {}, ...rows));
    },
  };
}

/**
 * When the kernel has gone, nothing here can answer any more: say so.
 * @param {HTMLElement} root
 */
function sayGone(root) {
  if (root.dataset.gone) return;
  root.dataset.gone = "yes";
  root.prepend(html("p", { class: "sb-gone", role: "alert" }, "The kernel has ended. Run this cell again."));
  for (const control of root.querySelectorAll("input, select")) set(control, { disabled: "" });
}

/** @param {{model: any, el: HTMLElement}} context */
function render({ model, el }) {
  const setup = model.get("setup");
  const controls = setup.controls.map((/** @type {Control} */ control) => createControl(control, model));
  const picture = createPicture();
  const root = html("div", { class: "sb-explorer", role: "group", "aria-label": setup.title },
    html("div", { class: "sb-explorer-controls" }, ...controls.map((/** @type {any} */ c) => c.element)),
    picture.element);
  el.append(root);
  const show = () => picture.update(model.get("shown"));
  model.on("change:shown", show);
  show();
  const undo = [keepKeys(root), watchKernel(model, () => sayGone(root)), () => model.off("change:shown", show),
    ...controls.map((/** @type {any} */ c) => c.release)];
  return () => {
    for (const release of undo) release();
  };
}

export default { render };
