// New rows by themselves: the server renders and escapes, this file only puts the parts in their places.
"use strict";

const { language, newest, mostLines } = document.body.dataset;
const log = document.getElementById("log");
const live = document.getElementById("live");
const source = new EventSource(`/events?lang=${language}&after=${newest}`);

source.addEventListener("log", (event) => {
  log.insertAdjacentHTML("afterbegin", event.data);
  while (log.rows.length > Number(mostLines)) {
    log.deleteRow(-1);
  }
});

for (const place of ["alerts", "gates"]) {
  source.addEventListener(place, (event) => {
    document.getElementById(place).innerHTML = event.data;
  });
}

source.addEventListener("open", () => {
  live.textContent = live.dataset.live;
  live.className = "pass";
});

source.addEventListener("error", () => {
  live.textContent = live.dataset.notLive;
  live.className = "stop";
});
