"""The script of the HTML report: plain JavaScript that sets text by `textContent` only, so that no document can bring markup with it.

What it draws, the matrix and the graph, is in `page_drawn`.
"""

from pipeline.report.page_drawn import GRAPH, MATRIX

_TOOLS = r"""
(function () {
  "use strict";
  var content = JSON.parse(document.getElementById("content").textContent);
  var panel = document.getElementById("panel"), body = document.body, heat = document.getElementById("heat");
  var towns = content.towns, tasks = content.tasks, DIGITS = "0123456789abcdefghijklmnopqrstuv";
  var all = function (where, selector) { return Array.prototype.slice.call(where.querySelectorAll(selector)); };
  var value = function (id) { var field = document.getElementById(id); return field ? field.value : ""; };
  var from = null, now = null;
  body.classList.add("scripted");

  function make(tag, look, text) {
    var element = document.createElement(tag);
    if (look) element.className = look;
    if (text !== undefined) element.textContent = text;
    for (var i = 3; i < arguments.length; i++) if (arguments[i]) element.appendChild(arguments[i]);
    return element;
  }
  // text with the words that both sides share marked; offsets count code points
  function marked(text, runs) {
    var p = make("p"), chars = Array.from(text), at = 0;
    runs.forEach(function (run) {
      p.appendChild(document.createTextNode(chars.slice(at, run[0]).join("")));
      p.appendChild(make("mark", "", chars.slice(run[0], run[1]).join("")));
      at = run[1];
    });
    p.appendChild(document.createTextNode(chars.slice(at).join("")));
    return p;
  }
  function chip(verdict) {
    var words = content.verdicts[verdict], element = make("span", "chip v-" + verdict, words[0] + " " + words[1]);
    element.title = words[2];
    return element;
  }

  // ---- cells: the program's verdict, the verdict with decisions applied, the sum of the marks; "" where nothing was said
  function found(t, k) { return content.codes[towns[t].v[k]] || ""; }
  function decided(t, k) { return towns[t].d ? content.codes[towns[t].d[k]] || "" : found(t, k); }
  function marks(t, k) { return Math.max(0, DIGITS.indexOf(towns[t].k[k])); }
  function isGap(t, k) { return content.gaps.indexOf(decided(t, k)) >= 0; }
  function markWords(sum) {
    return [[1, "空泛"], [2, "有举措待核"], [4, "有问题"], [8, "有人工决定"], [16, "决定存疑或过期"]]
      .filter(function (mark) { return sum & mark[0]; }).map(function (mark) { return mark[1]; });
  }
  function cellWords(t, k) {
    var words = [content.verdicts[found(t, k)][1]];
    if (decided(t, k) !== found(t, k)) words.push("人工：" + content.verdicts[decided(t, k)][1]);
    return towns[t].name + " " + tasks[k].id + " " + words.concat(markWords(marks(t, k))).join("，");
  }

  // ---- the detail of a place: in the page as it is, or in a packed part that holds several places
  var unpacked = {};
  function detail(t, use, fail) {
    if (towns[t].cells) { use(towns[t]); return; }
    var part = Math.floor(t / content.per), node = document.getElementById("part-" + part);
    if (unpacked[part]) { use(taken(unpacked[part], t)); return; }
    if (typeof DecompressionStream === "undefined") { fail("浏览器版本较旧，读不出本页压缩的原文；请换新版浏览器，或看“复核”文件夹中的工作簿"); return; }
    var bytes = Uint8Array.from(atob(node.textContent), function (char) { return char.charCodeAt(0); });
    new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).json().then(function (list) {
      unpacked[part] = list;
      use(taken(list, t));
    }).catch(function () { fail("本页的原文部分已损坏，请重新生成或重新拷贝"); });
  }

  function taken(list, t) {
    var i = t % content.per, column = list.cells.map(function (row) { return row[i]; });
    if (list.findings) return {cells: column, findings: list.findings[i], own: list.own[i]};
    return {cells: column.map(function (letters, k) { return spelled(t, k, letters, list.rulings[i]); }), findings: [], own: []};
  }
  // a cell out of its letters: c covered, x not, n owed by somebody else; a capital is to be looked at
  function spelled(t, k, letters, rulings) {
    var measures = letters.split("").map(function (letter, i) {
      var low = letter.toLowerCase(), verdict = found(t, k), other = {undetermined: "未能判定", justified: "已说明"}[verdict] || "未覆盖", id = tasks[k].measures[i].id;
      var said = low === "n" || verdict === "not_applicable" ? "不计" : low === "c" ? "覆盖" : other;
      return {id: id, said: said, covered: low === "c", review: letter !== low, ruling: rulings[id] || "", marks: [], quotes: null};
    });
    return {measures: measures, done: (letters.match(/c/gi) || []).length, of: (letters.match(/[cx]/gi) || []).length, flags: marks(t, k) & 1 ? ["空泛"] : [],
      units: "", ruling: rulings[tasks[k].id] || "", targets: []};
  }

  // ---- sections
  var tabs = all(document, "nav a"), shows = {};
  function show(id) {
    tabs.forEach(function (tab) {
      var here = tab.dataset.tab === id;
      tab.classList.toggle("here", here);
      if (here) tab.setAttribute("aria-current", "page"); else tab.removeAttribute("aria-current");
    });
    all(document, "main>section").forEach(function (section) { section.classList.toggle("here", section.id === id); });
    measureHead();
    if (shows[id]) shows[id]();
  }
  function measureHead() {
    all(document, ".heat").forEach(function (table) {
      var row = table.tHead.rows[0];
      if (row && row.offsetHeight) table.style.setProperty("--head", row.offsetHeight + "px");
    });
  }
  tabs.forEach(function (tab) {
    tab.addEventListener("click", function (event) {
      event.preventDefault();
      from = null;
      shut();
      show(tab.dataset.tab);
      document.querySelector("main").scrollTop = 0;
      window.scrollTo(0, 0);
      remember(tab.dataset.tab);
    });
  });
"""

_PANEL = r"""
  // ---- the panel
  function remember(hash) { try { history.replaceState(null, "", "#" + hash); } catch (error) { location.hash = hash; } }
  function open(fill, hash, opener) {
    if (opener && !panel.contains(opener)) from = opener;
    panel.textContent = "";
    var close = make("button", "", "关闭 Esc");
    close.addEventListener("click", shut);
    var top = make("div", "top");
    panel.appendChild(top);
    fill(panel, top);
    top.appendChild(close);
    panel.hidden = false;
    body.classList.add("panel-open");
    panel.scrollTop = 0;
    measureHead();
    remember(hash);
  }
  function shut() {
    if (panel.hidden) return;
    panel.hidden = true;
    body.classList.remove("panel-open");
    mark(null);
    measureHead();
    if (from && from.isConnected) from.focus();
  }
  function mark(place) {
    if (now) { var old = at(now[0], now[1]); if (old) old.classList.remove("now"); }
    now = place;
    var cell = now && at(now[0], now[1]);
    if (cell) cell.classList.add("now");
  }
  function at(t, k) { return heat.querySelector('.cell[data-c="' + t + "," + k + '"]'); }

  function upperFacts(task) {
    var units = task.units ? "上位文件责任单位：" + task.units : "上位文件没有写责任单位";
    return [task.path.join(" › "), units, task.deadline ? "完成时限：" + task.deadline : ""].filter(Boolean).join("\n");
  }
  function facts(text) { var p = make("p", "facts", text); p.style.whiteSpace = "pre-line"; return p; }
  function told(words) { return make("p", "ruling", "人工：" + words); }

  function openCell(t, k, opener) {
    var town = towns[t], task = tasks[k];
    if (!found(t, k)) return;
    open(function (where, top) {
      [["上一个缺口", -1], ["下一个缺口", 1]].forEach(function (way) {
        var button = make("button", "", way[0]);
        button.addEventListener("click", function () { step(t, k, way[1]); });
        top.appendChild(button);
      });
      where.appendChild(make("h3", "", town.name + " · " + task.id + " " + task.title));
      var line = make("p", "legend", undefined, make("span", "", "程序"), chip(found(t, k)));
      if (decided(t, k) !== found(t, k)) { line.appendChild(make("span", "", "人工决定后")); line.appendChild(chip(decided(t, k))); }
      where.appendChild(line);
      var rest = make("div");
      where.appendChild(rest);
      detail(t, function (more) {
        if (rest.parentNode !== panel) return;  // another cell was opened while this one was unpacked
        fillCell(rest, line, town, task, more.cells[k], more.findings);
      }, function (why) {
        rest.appendChild(facts(upperFacts(task)));
        task.measures.forEach(function (measure) { rest.appendChild(make("blockquote", "upper", measure.text)); });
        rest.appendChild(make("p", "note", why));
      });
    }, "cell=" + encodeURIComponent(town.name) + "/" + encodeURIComponent(task.id), opener);
    mark([t, k]);
  }
  function fillCell(where, line, town, task, cell, findings) {
    line.appendChild(make("span", "", "举措 " + cell.done + "/" + cell.of));
    cell.flags.forEach(function (flag) { line.appendChild(make("span", "chip", flag)); });
    if (cell.ruling) where.appendChild(told("整项任务" + cell.ruling));
    var mine = cell.units ? "\n" + town.name + "责任单位：" + cell.units : "";
    if (town.unread) mine += "\n" + town.name + "文件未读出：" + town.unread;
    where.appendChild(facts(upperFacts(task) + mine));
    if (content.depth) where.appendChild(fuller(town, task));
    cell.measures.forEach(function (measure, i) { where.appendChild(measureBox(measure, task.measures[i], town)); });
    if (cell.targets.length) {
      var table = make("table", "list");
      var head = make("tr", "", undefined, make("th", "", "上位目标"), make("th", "", "本地"), make("th", "", "数值"));
      table.appendChild(make("thead", "", undefined, head));
      var rows = table.appendChild(make("tbody"));
      cell.targets.forEach(function (target) {
        var name = make("td", "", target[1] || target[0]);
        rows.appendChild(make("tr", "", undefined, name, make("td", "", target[2]), make("td", "", target[3] || "—")));
      });
      where.appendChild(make("h3", "", "目标"));
      where.appendChild(table);
    }
    var noted = findings.filter(function (finding) { return finding.task === task.id; });
    if (noted.length) where.appendChild(make("h3", "", "问题"));
    noted.forEach(function (finding) { where.appendChild(findingBox(finding, town)); });
  }
  // what this page has no room for, and where it is
  function fuller(town, task) {
    var left = ["", "对上的规则", "对上的规则和已覆盖举措的原文", "下级原文、理由和问题"][content.depth];
    var p = make("p", "note", "本页镇街多，没有列出" + left + (town.page ? "：" : "；见“复核”文件夹中该地的工作簿。"));
    if (!town.page) return p;
    var link = make("a", "", "打开" + town.name + "的网页");
    link.href = town.page + (task ? "#cell=" + encodeURIComponent(town.name) + "/" + encodeURIComponent(task.id) : "#town=" + encodeURIComponent(town.name));
    link.target = "_blank";
    p.appendChild(link);
    return p;
  }
  function measureBox(measure, upper, town) {
    var said = make("div", "said", undefined, make("b", "", measure.id), make("span", "", (measure.covered ? "● " : "✕ ") + measure.said));
    if (measure.said !== "不计" && measure.confidence) said.appendChild(make("span", "", "置信度 " + measure.confidence));
    if (measure.review) said.appendChild(make("span", "chip v-undetermined", "？ 待核"));
    if (measure.copied) said.appendChild(make("span", "", "照抄 " + measure.copied));
    var left = make("div", "", undefined, make("h4", "", "上位文件"), upper ? marked(upper.text, measure.marks) : null);
    if (upper) left.appendChild(make("cite", "", upper.where));
    if (upper && upper.units) left.appendChild(make("cite", "", "责任单位：" + upper.units));
    var right = make("div", "", undefined, make("h4", "", town.name + "（" + town.file + "）"));
    (measure.quotes || []).forEach(function (quote) { right.appendChild(marked(quote[0], quote[2])); right.appendChild(make("cite", "", quote[1])); });
    var nothing = measure.said === "未能判定" ? "已读部分未见，不能断定没有" : "没有找到相应内容";
    if (!measure.quotes) right.appendChild(make("p", "note", "原文见该地的网页或工作簿"));
    else if (!measure.quotes.length) right.appendChild(make("p", "none", nothing));
    var why = make("div", "why");
    if (measure.ruling) why.appendChild(told(measure.ruling));
    if (measure.reason) why.appendChild(make("div", "", "理由：" + measure.reason));
    if (measure.recognised) why.appendChild(rules("对上的规则（" + measure.recognised.length + "条）", measure.recognised, true));
    if (measure.weighed) why.appendChild(rules("计分（" + measure.weighed.length + "项，正数支持、负数反对）", measure.weighed, measure.weighed.length <= 4));
    return make("div", "measure", undefined, said, make("div", "pair", undefined, left, right), why);
  }
  function rules(name, factors, open) {
    if (!factors.length) return document.createTextNode("");
    var table = make("table");
    factors.forEach(function (factor) {
      var origin = content.origins[factor[0]], code = make("code", "", factor[0] + (origin ? "（" + origin + "）" : ""));
      var row = make("tr", "", undefined, factor[2] ? make("td", "", factor[2]) : null, make("td", "", factor[1]), make("td", "", undefined, code));
      table.appendChild(row);
    });
    var details = make("details", "", undefined, make("summary", "", name), table);
    details.open = open;
    return details;
  }
  function findingBox(finding, town) {
    var severity = make("span", "", "级别：" + finding.severity);
    var said = make("div", "said", undefined, make("b", "", finding.name), severity, make("code", "", finding.rule));
    if (finding.waived) said.appendChild(make("span", "chip v-justified", "已说明"));
    var left = make("div", "", undefined, make("h4", "", "上位文件"), make("p", "", finding.upper || "—"));
    var right = make("div", "", undefined, make("h4", "", town.name), make("p", "", finding.lower || "—"), make("cite", "", finding.where));
    return make("div", "measure", undefined, said, make("div", "pair", undefined, left, right), make("div", "why", finding.message));
  }
  function townChips(k, only) {
    var line = make("p", "legend"), shown = 0, left = 0;
    towns.forEach(function (town, t) {
      if (!found(t, k) || (only && !isGap(t, k))) return;
      if (shown >= 120) { left += 1; return; }
      shown += 1;
      var verdict = found(t, k), button = make("button", "chip v-" + verdict, content.verdicts[verdict][0] + " " + town.name);
      button.addEventListener("click", function () { openCell(t, k, button); });
      line.appendChild(button);
    });
    if (left) line.appendChild(make("span", "", "等，另有" + left + "地"));
    return line;
  }
  function openTask(k, opener, unit) {
    var task = tasks[k];
    open(function (where) {
      where.appendChild(make("h3", "", task.id + " " + task.title));
      where.appendChild(facts(upperFacts(task) + (unit ? "\n所点单位：" + unit : "")));
      task.measures.forEach(function (measure) {
        var source = measure.id + "　" + measure.where + (measure.units ? "　责任单位：" + measure.units : "");
        where.appendChild(make("blockquote", "upper", measure.text, make("cite", "", source)));
      });
      if (task.targets.length) {
        var list = make("ul");
        task.targets.forEach(function (target) { list.appendChild(make("li", "", target.text + "　" + target.id)); });
        where.appendChild(make("h3", "", "目标"));
        where.appendChild(list);
      }
      if (!towns.length) return;
      where.appendChild(make("h3", "", content.drawn ? "有缺口的地方" : "各地情况"));
      where.appendChild(townChips(k, content.drawn));
    }, "task=" + encodeURIComponent(task.id), opener);
    mark(null);
  }
  function openTown(t, opener) {
    var town = towns[t];
    open(function (where) {
      where.appendChild(make("h3", "", town.name + "　举措覆盖率 " + town.score));
      where.appendChild(facts(town.title + "\n" + town.file + (town.unread ? "\n未读出：" + town.unread : "")));
      Object.keys(content.verdicts).forEach(function (verdict) {
        var mine = tasks.map(function (task, k) { return k; }).filter(function (k) { return found(t, k) === verdict; });
        if (!mine.length) return;
        var details = make("details", "", undefined, make("summary", "", undefined, chip(verdict), make("span", "", " " + mine.length + "项")));
        details.open = content.gaps.indexOf(verdict) >= 0;
        var list = make("ul");
        mine.forEach(function (k) {
          var changed = decided(t, k) !== found(t, k) ? "（人工：" + content.verdicts[decided(t, k)][1] + "）" : "";
          var button = make("button", "link", tasks[k].id + " " + tasks[k].title + changed);
          button.addEventListener("click", function () { openCell(t, k, button); });
          list.appendChild(make("li", "", undefined, button));
        });
        details.appendChild(list);
        where.appendChild(details);
      });
      var rest = make("div");
      where.appendChild(rest);
      detail(t, function (more) {
        if (content.depth) rest.appendChild(fuller(town));
        if (more.findings.length) rest.appendChild(make("h3", "", "问题（" + more.findings.length + "条）"));
        more.findings.forEach(function (finding) { rest.appendChild(findingBox(finding, town)); });
        if (!more.own.length) return;
        rest.appendChild(make("h3", "", "自有任务（" + more.own.length + "条）"));
        var own = rest.appendChild(make("ul"));
        more.own.forEach(function (text) { own.appendChild(make("li", "", text)); });
      }, function (why) { rest.appendChild(make("p", "note", why)); });
    }, "town=" + encodeURIComponent(town.name), opener);
    mark(null);
  }
  function step(t, k, way) {
    var width = tasks.length, place = t * width + k, size = towns.length * width;
    for (var i = 1; i <= size; i++) {
      var next = ((place + way * i) % size + size) % size, nt = Math.floor(next / width), nk = next % width;
      if (!isGap(nt, nk)) continue;
      bring(nt, nk);
      openCell(nt, nk);
      var button = panel.querySelectorAll(".top button")[way > 0 ? 1 : 0];
      if (button) button.focus();
      return;
    }
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (!button || panel.contains(button)) return;
    if (button.dataset.c) { var place = button.dataset.c.split(","); rove(button); openCell(+place[0], +place[1], button); }
    else if (button.dataset.task) openTask(+button.dataset.task, button, button.dataset.unit);
    else if (button.dataset.town) openTown(+button.dataset.town, button);
  });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") { if (panel.hidden && unfocus) unfocus(); shut(); } });
"""

_START = r"""
  // ---- where an address leads: #findings, #cell=place/task, #task=…, #town=…
  function follow() {
    var hash = location.hash.slice(1), cut = hash.indexOf("="), kind = hash.slice(0, cut);
    var rest = hash.slice(cut + 1).split("/").map(function (part) {
      try { return decodeURIComponent(part); } catch (error) { return part; }
    });
    var named = function (things, key, name) { return things.map(function (thing) { return thing[key]; }).indexOf(name); };
    if (tabs.some(function (tab) { return tab.dataset.tab === hash; })) { show(hash); return; }
    show("matrix");
    if (kind === "cell") {
      var t = named(towns, "name", rest[0]), k = named(tasks, "id", rest[1]);
      if (t >= 0 && k >= 0) { bring(t, k); openCell(t, k, at(t, k)); }
    }
    if (kind === "task") { var j = named(tasks, "id", rest[0]); if (j >= 0) openTask(j); }
    if (kind === "town") { var i = named(towns, "name", rest[0]); if (i >= 0) openTown(i); }
  }
  window.addEventListener("hashchange", follow);
  window.addEventListener("resize", measureHead);
  follow();
  body.dataset.ready = "yes";
}());
"""

SCRIPT = _TOOLS + _PANEL + MATRIX + GRAPH + _START
