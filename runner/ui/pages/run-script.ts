import { keyHeader } from "../door.ts";
import { liveScript } from "./live-script.ts";

/** Keeps the bar above a report up to date, and asks what its buttons say. All that it shows is set as text. */
export const runScript = String.raw`
"use strict";
(function () {
  var bar = document.getElementById("ui");
  var by = function (id) { return document.getElementById(id); };
  var path = "/runs/" + bar.dataset.run;
  var heard = -1, spokenAt = 0, spoken = "";
  var shown, named = document.title;
  var signs = { good: "✓", doubt: "…", bad: "✕", open: "?" };
  var mostLines = 100, speakEveryMs = 15000, svg = "http://www.w3.org/2000/svg";
${liveScript}
  function show(event) {
    var glance = JSON.parse(event.data);
    // A page that is made of a damaged record is not followed.
    var isSame = event.lastEventId === bar.dataset.seq && glance.standing !== "damaged";
    by("ui-headline").className = "ui-headline t-" + glance.tone;
    by("ui-headline").children[0].textContent = glance.headline;
    by("ui-headline").children[1].textContent = glance.detail;
    by("ui-parts").textContent = glance.parts.join(" · ");
    var progress = by("ui-progress");
    progress.hidden = glance.total === 0;
    progress.setAttribute("aria-valuemax", glance.total);
    progress.setAttribute("aria-valuenow", glance.done);
    progress.setAttribute("aria-valuetext", glance.parts.join(", "));
    draw(progress.firstElementChild, glance);
    by("ui-over").hidden = isSame || glance.standing !== "over";
    by("ui-asof").hidden = !by("ui-over").hidden;
    head(glance, isSame);
    offer(glance.offers);
    speak(glance.headline + ". " + glance.detail, glance.parts.join(", "));
  }
  // What the report says first has to be so now; all else in it is of a moment.
  function head(glance, isSame) {
    shown = isSame || !glance.heading ? named : glance.heading + (glance.standing === "damaged" ? "" : ", run " + bar.dataset.run);
    document.title = shown;
    var verdict = document.querySelector("main > .verdict");
    if (isSame || !glance.heading || !verdict) return;
    verdict.className = "verdict t-" + glance.tone;
    verdict.querySelector(".sign").textContent = signs[glance.tone];
    verdict.querySelector("h1").textContent = glance.heading;
    verdict.querySelector("h1 + p").textContent = "What stands below is as of " + bar.dataset.asof + ".";
  }
  function draw(picture, glance) {
    var from = 0;
    picture.replaceChildren.apply(picture, glance.shares.map(function (share) {
      var rect = document.createElementNS(svg, "rect");
      rect.setAttribute("class", "s-" + share.state);
      rect.setAttribute("x", (from / glance.total) * 1000);
      rect.setAttribute("width", Math.max(6, (share.count / glance.total) * 1000));
      rect.setAttribute("height", 10);
      from += share.count;
      return rect;
    }));
  }
  // A screen reader hears what changes at once, and numbers now and then.
  function speak(news, numbers) {
    var now = Date.now();
    if (news === spoken && now - spokenAt < speakEveryMs) return;
    spoken = news;
    spokenAt = now;
    by("ui-spoken").textContent = news + " " + numbers;
  }
  function say(event) {
    if (Number(event.lastEventId) <= heard) return;
    heard = Number(event.lastEventId);
    var said = JSON.parse(event.data), line = document.createElement("li"), when = document.createElement("time");
    when.dateTime = new Date(said.at).toISOString();
    when.textContent = said.time;
    line.append(when, " " + said.text);
    var lines = by("ui-said");
    lines.prepend(line);
    while (lines.children.length > mostLines) lines.lastElementChild.remove();
  }
  function state(text, isLive) {
    by("ui-live").textContent = text;
    by("ui-live").classList.toggle("on", isLive);
    // A page that hears nothing says nothing of how far the run is.
    if (bar.dataset.live === "yes") document.title = isLive && shown ? shown : "Run " + bar.dataset.run;
  }
  function over(event) {
    var said = JSON.parse(event.data);
    bar.dataset.live = "no";
    leave();
    state(said.live, false);
    document.title = shown || named;
    by("ui-over").children[0].textContent = said.text;
    by("ui-over").children[1].textContent = said.link;
    by("ui-over").hidden = false;
    by("ui-asof").hidden = true;
  }
  function address() {
    return bar.dataset.live === "yes" && path + "/events" + (heard < 0 ? "" : "?heard=" + heard);
  }
  var leave = live(address, state, {
    glance: show,
    said: say,
    trouble: function (event) { state(JSON.parse(event.data).text, false); },
    over: over
  });

  if (document.hidden) state(by("ui-live").textContent, false);
  by("ui-said").parentElement.hidden = bar.dataset.live !== "yes";
  var controls = by("ui-controls");
  if (!controls) return;
  var buttons = Array.from(controls.querySelectorAll("button")), answer = by("ui-answer");
  var dialog = by("ui-abort"), reason = by("ui-abort-why");

  // What has the keyboard's focus and is hidden gives it to what is next to it.
  function offer(offers) {
    if (!controls) return;
    var had = controls.contains(document.activeElement);
    controls.hidden = offers.length === 0 && answer.textContent === "";
    by("ui-reason").hidden = offers.length === 0;
    buttons.forEach(function (button) { button.hidden = !offers.includes(button.dataset.op); });
    var isLost = had && document.activeElement.closest("[hidden]") !== null;
    if (had && (isLost || document.activeElement === document.body)) {
      (buttons.find(function (button) { return !button.hidden; }) || by("ui-headline")).focus();
    }
  }
  // A button that is disabled would lose the keyboard's focus.
  function wait(isAsking) {
    buttons.forEach(function (button) { button.setAttribute("aria-disabled", String(isAsking)); });
  }
  function ask(op, why) {
    answer.textContent = "Asking…";
    answer.className = "";
    wait(true);
    return fetch(path + "/control", {
      method: "POST",
      headers: { "content-type": "application/json", "${keyHeader}": bar.dataset.key },
      body: JSON.stringify({ op: op, why: why })
    }).then(function (response) {
      return response.json().then(function (told) {
        answer.textContent = told.hint ? told.message + " " + told.hint : told.message;
        answer.className = response.ok ? "" : "t-bad";
        if (response.ok) by("ui-why").value = "";
      });
    }).catch(function () {
      answer.textContent = "The server does not answer: is rollcall ui still running?";
      answer.className = "t-bad";
    }).finally(function () { wait(false); });
  }
  buttons.forEach(function (button) {
    button.addEventListener("click", function () {
      if (button.getAttribute("aria-disabled") === "true") return;
      if (button.dataset.op !== "abort") return ask(button.dataset.op, by("ui-why").value);
      reason.value = by("ui-why").value;
      dialog.showModal();
      reason.focus();
    });
  });
  controls.hidden = buttons.every(function (button) { return button.hidden; });
  if (dialog) {
    by("ui-abort-no").addEventListener("click", function () { dialog.close(); });
    by("ui-abort-yes").addEventListener("click", function () {
      reason.setCustomValidity(reason.value.trim() === "" ? "Say why: it stands in the record." : "");
      if (!reason.reportValidity()) return;
      dialog.close();
      ask("abort", reason.value);
    });
    reason.addEventListener("input", function () { reason.setCustomValidity(""); });
  }
})();
`;
