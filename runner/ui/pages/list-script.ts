/** Keeps the list of runs up to date. What it puts in is markup that this server made of escaped text. */
export const listScript = String.raw`
"use strict";
(function () {
  var rows = document.getElementById("ui-runs");
  var live = document.getElementById("ui-live");
  var source;

  function put(message) {
    var holder = document.createElement("template");
    holder.innerHTML = message.row;
    var row = holder.content.firstElementChild;
    var old = document.getElementById(row.id);
    if (old && old.dataset.version === row.dataset.version) return;
    var hadFocus = old && old.contains(document.activeElement);
    if (old) old.replaceWith(row);
    else rows.prepend(row);
    if (hadFocus) row.querySelector("a").focus();
    document.getElementById("ui-none").hidden = true;
  }
  function say(text, isLive) {
    live.textContent = text;
    live.classList.toggle("on", isLive);
  }
  function listen() {
    if (source) return;
    source = new EventSource("/events");
    source.addEventListener("open", function () { say("Live", true); });
    source.addEventListener("run", function (event) { put(JSON.parse(event.data)); });
    source.addEventListener("error", function () {
      var isGone = source.readyState === EventSource.CLOSED;
      say(isGone ? "Not live: load the page anew" : "Connecting", false);
      if (isGone) source = undefined;
    });
  }
  function leave() {
    if (source) source.close();
    source = undefined;
    say("Not live", false);
  }
  // A browser keeps few connections to one server: pages that nobody looks at leave theirs to the others.
  document.addEventListener("visibilitychange", function () { if (document.hidden) leave(); else listen(); });
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", function () { if (!document.hidden) listen(); });
})();
`;
