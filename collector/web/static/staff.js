// What HTML and htmx cannot say: is the page live, how many alerts wait, a sound for a new one, and small manners.
"use strict";

const page = document.body;
const live = document.getElementById("live");
const sound = document.getElementById("sound");
const chime = new Audio("/shared/sounds/alert.wav");
const SILENT_AFTER_MS = 4000;
const MOST_LINES = 500;
let heard = Date.now();
let newest = Number(page.dataset.newestAlert);

// Live or not: a message every second at least.
function look() {
  const silent = Date.now() - heard > SILENT_AFTER_MS;
  if (silent !== live.classList.contains("silent")) {
    live.classList.toggle("silent", silent);
    live.querySelector(".word").textContent = silent ? live.dataset.notLive : live.dataset.live;
  }
}
setInterval(look, 500);

// The number of open alerts: in the bar, in the title, and aloud when it grows.
function tell({ count, newest: id, what }) {
  const badge = document.getElementById("open-count");
  badge.hidden = count === 0;
  badge.firstElementChild.textContent = count;
  document.title = document.title.replace(/^\(\d+\) /, "");
  if (count) document.title = `(${count}) ${document.title}`;
  if (id > newest) announce(what);
  newest = Math.max(newest, id);
}

function announce(what) {
  if (sound.getAttribute("aria-pressed") !== "true") return;
  chime.currentTime = 0;
  chime.play().catch(() => sound.setAttribute("aria-pressed", "false")); // the browser wants a click first
  if (document.hidden && "Notification" in window && Notification.permission === "granted") {
    new Notification(page.dataset.newAlert, { body: what, tag: "gatepost-alert" });
  }
}

sound.setAttribute("aria-pressed", String(localStorage.getItem("sound") !== "off"));
sound.addEventListener("click", () => {
  const on = sound.getAttribute("aria-pressed") !== "true";
  sound.setAttribute("aria-pressed", String(on));
  localStorage.setItem("sound", on ? "on" : "off");
  if (!on) return;
  chime.play().catch(() => {});
  if ("Notification" in window && Notification.permission === "default") Notification.requestPermission();
});

page.addEventListener("htmx:sseBeforeMessage", (event) => {
  heard = Date.now();
  look();
  const { type, data } = event.detail;
  if (type === "unreviewed") tell(JSON.parse(data));
  if (type === "unreviewed" || type === "alive") event.preventDefault();
  if (type === "line") {
    // After a reconnection lines may come again.
    const id = /id="(r\d+)"/.exec(data);
    if (id && document.getElementById(id[1])) event.preventDefault();
  }
});

page.addEventListener("htmx:sseMessage", (event) => {
  if (event.detail.type !== "line") return;
  const lines = document.getElementById("lines");
  document.getElementById("nothing")?.remove();
  lines.firstElementChild.classList.add("new");
  while (lines.rows.length > MOST_LINES) lines.deleteRow(-1);
});

// Filters: the URL holds what is asked, and nothing else.
const filters = document.querySelector(".filters");
filters?.addEventListener("change", () => filters.requestSubmit());
filters?.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (!value) formData.delete(name);
});

// Dialogs come as HTML into their place.
const place = document.getElementById("dialog");
place?.addEventListener("htmx:afterSwap", () => place.querySelector("dialog")?.showModal());
place?.addEventListener("click", (event) => {
  if (event.target.closest("[data-dismiss]")) place.replaceChildren();
});
page.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful && event.target.closest("dialog")) place.replaceChildren();
});
