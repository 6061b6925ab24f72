/**
 * For the scripts of pages: listen to events of this server while somebody looks at the page. `address` says where, each time
 * anew; undefined: there is nothing to hear any more. `say` shows whether the page is live.
 */
export const liveScript = String.raw`
  function live(address, say, heard) {
    var source;
    function listen() {
      var at = address();
      if (source || !at) return;
      source = new EventSource(at);
      source.addEventListener("open", function () { say("Live", true); });
      Object.keys(heard).forEach(function (name) { source.addEventListener(name, heard[name]); });
      source.addEventListener("error", function () {
        var isGone = source.readyState === EventSource.CLOSED;
        say(isGone ? "Not live: load the page anew" : "Connecting", false);
        if (isGone) source = undefined;
      });
    }
    function leave() {
      if (source) source.close();
      source = undefined;
      if (address()) say("Not live", false);
    }
    // A browser keeps few connections to one server: pages that nobody looks at leave theirs to the others.
    document.addEventListener("visibilitychange", function () { if (document.hidden) leave(); else listen(); });
    window.addEventListener("pagehide", leave);
    window.addEventListener("pageshow", function () { if (!document.hidden) listen(); });
    return leave;
  }
`;
