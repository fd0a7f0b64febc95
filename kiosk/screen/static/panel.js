// The volunteer's part: buttons become requests, the answers are said, dialogs know what they are about.
"use strict";

{
  const page = document.body;
  const HOLD_MS = 2000;
  const last = {};
  const toast = document.getElementById("toast");
  const objections = JSON.parse(toast.dataset.objections);
  let toasting = 0;

  const say = (text, wrong) => {
    clearTimeout(toasting);
    toast.textContent = text;
    toast.className = wrong ? "shown wrong" : "shown";
    toasting = setTimeout(() => { toast.className = ""; }, wrong ? 5000 : 2000);
  };

  const post = async (path, body) => {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Gatepost-Token": page.dataset.token },
      body: JSON.stringify(body),
    });
    return answer.json();
  };

  const ask = async (request) => {
    try {
      const { done, objection, why } = await post("/requests", request);
      if (done) say(toast.dataset.done, false);
      else say(objections[objection] ?? `${toast.dataset.failed}: ${why}`, true);
      return done;
    } catch {
      say(toast.dataset.failed, true);
      return false;
    }
  };

  // A button that says all by itself.
  page.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const { ask: what, dialog, ...rest } = button.dataset;
    if (dialog) return open(dialog, rest);
    if ("dismiss" in rest) return button.closest("dialog").close();
    if ("key" in rest) return type(button, rest.key);
    if ("reason" in rest) return decide(button.closest("form"), rest.reason || button.textContent);
    if (!what) return;
    const request = { ask: what };
    if (rest.case) request.case = Number(rest.case);
    if (rest.direction) request.direction = rest.direction;
    if (rest.on) request.on = rest.on === "true";
    button.closest("dialog")?.close();
    ask(request);
  });

  // Dialogs begin empty, and offer the last reason first.
  const open = (name, { case: id, subject, about: whom }) => {
    for (const each of document.querySelectorAll("dialog[open]")) each.close();
    const actions = document.getElementById("actions");
    if (actions.matches(":popover-open")) actions.hidePopover();
    const dialog = document.getElementById(`dialog-${name}`);
    const form = dialog.querySelector("form");
    form?.reset();
    for (const list of dialog.querySelectorAll(".hits")) list.replaceChildren();
    for (const input of dialog.querySelectorAll("input[type=search]")) input.value = "";
    if (form) {
      form.dataset.case = id ?? "";
      form.dataset.subject = subject ?? "";
    }
    const about = dialog.querySelector("[data-subject]:not(form)");
    if (about) about.textContent = subject ?? whom ?? "";
    const reasons = dialog.querySelector(".reasons");
    if (reasons) {
      reasons.querySelector(".last")?.remove();
      if (last[name]) {
        const again = document.createElement("button");
        again.type = "button";
        again.className = "last";
        again.dataset.reason = last[name];
        again.textContent = reasons.dataset.last.replace("{reason}", last[name]);
        reasons.prepend(again);
      }
    }
    dialog.showModal();
  };

  page.addEventListener("submit", async (event) => {
    const form = event.target;
    const { ask: what, visiting, case: id } = form.dataset;
    if (!what) return;
    event.preventDefault();
    const given = Object.fromEntries(new FormData(form, event.submitter));
    if ("reason" in given) return decide(form, given.reason);
    const request = { ask: what };
    if (id) request.case = Number(id);
    if (what === "hand-held") request.centicelsius = Math.round(Number(given.celsius) * 100);
    else Object.assign(request, visit(visiting, given));
    await finish(form, request);
  });

  // A finger that comes down twice asks once.
  const finish = async (form, request) => {
    if (form.dataset.asked) return;
    form.dataset.asked = "yes";
    if (await ask(request)) form.closest("dialog").close();
    delete form.dataset.asked;
  };

  // With one of the reasons, or another in words; Enter in an empty field decides nothing.
  const decide = async (form, text) => {
    const { ask: what, case: id, subject } = form.dataset;
    const reason = text.trim();
    if (!reason) return form.elements.reason.focus();
    last[what] = reason;
    const request = { ask: what, reason: subject ? `${reason} · ${subject}` : reason };
    if (id) request.case = Number(id);
    await finish(form, request);
  };

  const visit = (visiting, given) => {
    const request = { visiting, household: given.household || null, purpose: given.purpose };
    for (const key of ["name", "phone", "plate"]) if (given[key]) request[key] = given[key];
    if (given.count) request.count = Number(given.count);
    if (given.celsius) request.centicelsius = Math.round(Number(given.celsius) * 100);
    if (given.admit) request.admit = true;
    return request;
  };

  // The page's own settings: a whole choice and the PIN. Then every page loads itself anew.
  page.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!("settings" in form.dataset)) return;
    event.preventDefault();
    const { language, large_text, voice_led, volume, pin } = form.elements;
    const choice = { language: language.value, large_text: large_text.checked, voice_led: voice_led.checked, volume: Number(volume.value) };
    try {
      const { done, objection } = await post("/settings", { pin: pin.value, choice });
      if (done) return location.replace("/");
      say(JSON.parse(form.dataset.refusals)[objection] ?? toast.dataset.failed, true);
    } catch {
      say(toast.dataset.failed, true);
    }
    pin.value = "";
  });
  page.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-try-sound]");
    if (button) sound("pass", "pass", Number(button.form.elements.volume.value));
  });

  // Keypads write into the field that was touched last in their dialog.
  let field = null;
  page.addEventListener("focusin", ({ target }) => { if (target.matches("dialog input")) field = target; });
  const type = (button, key) => {
    const dialog = button.closest("dialog");
    const input = field && dialog.contains(field) ? field : dialog.querySelector("input");
    input.value = key === "" ? input.value.slice(0, -1) : input.value + key;
    if ("celsius" in input.dataset) point(input);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const point = (input) => {
    const digits = input.value.replaceAll(/[^0-9]/g, "").slice(0, 4);
    input.value = digits.length > 2 ? `${digits.slice(0, 2)}.${digits.slice(2)}` : digits;
    const { lowest, highest } = input.dataset;
    const fits = !input.value || (Number(input.value) >= Number(lowest) && Number(input.value) <= Number(highest));
    input.setCustomValidity(fits ? "" : objections.OUT_OF_RANGE);
  };
  page.addEventListener("input", ({ target, isTrusted }) => {
    if (isTrusted && target.dataset?.celsius !== undefined) point(target);
  });

  // Emergency: held down for two seconds, by finger or by key.
  const emergency = document.querySelector("[data-hold]");
  let holding = 0;
  const press = () => {
    if (holding) return;
    emergency.classList.add("held");
    holding = setTimeout(() => {
      release();
      post("/emergency", {})
        .catch(() => ({ done: false }))
        .then(({ done }) => say(done ? toast.dataset.done : toast.dataset.failed, !done));
    }, HOLD_MS);
  };
  const release = () => {
    clearTimeout(holding);
    holding = 0;
    emergency.classList.remove("held");
  };
  // Captured: somebody who is held meanwhile may move the button from under the finger.
  emergency.addEventListener("pointerdown", ({ pointerId }) => {
    emergency.setPointerCapture(pointerId);
    press();
  });
  for (const end of ["pointerup", "pointercancel", "blur", "keyup"]) emergency.addEventListener(end, release);
  emergency.addEventListener("keydown", (event) => {
    if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      press();
    }
  });
  page.addEventListener("contextmenu", (event) => event.preventDefault());
}
