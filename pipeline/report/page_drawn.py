"""The parts of the HTML report's script that draw: the matrix with its keys, filter and export, and the responsibility graph. They stand on the tools of `page_script`."""

MATRIX = r"""
  // ---- the matrix: which places and tasks are shown, in which order
  var shownTowns = towns.map(function (town, t) { return t; }), shownTasks = tasks.map(function (task, k) { return k; });
  var stop = null;  // the one cell in the tab order: [place, task]
  function rove(cell) {
    if (!heat.contains(cell) || !cell.classList.contains("cell")) return;
    var old = stop && at(stop[0], stop[1]);
    if (old) old.tabIndex = -1;
    stop = cell.dataset.c.split(",").map(Number);
    cell.tabIndex = 0;
  }
  heat.addEventListener("keydown", function (event) {
    var ways = content.drawn ? {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]}
      : {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
    var way = ways[event.key], cell = event.target;
    if (!way || !cell.dataset.c) return;
    event.preventDefault();
    var place = cell.dataset.c.split(",").map(Number), i = shownTowns.indexOf(place[0]), j = shownTasks.indexOf(place[1]);
    for (;;) {
      i += way[0];
      j += way[1];
      if (i < 0 || j < 0 || i >= shownTowns.length || j >= shownTasks.length) return;
      if (!found(shownTowns[i], shownTasks[j])) continue;
      bring(shownTowns[i], shownTasks[j]);
      var next = at(shownTowns[i], shownTasks[j]);
      if (!next) return;
      rove(next);
      next.focus();
      if (!panel.hidden) openCell(shownTowns[i], shownTasks[j], next);
      return;
    }
  });

  // ---- filters
  var wanted = {};
  function hits(t, k) {
    var verdict = found(t, k);
    if (!verdict) return false;
    return (!wanted.gaps || isGap(t, k)) && (!wanted.verdict || verdict === wanted.verdict || decided(t, k) === wanted.verdict)
      && (!wanted.mark || (marks(t, k) & wanted.mark) > 0);
  }
  function filter() {
    wanted = {gaps: document.getElementById("only-gaps").checked, verdict: value("by-verdict"), mark: +value("by-mark"), town: value("by-town"),
      place: value("by-place").trim().toLowerCase(), text: value("by-text").trim().toLowerCase()};
    wanted.narrowed = wanted.gaps || wanted.verdict || wanted.mark;
    var chosen = tasks.map(function (task, k) { return k; }).filter(function (k) {
      return (tasks[k].id + " " + tasks[k].title).toLowerCase().indexOf(wanted.text) >= 0;
    });
    var rows = towns.map(function (town, t) { return t; }).filter(function (t) {
      return (!wanted.town || t === +wanted.town) && towns[t].name.toLowerCase().indexOf(wanted.place) >= 0;
    });
    var some = function (t, k) { return !wanted.narrowed || hits(t, k); };
    shownTasks = chosen.filter(function (k) { return rows.some(function (t) { return some(t, k); }); });
    shownTowns = content.drawn ? rows.filter(function (t) { return shownTasks.some(function (k) { return some(t, k); }); }) : rows;
    var order = value("by-order"), gaps = function (t) { return tasks.filter(function (task, k) { return isGap(t, k); }).length; };
    var key = {score: function (t) { return parseInt(towns[t].score, 10); }, gaps: function (t) { return -gaps(t); }}[order];
    if (key) shownTowns = shownTowns.map(function (t) { return [key(t), t]; }).sort(function (a, b) { return a[0] - b[0] || a[1] - b[1]; }).map(function (p) { return p[1]; });
    if (content.drawn) redraw(); else apply();
    var cells = 0;
    shownTowns.forEach(function (t) { shownTasks.forEach(function (k) { cells += hits(t, k); }); });
    document.getElementById("shown").textContent =
      wanted.narrowed || wanted.text || wanted.town || wanted.place ? "显示" + shownTowns.length + "地、" + shownTasks.length + "项任务、" + cells + "个单元格" : "";
    measureHead();
    var there = stop && at(stop[0], stop[1]);  // the tab stop must not lie in what is hidden
    if (!stop && heat.querySelector(".cell")) rove(heat.querySelector(".cell"));
    else if (!there || !there.offsetParent) { var first = all(heat, ".cell").filter(function (cell) { return cell.offsetParent; })[0]; if (first) rove(first); }
  }
  // a table that stands in the page: what does not match is dimmed, rows and columns without a match are hidden
  function apply() {
    all(heat, "[data-t]").forEach(function (cell) { cell.hidden = !!wanted.town && cell.dataset.t !== wanted.town; });
    all(heat, ".cell").forEach(function (cell) { var c = cell.dataset.c.split(","); cell.classList.toggle("dim", !hits(+c[0], +c[1])); });
    var chapter = null, kept = 0;
    all(heat, "tbody tr").forEach(function (row) {
      if (row.className === "chapter") { if (chapter) chapter.hidden = !kept; chapter = row; kept = 0; return; }
      row.hidden = shownTasks.indexOf(+row.dataset.k) < 0;
      kept += !row.hidden;
    });
    if (chapter) chapter.hidden = !kept;
  }
  function bring(t, k) {
    if (content.drawn) scrollToRow(shownTowns.indexOf(t));
    var cell = at(t, k);
    if (cell) cell.scrollIntoView({block: "nearest", inline: "nearest"});
  }
  var form = document.getElementById("filters");
  form.addEventListener("input", filter);
  form.addEventListener("reset", function () { setTimeout(filter, 0); });
  form.addEventListener("submit", function (event) { event.preventDefault(); });

  // ---- what is seen as a file: a line a cell, for a spreadsheet
  function field(text) {
    if (/^\s*[=+\-@＝＋－＠]|^[\t\r]/.test(text)) text = "'" + text;
    return '"' + text.replace(/"/g, '""') + '"';
  }
  document.getElementById("export").addEventListener("click", function () {
    var lines = [["镇街", "任务编号", "任务", "程序结论", "人工决定后", "标记", "责任单位", "完成时限"]];
    shownTowns.forEach(function (t) {
      shownTasks.forEach(function (k) {
        if (!hits(t, k)) return;
        lines.push([towns[t].name, tasks[k].id, tasks[k].title, content.verdicts[found(t, k)][1], content.verdicts[decided(t, k)][1],
          markWords(marks(t, k)).join("、"), tasks[k].units, tasks[k].deadline]);
      });
    });
    var text = "\ufeff" + lines.map(function (line) { return line.map(field).join(","); }).join("\r\n") + "\r\n";
    var link = make("a");
    link.href = URL.createObjectURL(new Blob([text], {type: "text/csv"}));
    link.download = (wanted.gaps ? "缺口清单" : "核对清单") + ".csv";
    body.appendChild(link);
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); link.remove(); }, 1000);
  });

  // ---- a matrix too large for a table: places down, tasks across, drawn as far as it is seen
  var ROW = 28, seen = document.getElementById("window"), range = [-1, -1], waiting = false;
  function drawnCell(t, k) {
    var verdict = found(t, k), td = make("td");
    if (!verdict) return td;
    var button = make("button", "cell v-" + verdict, content.verdicts[verdict][0]), sum = marks(t, k);
    button.dataset.c = t + "," + k;
    button.dataset.v = verdict;
    button.tabIndex = stop && stop[0] === t && stop[1] === k ? 0 : -1;
    button.title = cellWords(t, k);
    button.setAttribute("aria-label", button.title);
    var sign = sum & 1 ? "空" : sum & 2 ? "核" : sum & 4 ? "!" : "";
    if (sign) button.appendChild(make("sup", "", sign));
    if (sum & 24) button.appendChild(make("sub", "", decided(t, k) !== verdict ? content.verdicts[decided(t, k)][0] : sum & 8 ? "决" : "疑"));
    if (sign || sum & 24) button.classList.add("noted");
    if (!hits(t, k)) button.classList.add("dim");
    if (now && now[0] === t && now[1] === k) button.classList.add("now");
    td.appendChild(button);
    return td;
  }
  function drawHead() {
    var head = heat.tHead, row = make("tr", "", undefined, make("th", "corner", "镇街（" + shownTowns.length + "）"), make("th", "", "覆盖率"));
    shownTasks.forEach(function (k) {
      var button = make("button", "town", undefined, make("span", "", tasks[k].id + " " + tasks[k].title));
      button.dataset.task = k;
      button.title = tasks[k].id + " " + tasks[k].title;
      row.appendChild(make("th", "", undefined, button));
    });
    head.textContent = "";
    head.appendChild(row);
  }
  function draw() {
    waiting = false;
    var first = Math.max(0, Math.floor(seen.scrollTop / ROW) - 6), last = Math.min(shownTowns.length, first + Math.ceil((seen.clientHeight || 600) / ROW) + 12);
    if (first === range[0] && last === range[1]) return;
    range = [first, last];
    var rows = heat.tBodies[0], made = document.createDocumentFragment();
    var held = heat.contains(document.activeElement) && document.activeElement.dataset.c;
    var space = function (count) {
      var row = make("tr", "space"), cell = make("td");
      cell.colSpan = shownTasks.length + 2;
      cell.style.height = count * ROW + "px";
      row.appendChild(cell);
      return row;
    };
    made.appendChild(space(first));
    shownTowns.slice(first, last).forEach(function (t) {
      var name = make("button", "task", towns[t].name);
      name.dataset.town = t;
      name.title = towns[t].name;
      var head = make("th", "", undefined, name), row = make("tr", "", undefined, head, make("td", "n", towns[t].score));
      head.scope = "row";
      shownTasks.forEach(function (k) { row.appendChild(drawnCell(t, k)); });
      made.appendChild(row);
    });
    made.appendChild(space(shownTowns.length - last));
    rows.textContent = "";
    rows.appendChild(made);
    if (held) { var cell = heat.querySelector('.cell[data-c="' + held + '"]'); if (cell) cell.focus({preventScroll: true}); }
  }
  function redraw() { range = [-1, -1]; drawHead(); draw(); }
  function scrollToRow(i) {
    if (i < 0) return;
    var top = i * ROW, height = seen.clientHeight - heat.tHead.offsetHeight;
    if (top < seen.scrollTop || top + ROW > seen.scrollTop + height) seen.scrollTop = Math.max(0, top - height / 2);
    draw();
  }
  if (content.drawn) {
    seen.addEventListener("scroll", function () { if (!waiting) { waiting = true; requestAnimationFrame(draw); } });
    window.addEventListener("resize", redraw);
    shows.matrix = redraw;
  }
  filter();

  var list = document.getElementById("finding-list"), listForm = document.getElementById("finding-filters");
  if (list) {
    var narrow = function () {
      var town = value("f-town"), rule = value("f-rule"), kept = 0;
      all(list, "tbody tr").forEach(function (row) {
        row.hidden = (town !== "" && row.dataset.t !== town) || (rule !== "" && row.dataset.rule !== rule);
        if (!row.hidden) kept += 1;
      });
      document.getElementById("f-shown").textContent = "共" + kept + "条";
    };
    listForm.addEventListener("input", narrow);
    listForm.addEventListener("reset", function () { setTimeout(narrow, 0); });
    listForm.addEventListener("submit", function (event) { event.preventDefault(); });
  }
"""

GRAPH = r"""
  // ---- the graph in layers: units, tasks, places; opened with lead edges only, a click leaves what belongs to one node
  var picture = document.getElementById("graph-picture"), focus = null, unfocus = null, SVG = "http://www.w3.org/2000/svg", MANY = 40;
  function draft(tag, values, text) {
    var element = document.createElementNS(SVG, tag);
    Object.keys(values).forEach(function (name) { element.setAttribute(name, values[name]); });
    if (text !== undefined) element.textContent = text;
    return element;
  }
  function edges() {
    var support = document.getElementById("g-support").checked, list = [];
    content.units.forEach(function (unit, u) {
      unit.roles.forEach(function (role) {
        var own = focus && ((focus[0] === "u" && focus[1] === u) || (focus[0] === "k" && focus[1] === role[0]));
        if (role[1] !== "support" || support || own) list.push([u, role[0], role[1]]);
      });
    });
    var led = {};
    list.forEach(function (edge) { if (edge[2] === "lead") led[edge[1]] = true; });
    return list.filter(function (edge) { return focus || support || edge[2] === "lead" || !led[edge[1]]; });
  }
  function drawGraph() {
    var list = edges(), links = [], kept = null;
    if (focus) {
      if (focus[0] === "u") kept = content.units[focus[1]].roles.map(function (role) { return role[0]; });
      if (focus[0] === "k") kept = [focus[1]];
      if (focus[0] === "t") kept = tasks.map(function (task, k) { return k; }).filter(function (k) { return isGap(focus[1], k); });
      list = list.filter(function (edge) { return kept.indexOf(edge[1]) >= 0; });
      if (document.getElementById("g-towns").checked) {
        var chosen = focus[0] === "t" ? [focus[1]] : towns.map(function (town, t) { return t; });
        if (chosen.length > MANY) {
          var gaps = function (t) { return kept.filter(function (k) { return isGap(t, k); }).length; };
          chosen = chosen.map(function (t) { return [-gaps(t), t]; }).sort(function (a, b) { return a[0] - b[0] || a[1] - b[1]; }).slice(0, MANY).map(function (p) { return p[1]; });
        }
        chosen.forEach(function (t) { kept.forEach(function (k) { if (found(t, k) && found(t, k) !== "not_applicable") links.push([k, t, decided(t, k)]); }); });
      }
    }
    var dense = links.length > 200;  // then what is carried out would hide what is not
    if (dense) links = links.filter(function (link) { return content.gaps.indexOf(link[2]) >= 0; });
    var order = function (items) { return items.filter(function (item, i) { return items.indexOf(item) === i; }).sort(function (a, b) { return a - b; }); };
    var middle = kept ? order(kept) : order(list.map(function (edge) { return edge[1]; }).concat(focus ? [] : tasks.map(function (task, k) { return k; })));
    var weight = {};
    list.forEach(function (edge) { var w = weight[edge[0]] = weight[edge[0]] || [0, 0]; w[0] += middle.indexOf(edge[1]); w[1] += 1; });
    var left = Object.keys(weight).map(Number).sort(function (a, b) { return weight[a][0] / weight[a][1] - weight[b][0] / weight[b][1] || a - b; });
    var right = order(links.map(function (link) { return link[1]; }));
    var rows = Math.max(left.length, middle.length, right.length, 1), step = 26, height = rows * step + 40, X = [10, 470, 1010], W = [250, 330, 190];
    var y = function (items, item) { return 26 + (items.indexOf(item) + 0.5) * (height - 40) / items.length; };
    picture.textContent = "";
    picture.setAttribute("viewBox", "0 0 1210 " + height);
    picture.setAttribute("width", 1210);
    picture.setAttribute("height", height);
    ["责任单位", "任务", right.length ? "镇街" : ""].forEach(function (name, i) { picture.appendChild(draft("text", {x: X[i] + W[i] / 2, y: 14, "class": "layer"}, name)); });
    function curve(x1, y1, x2, y2, look) {
      var bend = (x2 - x1) / 2;
      picture.appendChild(draft("path", {d: "M" + x1 + " " + y1 + "C" + (x1 + bend) + " " + y1 + " " + (x2 - bend) + " " + y2 + " " + x2 + " " + y2, "class": look}));
    }
    list.forEach(function (edge) { curve(X[0] + W[0], y(left, edge[0]), X[1], y(middle, edge[1]), "e-" + edge[2]); });
    links.forEach(function (link) { curve(X[1] + W[1], y(middle, link[0]), X[2], y(right, link[1]), "t-" + link[2]); });
    function node(kind, id, column, at_, label, look) {
      var group = draft("g", {"class": "node " + look + (focus && focus[0] === kind && focus[1] === id ? " focus" : ""), tabindex: 0, role: "button", "aria-label": label});
      group.appendChild(draft("rect", {x: X[column], y: at_ - 10, width: W[column], height: 20, rx: 4}));
      var most = Math.floor(W[column] / 12.5), short = label.length > most ? label.slice(0, most - 1) + "…" : label;
      group.appendChild(draft("text", {x: X[column] + W[column] / 2, y: at_ + 4.5}, short));
      group.appendChild(draft("title", {}, label));
      var turn = function () { setFocus(focus && focus[0] === kind && focus[1] === id ? null : [kind, id]); };
      group.addEventListener("click", turn);
      group.addEventListener("keydown", function (event) { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); turn(); } });
      if (kind === "k") group.addEventListener("dblclick", function () { openTask(id); });
      picture.appendChild(group);
    }
    left.forEach(function (u) { node("u", u, 0, y(left, u), content.units[u].name + "（" + content.units[u].roles.length + "项）", content.units[u].many ? "many" : "unit-node"); });
    middle.forEach(function (k) { node("k", k, 1, y(middle, k), tasks[k].id + " " + tasks[k].title, "task-node"); });
    right.forEach(function (t) { node("t", t, 2, y(right, t), towns[t].name + " " + towns[t].score, "town-node"); });
    var cut = focus && focus[0] !== "t" && right.length === MANY && towns.length > MANY ? "；镇街只画缺口多的" + MANY + "个" : "";
    document.getElementById("g-shown").textContent = left.length + "个单位、" + middle.length + "项任务" + (right.length ? "、" + right.length + "个镇街" : "") + cut + (dense ? "；线多，与镇街之间只画缺口" : "");
  }
  function setFocus(next) {
    focus = next;
    document.getElementById("g-focus").value = focus ? focus.join("") : "";
    drawGraph();
    var here = picture.querySelector(".focus");
    if (here) here.focus({preventScroll: true});
  }
  unfocus = function () { if (focus && document.getElementById("graph").classList.contains("here")) setFocus(null); };
  (function () {
    var choice = document.getElementById("g-focus"), groups = [["单位", "u", content.units], ["任务", "k", tasks], ["镇街", "t", towns.length > 200 ? [] : towns]];
    groups.forEach(function (group) {
      var made = document.createElement("optgroup");
      made.label = group[0];
      group[2].forEach(function (item, i) { var option = make("option", "", (item.id ? item.id + " " + item.title : item.name)); option.value = group[1] + i; made.appendChild(option); });
      choice.appendChild(made);
    });
    var graphForm = document.getElementById("graph-filters");
    graphForm.addEventListener("input", function () { var to = choice.value; focus = to ? [to[0], +to.slice(1)] : null; drawGraph(); });
    graphForm.addEventListener("reset", function () { focus = null; setTimeout(drawGraph, 0); });
    graphForm.addEventListener("submit", function (event) { event.preventDefault(); });
    shows.graph = drawGraph;
    window.addEventListener("beforeprint", function () { if (!picture.childNodes.length) drawGraph(); });
  }());
"""
