// The desk works without this: it only prints on a button, lets a scan replace what stood in its field, and keeps the focus when the live wall is drawn anew.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
function chosen(field) {
  if (field?.closest("[data-scan]")) field.select?.();
}
document.addEventListener("focusin", (event) => chosen(event.target));
document.addEventListener("DOMContentLoaded", () => chosen(document.activeElement));
