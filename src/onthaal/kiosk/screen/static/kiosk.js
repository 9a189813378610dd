// The screen: shows the fragments it is sent, sends each touch back. Nothing is decided here.
"use strict";
(() => {
  const view = document.getElementById("view");
  const gone = document.getElementById("gone");
  const SETTLE = 350; // ms in which a second tap on the same spot still means the screen before
  const SPOT = 40; // px: how near *the same spot* is
  const BOUNCE = 25; // ms: glass that reports one finger twice
  const SILENCE = 15000; // ms without a sign of the agent
  let revision = Number(view.dataset.revision);
  let changedAt = 0;
  let pressed = null; // the button that a mouse went down on, and the question that was asked there
  let lastTouch = { what: "", at: 0, x: -1000, y: -1000 };
  let lastSign = Date.now();
  let sending = Promise.resolve();

  const screen = () => view.firstElementChild;
  const name = () => screen().dataset.screen;

  function show(html, newRevision) {
    const before = name();
    const focused = document.activeElement && document.activeElement.closest("[data-act]");
    const keep = focused && [focused.dataset.act, focused.dataset.value];
    view.innerHTML = html;
    document.documentElement.lang = screen().dataset.lang;
    const other = newRevision !== revision || name() !== before;
    revision = newRevision;
    if (other) {
      changedAt = Date.now();
      delete view.dataset.settled;
      setTimeout(settled, SETTLE, revision);
      const question = document.getElementById("question");
      if (question) question.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    } else if (keep) {
      const same = [...view.querySelectorAll("[data-act]")].find(
        (one) => one.dataset.act === keep[0] && one.dataset.value === keep[1],
      );
      if (same) same.focus({ preventScroll: true });
    }
  }

  // Says so in the page, for whoever drives it with a program.
  function settled(shown) {
    if (shown === revision) view.dataset.settled = "";
  }

  const settling = () => Date.now() - changedAt < SETTLE && view.dataset.settled === undefined;

  function send(act, value) {
    const body = JSON.stringify({ revision, act, value: value || "" });
    const headers = { "Content-Type": "application/json" };
    sending = sending.then(() => fetch("/act", { method: "POST", headers, body }).catch(() => away(true)));
  }

  // The touch that changed the screen never presses what it brought.
  function stray(event, what) {
    const now = Date.now();
    const near = Math.hypot(event.clientX - lastTouch.x, event.clientY - lastTouch.y) < SPOT;
    const late = near && lastTouch.at < changedAt && now - changedAt < SETTLE;
    const bounced = what === lastTouch.what && now - lastTouch.at < BOUNCE;
    if (!late) lastTouch = { what, at: now, x: event.clientX, y: event.clientY };
    return event.detail > 0 && (late || bounced);
  }

  function away(is) {
    gone.hidden = !is;
    view.inert = is;
    if (!is) lastSign = Date.now();
  }

  // Such a touch does not take the focus away from the question either.
  document.addEventListener("mousedown", (event) => {
    if (settling()) event.preventDefault();
  });

  const named = (button) => button && `${button.dataset.act}:${button.dataset.value || ""}`;

  function touched(event) {
    const button = event.target.closest("[data-act]");
    const what = name() === "attract" ? "start:" : named(button);
    if (!what || stray(event, what)) return;
    if (name() === "attract") send("start");
    else send(button.dataset.act, button.dataset.value);
  }

  document.addEventListener("click", touched);

  document.addEventListener("pointerdown", (event) => {
    const button = event.target.closest("[data-act]");
    pressed = button && { button, what: named(button), revision };
  });

  // A mouse whose button was drawn anew between down and up makes no click; a finger does.
  document.addEventListener("pointerup", (event) => {
    const was = pressed;
    pressed = null;
    if (!was || was.button.isConnected || was.revision !== revision || event.pointerType === "touch") return;
    if (named(event.target.closest("[data-act]")) === was.what) touched(event);
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    const onButton = event.target.closest && event.target.closest("button");
    if (name() === "attract") {
      if (event.key !== "Tab" && !onButton) send("start");
    } else if (/^[0-9]$/.test(event.key)) {
      send("key", event.key);
    } else if (event.key === "Backspace") {
      send("erase");
    } else if (event.key === "Escape") {
      send("back");
    } else if (event.key === "Enter" && !onButton) {
      send("enter");
    } else {
      return;
    }
    if (!onButton || event.key !== "Enter") event.preventDefault();
  });

  document.addEventListener("contextmenu", (event) => event.preventDefault());

  function listen() {
    const events = new EventSource("/events");
    events.addEventListener("view", (event) => {
      away(false);
      show(event.data, Number(event.lastEventId));
    });
    events.addEventListener("beat", () => away(false));
    events.onerror = () => {
      away(true);
      if (events.readyState === EventSource.CLOSED) {
        events.close();
        setTimeout(listen, 1000);
      }
    };
  }

  setInterval(() => {
    if (Date.now() - lastSign > SILENCE) away(true);
  }, 1000);
  setTimeout(settled, SETTLE, revision);
  listen();
})();
