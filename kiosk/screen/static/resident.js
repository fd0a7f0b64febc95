// The resident's part: is it live, what does it sound like, the camera's picture, the clock, day and night.
"use strict";

const page = document.body;
const SILENT_AFTER_MS = 4000;
const PICTURE_EVERY_MS = 180;
const INVITE_AFTER_MS = 4000; // the last prompt may still be heard
let heard = Date.now();
let hung = false;
let shown = document.querySelector("[data-shown]").dataset.shown;
let playing = null;
let inviting = 0;

// An old green is a lie: when nothing has come for four seconds, or what came is that the gate's loop has hung, the
// page says that it is not live.
const notLive = document.getElementById("not-live");
setInterval(() => {
  const silent = hung || Date.now() - heard > SILENT_AFTER_MS;
  if (silent && notLive.hidden) hush();
  notLive.hidden = !silent;
}, 250);

page.addEventListener("htmx:sseBeforeMessage", (event) => {
  const { type, data } = event.detail;
  heard = Date.now();
  hung = type === "hung";
  if (["alive", "hung", "start"].includes(type)) event.preventDefault();
  // The gate was started again, and takes no request with the token of before.
  if (type === "start" && data !== page.dataset.start) location.reload();
});

page.addEventListener("htmx:sseMessage", (event) => {
  if (event.detail.type !== "resident") return;
  const face = document.querySelector("#resident [data-shown]").dataset;
  tick();
  picture();
  if (face.shown === shown) return;
  shown = face.shown;
  clearTimeout(inviting);
  const led = "voiceLed" in page.dataset;
  if (face.face === "ready") {
    if (led) inviting = setTimeout(() => sound("", "ready"), INVITE_AFTER_MS);
    return;
  }
  sound(face.face, face.voice);
});

// A tone, then the prompt; either may be missing. What is newer stops what is older.
function hush() {
  playing?.pause();
  playing = null;
}

function sound(tone, voice, loud = volume()) {
  hush();
  const names = [tone && `/sounds/${tone}.wav`, voice && `/sounds/${page.dataset.language}/${voice}.wav`];
  const [first, then] = names.filter(Boolean).map((name) => Object.assign(new Audio(name), { volume: loud }));
  if (!first) return;
  playing = first;
  first.addEventListener("ended", () => {
    if (playing !== first || !then) return;
    playing = then;
    then.play().catch(() => {});
  });
  first.play().catch(() => {});
}

function volume() {
  return Number(isNight() ? page.dataset.nightVolume : page.dataset.volume);
}

// The compound's time, whatever the machine's zone is.
function now() {
  return new Intl.DateTimeFormat("en-GB", { timeZone: page.dataset.zone, hour: "2-digit", minute: "2-digit" }).format();
}

function isNight() {
  const { nightFrom, nightUntil } = page.dataset;
  const time = now();
  return nightFrom <= nightUntil ? nightFrom <= time && time < nightUntil : nightFrom <= time || time < nightUntil;
}

function tick() {
  const clock = document.getElementById("clock");
  if (clock) clock.textContent = now();
  document.documentElement.dataset.look = isNight() ? "night" : "day";
}
tick();
setInterval(tick, 1000);

// The picture is asked for only while it is shown, one at a time.
let asked = false;
async function picture() {
  if (asked || !document.getElementById("preview") || document.hidden) return;
  asked = true;
  try {
    const answer = await fetch("/preview.jpg");
    const image = document.getElementById("preview");
    if (image && answer.status === 200) {
      const picture = await createImageBitmap(await answer.blob());
      const side = Math.min(picture.width, picture.height);
      const [left, top] = [(picture.width - side) / 2, (picture.height - side) / 2];
      image.getContext("2d").drawImage(picture, left, top, side, side, 0, 0, image.width, image.height);
      picture.close();
      image.hidden = false;
    } else if (image) {
      image.hidden = true;
    }
  } catch {
    // The program is gone: the page says so by itself.
  }
  asked = false;
}
setInterval(picture, PICTURE_EVERY_MS);
