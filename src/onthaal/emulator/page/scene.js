// The wall itself: doors by real proportion, what lies behind them, the terminal with its readers.
import { act, draggable, fill, icon, make, onThing, say, words } from "./talk.js";

const ABOVE = 60;
const columns = document.getElementById("columns");
const cabinet = columns.parentElement;
const doors = new Map();

export function build(state, choose) {
  const top = Math.max(...state.compartments.map((each) => each.top_mm)) + ABOVE;
  const bottom = Math.min(...state.compartments.map((each) => each.bottom_mm)) - ABOVE / 2;
  cabinet.style.setProperty("--height-mm", top - bottom);
  const numbers = [...new Set(state.compartments.map((each) => each.column))].sort((a, b) => a - b);
  const drawn = numbers.map((number) => make("div", { class: "column" },
    ...state.compartments.filter((each) => each.column === number)
      .map((each) => door(each, { top, height: top - bottom }, choose))));
  drawn.splice(Math.ceil(numbers.length / 2), 0, terminal(state));
  cabinet.style.setProperty("--count", drawn.length);
  columns.replaceChildren(...drawn);
  document.getElementById("wall-name").textContent = state.name;
}

function door(compartment, { top, height }, choose) {
  const { number, size } = compartment;
  const face = make("span", { class: "face front" },
    make("span", { class: "number", text: number }), make("span", { class: "size", text: size }),
    make("span", { class: "handle" }), make("span", { class: "lamp" }));
  const leaf = make("button", { type: "button", class: "leaf", "data-key": `leaf-${number}` }, face, make("span", { class: "face back" }));
  const inside = make("div", { class: "inside" });
  const frame = make("div", { class: "door", role: "group", "aria-label": words("compartment", { number }), "data-number": number }, inside, leaf);
  frame.style.setProperty("--top", `${((top - compartment.top_mm) / height) * 100}%`);
  frame.style.setProperty("--tall", `${((compartment.top_mm - compartment.bottom_mm) / height) * 100}%`);
  leaf.addEventListener("click", () => { choose(number); swing(number); });
  onThing(frame, (thing) => act("/hand/put", { compartment: number, thing }));
  doors.set(number, { frame, leaf, inside, pulses: compartment.pulses, door: compartment.door });
  return frame;
}

export async function swing(number) {
  const { frame, door: now } = doors.get(number);
  const done = await act(now === "open" ? "/hand/shut" : "/hand/open", { compartment: number });
  if (done) return;
  frame.classList.remove("rattles");
  void frame.offsetWidth; // restarts the animation
  frame.classList.add("rattles");
}

function terminal(state) {
  const has = (name) => state.lines.some((line) => line.name === name);
  return make("div", { class: "column terminal" },
    make("div", { class: "screen", "aria-hidden": "true" }, make("span", { class: "glow" }), make("b", { text: state.name }), make("i", { text: "24/7" })),
    make("div", { class: "speaker", "aria-hidden": "true" }),
    has("codes") ? goTo("code-text", "code", "code_reader") : null,
    has("tags") ? receiving(goTo("tag-panel", "tagged", "tag_reader")) : null);
}

function receiving(reader) {
  onThing(reader, (thing) => act("/reader/tag", { thing }));
  return reader;
}

function goTo(target, picture, name) {
  return make("button", {
    type: "button", class: `reader ${picture}`, "aria-label": words(name), "data-key": `reader-${picture}`,
    onclick: () => {
      const place = document.getElementById(target);
      place.scrollIntoView({ block: "center", behavior: "smooth" });
      (place.matches("input") ? place : place.querySelector("summary, button")).focus({ preventScroll: true });
    },
  }, icon(picture));
}

export function show(state, chosen, held) {
  const silent = new Set(state.faults.filter((fault) => fault.kind === "silent").map((fault) => fault.bus));
  for (const compartment of state.compartments) showDoor(compartment, { chosen: chosen === compartment.number, held, dark: silent.has(compartment.bus) });
  document.querySelector(".reader.tagged")?.classList.toggle("busy", state.reader.tag !== null);
}

function showDoor(compartment, { chosen, held, dark }) {
  const { number, things } = compartment;
  const drawn = doors.get(number);
  const open = compartment.door === "open";
  const state = words(open ? "state_open" : compartment.bolt === "released" ? "state_loose" : "state_closed");
  drawn.frame.classList.toggle("open", open);
  drawn.frame.classList.toggle("chosen", chosen);
  drawn.frame.classList.toggle("dark", dark);
  drawn.frame.classList.toggle("faulty", compartment.faults.length > 0);
  drawn.leaf.setAttribute("aria-label", words(open ? "push_door" : "pull_door", { number, state }));
  if (compartment.pulses > drawn.pulses) flash(drawn.frame);
  if (open !== (drawn.door === "open")) say(words(open ? "door_opened" : "door_shut", { number }));
  drawn.pulses = compartment.pulses;
  drawn.door = compartment.door;
  fill(drawn.inside, ...(open ? insides(number, things, held) : []));
}

function insides(number, things, held) {
  const lying = things.map((thing) => draggable(make("button", {
    type: "button", class: `thing ${thing.tag ? "tagged" : "envelope"}`, "data-key": `in-${thing.id}`, title: thing.text,
    "aria-label": words("take_thing", { thing: thing.text, number }),
    onclick: () => act("/hand/take", { compartment: number, thing: thing.id }),
  }, icon(thing.tag ? "tagged" : "envelope"), make("span", { text: thing.text })), thing));
  const room = held ? make("button", {
    type: "button", class: "room", "data-key": `put-${number}`, "aria-label": words("put_thing", { thing: held.text, number }),
    onclick: () => act("/hand/put", { compartment: number, thing: held.id }),
  }, make("span", { text: words("put") })) : null;
  return [make("div", { class: "lying" }, ...lying, room)];
}

function flash(frame) {
  frame.classList.remove("pulsed");
  void frame.offsetWidth; // restarts the animation
  frame.classList.add("pulsed");
}
