// Looks whether something changed since this page was made, and then loads it again.
const { state, seen } = document.body.dataset;

async function look() {
  try {
    const answer = await fetch(state, { cache: "no-store" });
    if (!answer.ok || (await answer.text()) !== seen) {
      location.reload();
      return;
    }
  } catch {
    // Not to be reached for a moment: look again.
  }
  setTimeout(look, 700);
}

setTimeout(look, 700);
