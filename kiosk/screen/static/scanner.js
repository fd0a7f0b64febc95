// A barcode scanner on USB is a keyboard that types a pass in an instant and ends with Enter, whatever has the focus:
// a field, a button, a dialog. Nobody types as fast and as long. What it has typed into a field is taken out again.
"use strict";

{
  const GAP_MS = 80; // between two keys; slow scanners type one every 30 ms
  const SHORTEST = 12;
  let typed = "", last = 0, field = null, before = "";

  const isField = (target) => target.matches?.("input, textarea, select");

  // Before everybody else: keys of a scan must press no button and confirm no dialog.
  window.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const fast = event.timeStamp - last < GAP_MS;
    if (event.key.length === 1) {
      last = event.timeStamp;
      if (!fast) {
        typed = "";
        field = isField(event.target) ? event.target : null;
        before = field?.value ?? "";
      }
      typed += event.key;
      // The first key may be anybody's; what follows at once is a scanner's, and goes nowhere but into a field.
      if (fast && !isField(event.target)) stop(event);
    } else if (event.key === "Enter" && fast && typed.length >= SHORTEST) {
      stop(event);
      if (field) {
        field.value = before;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
      scanned(typed);
      typed = "";
    }
  }, true);

  const stop = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };

  const scanned = (code) => fetch("/codes", {
    method: "POST",
    headers: { "Content-Type": "text/plain", "X-Gatepost-Token": document.body.dataset.token },
    body: code,
  }).catch(() => {}); // the program is gone: the page says so by itself
}
