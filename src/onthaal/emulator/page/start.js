// One person before one wall: what is chosen here, everything else comes from the wall.
import { act, follow, learnWords, say, words } from "./talk.js";
import { build, show } from "./scene.js";
import { handsReceive, showChosen, showFaults, showHands, showReaders } from "./panels.js";
import { pictureCode } from "./picture.js";

let state = null;
let door = null;
let thing = null;

function draw() {
  const held = state.hands.find((each) => each.id === thing) ?? state.hands.at(-1) ?? null;
  show(state, door, held);
  showHands(state, held, (id) => { thing = id; draw(); });
  showChosen(state, door, held);
  showReaders(state);
  showFaults(state);
}

function chooseDoor(number) {
  door = number;
  draw();
}

async function makeNew(kind, tag) {
  const done = await act("/hand/make", { text: words(kind, { count: nextNumber(kind) }), tag });
  if (done) thing = done.thing.id;
}

// One above the highest number that such a thing carries already.
function nextNumber(kind) {
  const all = [...state.hands, ...state.outside, ...state.compartments.flatMap((each) => each.things)];
  const stem = words(kind, { count: "" });
  const taken = all.filter((each) => each.text.startsWith(stem)).map((each) => Number(each.text.slice(stem.length)) || 0);
  return Math.max(0, ...taken) + 1;
}

function onForm(id, path, body, after) {
  document.getElementById(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const done = await act(path, body(new FormData(form)));
    if (!done) return;
    form.reset();
    after?.(done);
  });
}

function onClick(id, what) {
  document.getElementById(id).addEventListener("click", what);
}

await learnWords();
onClick("new-envelope", () => makeNew("envelope", null));
onClick("new-material", () => makeNew("material", "new"));
onClick("mend", () => act("/fault/clear"));
onClick("power", async () => { if (await act("/power", { cut: true })) say(words("power_was_cut")); });
onForm("make", "/hand/make", (form) => ({ text: form.get("text"), tag: form.get("tag").trim() || null }), (done) => { thing = done.thing.id; });
onForm("code", "/reader/code", (form) => ({ text: form.get("text").trim() }), () => say(words("code_was_held")));
onForm("tag", "/reader/tag", (form) => ({ tag: form.get("tag").trim() }));
pictureCode();
handsReceive((id) => {
  if (state.hands.some((each) => each.id === id)) return "hands";
  return state.compartments.find((each) => each.things.some((lying) => lying.id === id))?.number ?? "outside";
});
follow((news) => {
  const first = state === null;
  const before = new Map(state?.compartments.map((each) => [each.number, each.door]));
  // A door that springs open is what the person looks at.
  door = news.compartments.find((each) => each.door === "open" && before.get(each.number) === "closed")?.number ?? door;
  state = news;
  if (first) build(state, chooseDoor);
  draw();
  document.getElementById("all").inert = false; // until here nobody hears a press
});
