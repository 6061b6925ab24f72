import { liveScript } from "./live-script.ts";

/** Keeps the list of runs up to date. What it puts in is markup that this server made of escaped text. */
export const listScript = String.raw`
"use strict";
(function () {
  var rows = document.getElementById("ui-runs");
  var badge = document.getElementById("ui-live");
${liveScript}
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
    badge.textContent = text;
    badge.classList.toggle("on", isLive);
  }
  live(function () { return "/events"; }, say, { run: function (event) { put(JSON.parse(event.data)); } });
})();
`;
