// Beside the wall: hands, the chosen compartment, the readers, the faults.
import { act, draggable, fill, icon, make, onThing, words } from "./talk.js";
import { swing } from "./scene.js";

const $ = (id) => document.getElementById(id);

function card(thing, { chosen, onchoose, buttons }) {
  const name = make("span", { class: "name" }, icon(thing.tag ? "tagged" : "envelope"),
    make("span", { text: thing.text }), thing.tag ? make("code", { text: thing.tag }) : null);
  const head = onchoose ? make("button", {
    type: "button", class: "choose", "aria-pressed": String(chosen), "data-key": `choose-${thing.id}`, "aria-label": words("choose_thing", { thing: thing.text }), onclick: onchoose,
  }, name) : name;
  const drawn = make("div", { class: `card ${thing.tag ? "tagged" : "envelope"}${chosen ? " chosen" : ""}` }, head, make("span", { class: "acts" }, ...buttons.filter(Boolean)));
  return thing.id ? draggable(drawn, thing) : drawn;
}

function button(key, text, label, onclick, kind = "plain") {
  return make("button", { type: "button", class: kind, "data-key": key, text, "aria-label": label, onclick });
}

const quiet = (key) => make("p", { class: "quiet", text: words(key) });

// Whatever is dropped on the hands comes into the hands, out of a compartment or from beside the wall.
export function handsReceive(where) {
  onThing($("hands").closest("section"), (thing) => {
    const compartment = where(thing);
    if (compartment === "outside") act("/hand/pick", { thing });
    else if (compartment !== "hands") act("/hand/take", { compartment, thing });
  });
}

export function showHands(state, held, choose) {
  const cards = state.hands.map((thing) => card(thing, {
    chosen: held?.id === thing.id,
    onchoose: () => choose(thing.id),
    buttons: [
      thing.tag ? button(`hold-${thing.id}`, words("hold_tag"), words("hold_tag_thing", { thing: thing.text }), () => act("/reader/tag", { thing: thing.id })) : null,
      button(`drop-${thing.id}`, words("drop"), words("drop_thing", { thing: thing.text }), () => act("/hand/drop", { thing: thing.id })),
    ],
  }));
  fill($("hands"), ...(cards.length ? [...cards, quiet("hands_hint")] : [quiet("hands_empty")]));
  const outside = state.outside.map((thing) => card(thing, {
    buttons: [button(`pick-${thing.id}`, words("take"), words("pick_thing", { thing: thing.text }), () => act("/hand/pick", { thing: thing.id }))],
  }));
  fill($("outside"), ...(outside.length ? outside : [quiet("outside_empty")]));
}

export function showChosen(state, number, held) {
  const compartment = state.compartments.find((each) => each.number === number);
  if (!compartment) return;
  const open = compartment.door === "open";
  $("chosen-title").textContent = words("compartment", { number });
  const doing = [
    button(`swing-${number}`, words(open ? "push" : "pull"), null, () => swing(number), "strong"),
    open && held ? button(`into-${number}`, words("put"), words("put_thing", { thing: held.text, number }), () => act("/hand/put", { compartment: number, thing: held.id })) : null,
    open ? null : button(`lever-${number}`, words("lever"), null, () => act("/hand/lever", { compartment: number })),
  ];
  const lying = open ? compartment.things.map((thing) => card(thing, {
    buttons: [button(`take-${thing.id}`, words("take"), words("take_thing", { thing: thing.text, number }), () => act("/hand/take", { compartment: number, thing: thing.id }))],
  })) : [];
  const openBefore = $("chosen").querySelector("details")?.open;
  fill($("chosen"),
    make("p", { class: "facts" },
      make("b", { class: open ? "state open" : "state", text: words(open ? "state_open" : compartment.bolt === "released" ? "state_loose" : "state_closed") }),
      make("span", { text: `${compartment.size} · ${compartment.bottom_mm}–${compartment.top_mm} mm` })),
    make("div", { class: "row" }, ...doing.filter(Boolean)),
    make("div", { class: "things" }, ...(open ? (lying.length ? lying : [quiet("empty")]) : [quiet("hidden")])),
    make("details", { open: openBefore || compartment.faults.length > 0 }, make("summary", { text: words("faults_of"), "data-key": "faults-of" }),
      switches(state.compartment_faults, compartment.faults, { compartment: number })));
}

function switches(kinds, on, place) {
  return make("div", { class: "switches" }, ...kinds.map((kind) => switcher(kind, words(`fault.${kind}`), on.includes(kind), place)));
}

function switcher(kind, text, on, place) {
  return make("button", {
    type: "button", role: "switch", class: "switch", "aria-checked": String(on), "data-key": `fault-${place.bus ?? place.compartment}-${kind}`,
    onclick: () => act("/fault", { kind, ...place, on: !on }),
  }, make("span", { class: "track", "aria-hidden": "true" }), make("span", { text }));
}

export function showReaders(state) {
  const has = (name) => state.lines.some((line) => line.name === name);
  $("code-panel").hidden = !has("codes");
  $("tag-panel").hidden = !has("tags");
  fill($("offered"), ...state.codes.map((code) => button(`code-${code.name}`, code.name, words("hold_offered", { name: code.name }), () => act("/reader/code", { text: code.text }))));
  const { tag, thing } = state.reader;
  const held = state.hands.find((each) => each.id === thing) ?? { text: words("strange_tag"), tag };
  fill($("field"), tag === null ? quiet("field_empty") : card(held, { chosen: true, buttons: [button("tag-away", words("tag_away"), null, () => act("/reader/tag/clear"))] }));
}

export function showFaults(state) {
  const openBefore = new Set([...$("lines").querySelectorAll("details[open]")].map((each) => each.dataset.line));
  fill($("lines"), ...state.lines.map((line) => {
    const on = state.faults.filter((fault) => fault.bus === line.name).map((fault) => fault.kind);
    const others = line.kinds.filter((kind) => kind !== "silent");
    const count = on.filter((kind) => kind !== "silent").length;
    return make("div", { class: "cable" },
      switcher("silent", words("unplug", { line: line.name }), on.includes("silent"), { bus: line.name }),
      make("details", { "data-line": line.name, open: openBefore.has(line.name) },
        make("summary", { "data-key": `line-${line.name}` }, make("span", { text: words("faults_bus", { line: line.name }) }),
          count ? make("b", { class: "count", text: words("faults_on", { count }) }) : null),
        switches(others, on, { bus: line.name })));
  }));
  $("mend").disabled = state.faults.length === 0;
  $("power").hidden = !state.power;
}
