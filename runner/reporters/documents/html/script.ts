/**
 * Runs in the page, without a library: search, sort, filter and a table of which only the rows in sight exist, so that 100 000
 * items stay fluid. What items hold gets into the page as text only.
 */
export const script = String.raw`
"use strict";
(function () {
  var data = JSON.parse(document.getElementById("data").textContent);
  var grid = document.getElementById("grid");
  if (!grid) return;
  var items = data.items, strings = data.strings, states = data.states;
  var rowHeight = 36, mostHeight = 15000000, pageRows = 12, printed = 2000;
  var by = function (id) { return document.getElementById(id); };
  var text = function (number) { return number < 0 ? "" : strings[number]; };
  var titleOf = function (item) { return item[1] === 0 ? item[0] : item[1]; };
  var columns = [
    { head: "item", key: function (item) { return sortable(titleOf(item)); }, show: titleOf },
    { head: "state", key: function (item) { return item[2]; }, show: function (item) { return states[item[2]]; } },
    { head: "change", key: function (item) { return sortable(text(item[4])); }, show: function (item) { return text(item[4]).replace(/\n/g, "; "); } },
    { head: "why", key: function (item) { return sortable(text(item[3])); }, show: function (item) { return text(item[3]); } }
  ];
  var wanted = { word: "", states: {}, sort: 1, down: false };
  var shown = [], haystacks = [], keys = [], focus = 0, drawn = "";

  function sortable(value) {
    return value.toLowerCase().replace(/\d+/g, function (digits) { return digits.padStart(16, "0"); });
  }
  function keysOf(column) {
    if (keys[column] === undefined) keys[column] = items.map(columns[column].key);
    return keys[column];
  }
  function haystack(place) {
    if (haystacks[place] === undefined) {
      var item = items[place];
      haystacks[place] = (item[0] + "\n" + titleOf(item) + "\n" + text(item[3]) + "\n" + text(item[4])).toLowerCase();
    }
    return haystacks[place];
  }
  function el(name, attributes, content) {
    var made = document.createElement(name);
    for (var key in attributes) made.setAttribute(key, attributes[key]);
    if (content !== undefined) made.textContent = content;
    return made;
  }

  var heads = el("div", { role: "row", "class": "row heads", "aria-rowindex": "1" });
  columns.forEach(function (column, place) {
    var cell = el("div", { role: "columnheader" });
    var button = el("button", { type: "button" }, column.head);
    button.addEventListener("click", function () {
      wanted.down = wanted.sort === place ? !wanted.down : false;
      wanted.sort = place;
      refresh();
    });
    cell.appendChild(button);
    heads.appendChild(cell);
  });
  var view = el("div", { id: "view", role: "rowgroup" });
  var space = el("div", { id: "space", role: "presentation" });
  view.appendChild(space);
  grid.appendChild(heads);
  grid.appendChild(view);

  function refresh() {
    var chosen = Object.keys(wanted.states).filter(function (state) { return wanted.states[state]; });
    var numbers = chosen.map(function (state) { return states.indexOf(state); });
    shown = [];
    for (var place = 0; place < items.length; place++) {
      if (numbers.length > 0 && numbers.indexOf(items[place][2]) < 0) continue;
      if (wanted.word !== "" && haystack(place).indexOf(wanted.word) < 0) continue;
      shown.push(place);
    }
    var rank = keysOf(wanted.sort), sign = wanted.down ? -1 : 1;
    shown.sort(function (left, right) {
      if (rank[left] === rank[right]) return left - right;
      return rank[left] < rank[right] ? -sign : sign;
    });
    Array.prototype.forEach.call(heads.children, function (cell, place) {
      if (place === wanted.sort) cell.setAttribute("aria-sort", wanted.down ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    });
    by("found").textContent = (shown.length === items.length ? "" : shown.length.toLocaleString("en-US") + " of ") + items.length.toLocaleString("en-US") + " items";
    by("all").hidden = wanted.word === "" && chosen.length === 0;
    grid.setAttribute("aria-rowcount", String(shown.length + 1));
    focus = 0;
    space.style.height = Math.min(mostHeight, shown.length * rowHeight) + "px";
    view.scrollTop = 0;
    drawn = "";
    draw();
  }

  // Browsers have no page of a million rows: beyond a height a step of the scroll bar is more than a row.
  function firstRow() {
    var rows = shown.length, tall = rows * rowHeight;
    if (tall <= mostHeight) return Math.floor(view.scrollTop / rowHeight);
    var most = mostHeight - view.clientHeight;
    return Math.floor((view.scrollTop / most) * Math.max(0, rows - Math.floor(view.clientHeight / rowHeight)));
  }
  function draw() {
    var from = firstRow(), isTall = shown.length * rowHeight > mostHeight;
    var first = Math.max(0, from - 4), end = Math.min(shown.length, first + Math.ceil(view.clientHeight / rowHeight) + 9);
    var place = [first, end, focus, isTall ? view.scrollTop : 0].join(" ");
    if (place === drawn) return;
    drawn = place;
    var hadFocus = space.contains(document.activeElement), isIn = focus >= first && focus < end;
    // The table is entered where it is looked at.
    var entry = isIn || hadFocus ? focus : from;
    var rows = document.createDocumentFragment();
    for (var row = first; row < end; row++) rows.appendChild(drawRow(row, isTall ? view.scrollTop + (row - from) * rowHeight : row * rowHeight, row === entry));
    // A row that is scrolled out of sight keeps the keyboard.
    if (hadFocus && !isIn && focus < shown.length) rows.appendChild(drawRow(focus, -1000, true));
    space.replaceChildren(rows);
    if (hadFocus) focusRow();
  }
  function drawRow(row, top, isEntry) {
    var item = items[shown[row]];
    var made = el("div", { role: "row", "class": "row", "aria-rowindex": String(row + 2), tabindex: isEntry ? "0" : "-1", "data-row": String(row) });
    made.style.top = top + "px";
    columns.forEach(function (column, place) {
      var cell = el("div", { role: "gridcell" });
      var said = column.show(item);
      if (place === 1) cell.appendChild(el("span", { "class": "state s-" + said }, said));
      else cell.textContent = said;
      if (place === 0 && item[1] !== 0) { cell.appendChild(document.createTextNode(" ")); cell.appendChild(el("small", {}, item[0])); }
      if (place !== 1) cell.title = said;
      made.appendChild(cell);
    });
    return made;
  }
  function focusRow() {
    var made = space.querySelector('[data-row="' + focus + '"]');
    if (made) made.focus({ preventScroll: true });
  }
  function go(row) {
    focus = Math.max(0, Math.min(shown.length - 1, row));
    var rows = shown.length, tall = rows * rowHeight;
    if (tall <= mostHeight) {
      var top = focus * rowHeight;
      if (top < view.scrollTop) view.scrollTop = top;
      else if (top + rowHeight > view.scrollTop + view.clientHeight) view.scrollTop = top + rowHeight - view.clientHeight;
    } else if (focus < firstRow() || focus >= firstRow() + Math.floor(view.clientHeight / rowHeight)) {
      view.scrollTop = (focus / Math.max(1, rows - 1)) * (mostHeight - view.clientHeight);
    }
    draw();
    focusRow();
  }

  function story(place) {
    var item = items[place], body = by("story-body"), steps = item[5];
    by("story-h").textContent = titleOf(item);
    body.replaceChildren();
    var head = el("p", {});
    head.appendChild(el("span", { "class": "state s-" + states[item[2]] }, states[item[2]]));
    head.appendChild(document.createTextNode(" "));
    head.appendChild(el("code", {}, item[0]));
    body.appendChild(head);
    if (item[3] >= 0) body.appendChild(el("p", {}, text(item[3])));
    if (item[4] >= 0) {
      body.appendChild(el("h3", {}, "Change"));
      text(item[4]).split("\n").forEach(function (line) { body.appendChild(el("p", {}, line)); });
    }
    body.appendChild(el("h3", {}, steps.length === 0 ? "Nothing was sent for it." : "What happened"));
    var list = el("ol", {});
    for (var step = 0; step < steps.length; step += 2) {
      var line = el("li", {});
      line.appendChild(el("time", {}, new Date(data.began + steps[step]).toISOString().replace("T", " ").replace("Z", " UTC")));
      line.appendChild(document.createTextNode(" " + text(steps[step + 1])));
      list.appendChild(line);
    }
    body.appendChild(list);
    by("story").showModal();
  }

  view.addEventListener("scroll", draw, { passive: true });
  space.addEventListener("focusin", function (event) {
    var made = event.target.closest("[data-row]");
    if (made) focus = Number(made.dataset.row);
  });
  window.addEventListener("resize", draw);
  space.addEventListener("click", function (event) {
    var made = event.target.closest("[data-row]");
    if (!made) return;
    focus = Number(made.dataset.row);
    draw();
    story(shown[focus]);
  });
  view.addEventListener("keydown", function (event) {
    var steps = { ArrowDown: 1, ArrowUp: -1, PageDown: pageRows, PageUp: -pageRows };
    if (event.key in steps) go(focus + steps[event.key]);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(shown.length - 1);
    else if (event.key === "Enter" || event.key === " ") { if (shown.length > 0) story(shown[focus]); }
    else return;
    event.preventDefault();
  });
  by("story").addEventListener("close", focusRow);
  by("search").addEventListener("input", function () { wanted.word = by("search").value.trim().toLowerCase(); refresh(); });
  by("all").addEventListener("click", function () {
    wanted.word = by("search").value = "";
    wanted.states = {};
    press();
    refresh();
  });
  function press() {
    document.querySelectorAll("button.share").forEach(function (button) {
      button.setAttribute("aria-pressed", String(wanted.states[button.dataset.state] === true));
    });
  }
  document.querySelectorAll("button.share").forEach(function (button) {
    button.addEventListener("click", function () {
      wanted.states[button.dataset.state] = wanted.states[button.dataset.state] !== true;
      press();
      refresh();
    });
  });
  // Paper shows the first rows as they are searched and sorted. Nothing can be opened there: each has its id, and all its fields.
  function paperCells(item) {
    var cells = [el("td", {}), el("td", {}), el("td", {}), el("td", {})];
    var who = el("div", { "class": "who" });
    if (titleOf(item) !== "") who.appendChild(el("div", { "class": item[1] === 0 ? "cut long" : "cut" }, titleOf(item)));
    if (item[1] !== 0) who.appendChild(el("small", { "class": "cut long" }, item[0]));
    cells[0].appendChild(who);
    cells[1].appendChild(el("span", { "class": "state s-" + states[item[2]] }, states[item[2]]));
    if (item[4] >= 0) text(item[4]).split("\n").forEach(function (line) { cells[2].appendChild(el("div", { "class": "cut" }, line)); });
    if (item[3] >= 0) cells[3].appendChild(el("div", { "class": "cut long" }, text(item[3])));
    return cells;
  }
  window.addEventListener("beforeprint", function () {
    var table = el("table", { "class": "plain items" }), top = el("thead", {}), head = el("tr", {}), body = el("tbody", {});
    columns.forEach(function (column) { head.appendChild(el("th", {}, column.head)); });
    top.appendChild(head);
    table.append(top, body);
    shown.slice(0, printed).forEach(function (place) {
      var line = el("tr", {});
      line.append.apply(line, paperCells(items[place]));
      body.appendChild(line);
    });
    var more = shown.length - printed;
    by("print").replaceChildren(table, el("p", {}, more > 0 ? "and " + more.toLocaleString("en-US") + " more" : ""));
  });
  window.addEventListener("afterprint", function () { by("print").replaceChildren(); });

  by("static").remove();
  document.querySelector("#items .tools").hidden = false;
  grid.hidden = false;
  refresh();
})();
`;
