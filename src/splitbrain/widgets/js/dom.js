// Making and changing elements. An attribute is touched only if its value changes, so focus and hover stay.

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  set(element, attributes);
  element.append(...children);
  return element;
}

/**
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Node | string)} children
 * @returns {any}
 */
export function html(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  set(element, attributes);
  element.append(...children);
  return element;
}

/**
 * @param {Element} element
 * @param {Record<string, any>} attributes null removes an attribute
 */
export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
  }
}

/**
 * @param {Node} element
 * @param {string} text
 */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Make an element answer a click, Enter and Space alike.
 * @param {Element} element
 * @param {(event: Event) => void} act
 */
export function pressable(element, act) {
  set(element, { role: "button", tabindex: "0" });
  element.addEventListener("click", act);
  element.addEventListener("keydown", (event) => {
    const { key, repeat, ctrlKey, metaKey, shiftKey, altKey } = /** @type {KeyboardEvent} */ (event);
    if ((key !== "Enter" && key !== " ") || ctrlKey || metaKey || shiftKey || altKey) return;
    event.preventDefault();
    if (!repeat) act(event);
  });
}

/**
 * JupyterLab would take plain keys (Enter, letters) for commands of its own: inside `root` it must not, while
 * Shift+Enter and whatever has Ctrl stay its own. It asks the element that has the focus for an attribute, from a
 * listener on the document; this one sits before it.
 * @param {Element} root
 * @returns {() => void} undoes it
 */
export function keepKeys(root) {
  const mark = (/** @type {KeyboardEvent} */ { target, key, ctrlKey, metaKey, shiftKey }) => {
    if (!(target instanceof Element) || !root.contains(target)) return;
    const theirs = ctrlKey || metaKey || (shiftKey && key === "Enter");
    target.toggleAttribute("data-lm-suppress-shortcuts", !theirs);
  };
  window.addEventListener("keydown", mark, true);
  return () => window.removeEventListener("keydown", mark, true);
}
