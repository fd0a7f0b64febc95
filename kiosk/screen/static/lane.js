"use strict";
// Shows what the gate sends. When nothing has come for five seconds the picture turns grey: an old green is a lie.
const lane = document.getElementById("lane");
const source = new EventSource(document.body.dataset.events);
let heard = Date.now();
source.addEventListener("lane", (event) => {
  heard = Date.now();
  lane.innerHTML = event.data;
});
source.addEventListener("alive", () => { heard = Date.now(); });
setInterval(() => lane.classList.toggle("silent", Date.now() - heard > 5000), 500);
