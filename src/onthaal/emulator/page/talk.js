// Talking to the wall: words, acts, and the stream of what is.
export const lang = document.documentElement.lang;
let catalogue = {};

export async function learnWords() {
  catalogue = await (await fetch(`/words?lang=${lang}`)).json();
}

export function words(key, slots = {}) {
  return catalogue[key].replace(/\{(\w+)\}/g, (_, slot) => slots[slot]);
}

const said = document.getElementById("said");
let fading = 0;

export function say(text, wrong = false) {
  said.textContent = text;
  said.dataset.wrong = wrong;
  said.dataset.shown = "true";
  clearTimeout(fading);
  fading = setTimeout(() => { said.dataset.shown = "false"; }, 6000);
}

// Does one act; true when the world allowed it, else says why not.
export async function act(path, body = {}) {
  let answer;
  try {
    answer = await fetch(`${path}?lang=${lang}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    say(words("link_down"), true);
    return null;
  }
  const told = await answer.json();
  if (answer.ok) return told;
  say(told.error, true);
  return null;
}

export function follow(show) {
  const link = document.getElementById("link");
  const tell = (up) => {
    link.dataset.up = up;
    document.getElementById("link-words").textContent = words(up ? "link_up" : "link_down");
  };
  const stream = new EventSource("/events");
  stream.onopen = () => tell(true);
  stream.onerror = () => tell(false);
  stream.onmessage = (event) => show(JSON.parse(event.data));
}

// A small builder: tag, attributes (on… are listeners, text is text), children.
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const use = document.createElementNS(space, "use");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `/static/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

// Things can be dragged too; every drag has a button that does the same.
const CARRIED = "application/x-thing";

export function draggable(element, thing) {
  element.draggable = true;
  element.addEventListener("dragstart", (event) => event.dataTransfer.setData(CARRIED, thing.id));
  return element;
}

export function onThing(element, receive) {
  const carries = (event) => event.dataTransfer.types.includes(CARRIED);
  element.addEventListener("dragover", (event) => { if (carries(event)) event.preventDefault(); });
  element.addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    event.stopPropagation();
    receive(event.dataTransfer.getData(CARRIED));
  });
}

// Replaces an element's children and leaves the focus where the person had it.
export function fill(element, ...children) {
  const key = element.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  element.replaceChildren(...children.filter((child) => child != null));
  if (!key) return;
  const again = element.querySelector(`[data-key="${CSS.escape(key)}"]`) ?? element.querySelector("button") ?? element.parentElement.querySelector("button");
  again?.focus({ preventScroll: true });
}
