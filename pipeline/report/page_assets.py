"""Style and script of the HTML report. The script is plain JavaScript; it sets text by `textContent` only: no document can bring markup with it."""

STYLE = """
:root{--ink:#1c2530;--soft:#596573;--line:#d5dbe2;--pale:#f4f6f9;--blue:#1f4e79;--mark:#ffe08a}
*{box-sizing:border-box}
html{scroll-padding-top:44px}
body{margin:0;color:var(--ink);background:#fff;
 font:14px/1.6 "Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei","WenQuanYi Zen Hei",SimHei,sans-serif}
h1{font-size:18px;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:16px;margin:0 0 8px;color:var(--blue)}
h3{font-size:14px;margin:14px 0 6px}
header{padding:8px 20px 6px}
button,select,input{font:inherit;color:inherit}
button{cursor:pointer}
:focus-visible{outline:3px solid #b45309;outline-offset:1px}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:#fff;padding:4px 8px;z-index:9}
.tiles{display:flex;flex-wrap:wrap;gap:8px;margin:0}
.tiles div{border:1px solid var(--line);border-radius:6px;padding:0 10px;min-width:66px}
.tiles dt{font-size:12px}.tiles dd{margin:0;font-size:16px;font-weight:600;line-height:1.3}
nav{position:sticky;top:0;z-index:6;flex:none;background:var(--blue);display:flex;padding:0 12px;overflow-x:auto}
nav a{color:#fff;text-decoration:none;padding:4px 14px;white-space:nowrap;border-bottom:3px solid transparent}
nav a.here{border-color:#ffd166;font-weight:600}
main{padding:8px 20px;min-width:0;flex:1}
#stage{display:flex;align-items:flex-start}
body.scripted section{display:none}body.scripted section.here{display:block}
.filters{display:flex;flex-wrap:wrap;gap:4px 14px;align-items:center;margin-bottom:6px}
.filters select,.filters input[type=search],.filters button{
 border:1px solid #9aa6b2;border-radius:4px;background:#fff;padding:1px 6px;max-width:190px}
.filters output{color:var(--soft)}
.strong{font-weight:600}
.legend{display:flex;flex-wrap:wrap;gap:4px 8px;align-items:center;margin:0 0 8px;font-size:12.5px;color:var(--soft)}
.chip{display:inline-block;padding:0 8px;border-radius:4px;border:1px solid rgba(0,0,0,.18);white-space:nowrap;font-size:12.5px}
.note{color:var(--soft);margin:0 0 8px}
.scroll{overflow:auto;border:1px solid var(--line);width:fit-content;max-width:100%}
.heat{border-collapse:separate;border-spacing:0;font-size:13px}
.heat th,.heat td{padding:1px;border:0;text-align:center;background:#fff}
.heat thead th,.heat thead td{position:sticky;z-index:3;background:var(--pale)}
.heat thead tr:first-child th{top:0;vertical-align:bottom}
.heat thead .scores th,.heat thead .scores td{top:var(--head,112px);border-bottom:2px solid var(--blue);font-size:11px;font-weight:400}
.heat tbody th,.heat thead th:first-child{position:sticky;left:0;z-index:2;text-align:left}
.heat thead th:first-child{z-index:4;padding:4px 8px}
.heat tbody th[scope=row]{border-right:1px solid var(--line);font-weight:400}
.town{border:0;background:none;padding:4px 0;width:30px}
.town span{writing-mode:vertical-rl;white-space:nowrap;max-height:150px;
 overflow:hidden;text-overflow:ellipsis;line-height:1.2;display:inline-block;text-align:right}
.town .up{text-orientation:mixed;letter-spacing:0;font-size:12px}
.score{display:block;line-height:1.4}
.bar{display:block;width:20px;height:16px;margin:0 auto 2px;background:#e3e8ee;position:relative}
.bar i{position:absolute;left:0;right:0;bottom:0;background:#5b8db8}
.heat .chapter th{background:#e8eef5;text-align:left;padding:2px 8px;font-size:12px;color:var(--blue);font-weight:600}
.heat .chapter span{position:sticky;left:8px;display:inline-block;max-width:calc(100vw - 90px)}
.task{border:0;background:none;text-align:left;width:var(--task,300px);padding:1px 8px;line-height:1.35;overflow-wrap:anywhere}
.task:hover,.town:hover{text-decoration:underline}
.panel-open .task{width:220px}
.id{color:var(--soft);font-variant-numeric:tabular-nums}
.unit{display:block;width:max-content;max-width:240px;padding:1px 8px;line-height:1.35;overflow-wrap:anywhere}
.cell{position:relative;width:30px;height:26px;border:1px solid rgba(0,0,0,.08);border-radius:3px;padding:0;font-size:14px;line-height:1}
.cell.noted{padding-right:9px}
.cell sup{position:absolute;top:1px;right:1px;font-size:9px;line-height:1;font-weight:700}
.cell:hover{border-color:#000}.cell.now{outline:3px solid #1d4ed8;outline-offset:-1px;z-index:1}
.cell.dim{opacity:.16}
.duty .cell{width:24px;height:22px;font-size:12px}.duty .town{width:24px}
.n{text-align:right;font-variant-numeric:tabular-nums}.heat .n{padding:0 6px;text-align:center}
.list{border-collapse:collapse;width:100%;font-size:13px}
.list th{background:var(--pale);text-align:left;border-bottom:2px solid var(--blue);padding:4px 8px;white-space:nowrap}
.list td{border-bottom:1px solid var(--line);padding:4px 8px;vertical-align:top;overflow-wrap:anywhere}
.list.narrow{width:auto;margin-bottom:8px}
.list td:nth-child(2){min-width:80px}.list.totals td:first-child{min-width:180px}.list code[title]{white-space:nowrap}
.s-high{font-weight:700;color:#8f1d14}.s-medium{font-weight:600}
code{font:11px/1.4 "DejaVu Sans Mono",Consolas,monospace;color:var(--soft);overflow-wrap:anywhere}
blockquote{margin:4px 0;padding:2px 10px;border-left:3px solid #9aa6b2;background:var(--pale)}
blockquote.upper{border-left-color:var(--blue)}
cite{font-style:normal;font-size:12px;color:var(--soft);display:block}
li cite{display:inline}
.link{border:0;background:none;padding:0;color:#1d4ed8;text-decoration:underline;text-align:left}
.method{margin:0 0 10px;padding-left:20px}
details{margin:4px 0}summary{cursor:pointer}
#panel{position:sticky;top:38px;width:min(620px,48vw);flex:none;height:calc(100vh - 38px);overflow:auto;
 border-left:1px solid var(--line);background:#fff;padding:10px 14px;box-shadow:-4px 0 12px rgba(0,0,0,.06)}
#panel[hidden]{display:none}
#panel h3{margin:0 0 4px;font-size:15px;overflow-wrap:anywhere}
#panel .top{display:flex;gap:6px;justify-content:flex-end;position:sticky;top:-10px;background:#fff;padding:6px 0;z-index:1}
#panel .top button{border:1px solid #9aa6b2;border-radius:4px;background:#fff;padding:0 8px}
#panel .facts{margin:0 0 8px;color:var(--soft);font-size:12.5px}
.measure{border:1px solid var(--line);border-radius:6px;margin:8px 0;overflow:hidden}
.measure>.said{display:flex;flex-wrap:wrap;gap:4px 10px;background:var(--pale);padding:3px 10px;font-size:12.5px;align-items:center}
.pair{display:grid;grid-template-columns:1fr 1fr}
.pair>div{padding:6px 10px;overflow-wrap:anywhere;min-width:0}.pair>div+div{border-left:1px solid var(--line)}
.pair h4{margin:0;font-size:12px;color:var(--soft);font-weight:400}
.pair p{margin:0 0 4px}
.none{color:#8f1d14}
mark{background:var(--mark);color:inherit;padding:0 1px;border-bottom:1px solid #8a6d00}
.why{padding:3px 10px 6px;border-top:1px dashed var(--line);font-size:13px}
.why table{border-collapse:collapse;font-size:12px;width:100%}.why td{padding:1px 6px 1px 0;vertical-align:top;overflow-wrap:anywhere}
.why td:nth-last-child(3){white-space:nowrap;font-variant-numeric:tabular-nums;width:48px}.why td:last-child{width:45%}
@media screen{body.scripted section>h2{position:absolute;left:-999px}}
@media screen and (min-width:1001px) and (min-height:500px){
 body.scripted{display:flex;flex-direction:column;height:100vh;overflow:hidden}
 .scripted header{flex:none}.scripted #stage{flex:1;min-height:0;align-items:stretch}
 .scripted main{overflow:auto}.scripted #panel{position:relative;top:0;height:auto}
 body.scripted section.grid.here{display:flex;flex-direction:column;height:100%}.grid>*{flex:none}.grid>.scroll{flex:0 1 auto;min-height:0}
}
@media screen and (max-width:1000px){#stage{display:block}
#panel{position:fixed;right:0;left:0;bottom:0;top:auto;width:auto;height:70vh;z-index:8;border-top:2px solid var(--blue)}}
@media print{
 @page{size:A4 landscape;margin:12mm}
 *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
 body{font-size:10pt}nav,.filters,.skip,.screen,#panel .top{display:none!important}
 body.scripted section{display:block;break-before:page}body.scripted section:first-child{break-before:auto}
 #stage{display:block}main,header{padding:0}
 .scroll{overflow:visible;max-height:none;border:0;width:auto}
 .heat th,.heat td,.heat thead th,.heat thead .scores th,.heat thead .scores td,.heat tbody th,.heat .chapter span{position:static}
 .heat{font-size:8.5pt}.heat tr,.list tr,.measure{break-inside:avoid}.heat .chapter{break-after:avoid}
 .task{width:var(--print-task,230px);padding:0 4px}.cell,.town{width:var(--print-cell,20px)}.cell{height:18px;border:1px solid #666;font-size:9pt}
 .cell.noted{padding-right:8px;font-size:8pt}.cell sup{font-size:6pt}.duty .cell,.duty .town{width:20px}.score{font-size:7pt}
 /* a button in a head that repeats is not painted again on the next page: its name is written instead */
 th[data-name] .town{display:none}
 th[data-name]::after{content:attr(data-name);display:block;width:1em;margin:2px auto;word-break:break-all;line-height:1.1}
 .cell.v-missing{border:2px solid #000;font-weight:700}.chip{border-color:#444}
 details>*{display:block}details::details-content{content-visibility:visible}
 #panel{position:static;width:auto;height:auto;overflow:visible;border:0;box-shadow:none;break-before:page}
}
"""

SCRIPT = r"""
(function () {
  "use strict";
  var content = JSON.parse(document.getElementById("content").textContent);
  var panel = document.getElementById("panel"), body = document.body, heat = document.getElementById("heat");
  var all = function (where, selector) { return Array.prototype.slice.call(where.querySelectorAll(selector)); };
  var cells = all(heat, ".cell"), from = null, now = null;
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

  // ---- sections
  var tabs = all(document, "nav a");
  function show(id) {
    tabs.forEach(function (tab) {
      var here = tab.dataset.tab === id;
      tab.classList.toggle("here", here);
      if (here) tab.setAttribute("aria-current", "page"); else tab.removeAttribute("aria-current");
    });
    all(document, "main>section").forEach(function (section) { section.classList.toggle("here", section.id === id); });
    measureHead();
  }
  function measureHead() {
    all(document, ".heat").forEach(function (table) {
      var row = table.tHead.rows[0];
      if (row.offsetHeight) table.style.setProperty("--head", row.offsetHeight + "px");
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
  function mark(cell) {
    if (now) now.classList.remove("now");
    now = cell;
    if (now) now.classList.add("now");
  }
  function at(t, k) { return heat.querySelector('.cell[data-c="' + t + "," + k + '"]'); }

  function upperFacts(task) {
    var units = task.units ? "上位文件责任单位：" + task.units : "上位文件没有写责任单位";
    return [task.path.join(" › "), units, task.deadline ? "完成时限：" + task.deadline : ""].filter(Boolean).join("\n");
  }
  function facts(text) { var p = make("p", "facts", text); p.style.whiteSpace = "pre-line"; return p; }

  function openCell(t, k, opener) {
    var town = content.towns[t], task = content.tasks[k], cell = town.cells[k];
    if (!cell) return;
    open(function (where, top) {
      [["上一个缺口", -1], ["下一个缺口", 1]].forEach(function (way) {
        var button = make("button", "", way[0]);
        button.addEventListener("click", function () { step(t, k, way[1]); });
        top.appendChild(button);
      });
      where.appendChild(make("h3", "", town.name + " · " + task.id + " " + task.title));
      var line = make("p", "legend", undefined, chip(cell.verdict), make("span", "", "举措 " + cell.done + "/" + cell.of));
      cell.flags.forEach(function (flag) { line.appendChild(make("span", "chip", flag)); });
      where.appendChild(line);
      var mine = cell.units ? "\n" + town.name + "责任单位：" + cell.units : "";
      if (town.unread) mine += "\n" + town.name + "文件未读出：" + town.unread;
      where.appendChild(facts(upperFacts(task) + mine));
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
      var noted = town.findings.filter(function (finding) { return finding.task === task.id; });
      if (noted.length) where.appendChild(make("h3", "", "问题"));
      noted.forEach(function (finding) { where.appendChild(findingBox(finding, town)); });
    }, "cell=" + encodeURIComponent(town.name) + "/" + encodeURIComponent(task.id), opener);
    mark(at(t, k));
  }
  function measureBox(measure, upper, town) {
    var said = make("div", "said", undefined, make("b", "", measure.id), make("span", "", (measure.covered ? "● " : "✕ ") + measure.said));
    if (measure.said !== "不计") said.appendChild(make("span", "", "置信度 " + measure.confidence));
    if (measure.review) said.appendChild(make("span", "chip v-undetermined", "？ 待核"));
    if (measure.copied) said.appendChild(make("span", "", "照抄 " + measure.copied));
    var left = make("div", "", undefined, make("h4", "", "上位文件"), upper ? marked(upper.text, measure.marks) : null);
    if (upper) left.appendChild(make("cite", "", upper.where));
    if (upper && upper.units) left.appendChild(make("cite", "", "责任单位：" + upper.units));
    var right = make("div", "", undefined, make("h4", "", town.name + "（" + town.file + "）"));
    measure.quotes.forEach(function (quote) { right.appendChild(marked(quote[0], quote[2])); right.appendChild(make("cite", "", quote[1])); });
    var nothing = measure.said === "未能判定" ? "已读部分未见，不能断定没有" : "没有找到相应内容";
    if (!measure.quotes.length) right.appendChild(make("p", "none", nothing));
    var why = make("div", "why", undefined, make("div", "", "理由：" + measure.reason));
    why.appendChild(rules("对上的规则（" + measure.recognised.length + "条）", measure.recognised, true));
    why.appendChild(rules("计分（" + measure.weighed.length + "项，正数支持、负数反对）", measure.weighed, measure.weighed.length <= 4));
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
    var left = make("div", "", undefined, make("h4", "", "上位文件"), make("p", "", finding.upper || "—"));
    var right = make("div", "", undefined, make("h4", "", town.name), make("p", "", finding.lower || "—"), make("cite", "", finding.where));
    return make("div", "measure", undefined, said, make("div", "pair", undefined, left, right), make("div", "why", finding.message));
  }
  function openTask(k, opener, unit) {
    var task = content.tasks[k];
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
      if (!content.towns.length) return;
      where.appendChild(make("h3", "", "各地情况"));
      var line = make("p", "legend");
      content.towns.forEach(function (town, t) {
        if (!town.cells[k]) return;
        var verdict = town.cells[k].verdict, button = make("button", "chip v-" + verdict, content.verdicts[verdict][0] + " " + town.name);
        button.addEventListener("click", function () { openCell(t, k, button); });
        line.appendChild(button);
      });
      where.appendChild(line);
    }, "task=" + encodeURIComponent(task.id), opener);
    mark(null);
  }
  function openTown(t, opener) {
    var town = content.towns[t];
    open(function (where) {
      where.appendChild(make("h3", "", town.name + "　举措覆盖率 " + town.score));
      where.appendChild(facts(town.title + "\n" + town.file + (town.unread ? "\n未读出：" + town.unread : "")));
      Object.keys(content.verdicts).forEach(function (verdict) {
        var numbers = content.tasks.map(function (task, k) { return k; });
        var mine = numbers.filter(function (k) { return town.cells[k] && town.cells[k].verdict === verdict; });
        if (!mine.length) return;
        var details = make("details", "", undefined, make("summary", "", undefined, chip(verdict), make("span", "", " " + mine.length + "项")));
        details.open = content.gaps.indexOf(verdict) >= 0;
        var list = make("ul");
        mine.forEach(function (k) {
          var button = make("button", "link", content.tasks[k].id + " " + content.tasks[k].title);
          button.addEventListener("click", function () { openCell(t, k, button); });
          list.appendChild(make("li", "", undefined, button));
        });
        details.appendChild(list);
        where.appendChild(details);
      });
      if (town.findings.length) where.appendChild(make("h3", "", "问题（" + town.findings.length + "条）"));
      town.findings.forEach(function (finding) { where.appendChild(findingBox(finding, town)); });
    }, "town=" + encodeURIComponent(town.name), opener);
    mark(null);
  }
  function step(t, k, way) {
    var width = content.tasks.length, place = t * width + k, size = content.towns.length * width;
    for (var i = 1; i <= size; i++) {
      var next = ((place + way * i) % size + size) % size, nt = Math.floor(next / width), nk = next % width;
      var cell = content.towns[nt].cells[nk];
      if (cell && content.gaps.indexOf(cell.verdict) >= 0) {
        openCell(nt, nk);
        var shown = at(nt, nk);
        if (shown) shown.scrollIntoView({block: "nearest", inline: "nearest"});
        var button = panel.querySelectorAll(".top button")[way > 0 ? 1 : 0];
        if (button) button.focus();
        return;
      }
    }
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (!button || panel.contains(button)) return;
    if (button.dataset.c) { var place = button.dataset.c.split(","); rove(button); openCell(+place[0], +place[1], button); }
    else if (button.dataset.task) openTask(+button.dataset.task, button, button.dataset.unit);
    else if (button.dataset.town) openTown(+button.dataset.town, button);
  });

  // ---- keyboard: one cell is in the tab order, arrows move
  function rove(cell) {
    if (!heat.contains(cell) || !cell.classList.contains("cell")) return;
    cells.forEach(function (other) { if (other.tabIndex === 0) other.tabIndex = -1; });
    cell.tabIndex = 0;
  }
  if (cells.length) cells[0].tabIndex = 0;
  heat.addEventListener("keydown", function (event) {
    var ways = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}, way = ways[event.key], cell = event.target;
    if (!way || !cell.dataset.c) return;
    event.preventDefault();
    var place = cell.dataset.c.split(",").map(Number);
    for (;;) {
      place = [place[0] + way[0], place[1] + way[1]];
      if (place[0] < 0 || place[1] < 0 || place[0] >= content.towns.length || place[1] >= content.tasks.length) return;
      var next = at(place[0], place[1]);
      if (next && next.offsetParent) { rove(next); next.focus(); if (!panel.hidden) openCell(place[0], place[1], next); return; }
    }
  });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") shut(); });

  // ---- filters
  var value = function (id) { return document.getElementById(id).value; };
  function filter() {
    var gaps = document.getElementById("only-gaps").checked, town = value("by-town"), verdict = value("by-verdict"), flag = value("by-mark");
    var text = value("by-text").trim().toLowerCase(), tasks = 0, shown = 0, narrowed = gaps || verdict || flag;
    all(heat, "[data-t]").forEach(function (cell) { cell.hidden = town !== "" && cell.dataset.t !== town; });
    var chapter = null, kept = 0;
    all(heat, "tbody tr").forEach(function (row) {
      if (row.className === "chapter") { if (chapter) chapter.hidden = !kept; chapter = row; kept = 0; return; }
      var hits = 0;
      all(row, ".cell").forEach(function (cell) {
        var hit = (!gaps || content.gaps.indexOf(cell.dataset.v) >= 0) && (!verdict || cell.dataset.v === verdict);
        hit = hit && (!flag || cell.dataset.m.split(" ").indexOf(flag) >= 0);
        cell.classList.toggle("dim", !hit);
        if (hit && !cell.parentNode.hidden) hits += 1;
      });
      var task = content.tasks[+row.dataset.k];
      row.hidden = (narrowed && !hits) || (text !== "" && (task.id + " " + task.title).toLowerCase().indexOf(text) < 0);
      if (!row.hidden) { kept += 1; tasks += 1; shown += hits; }
    });
    if (chapter) chapter.hidden = !kept;
    document.getElementById("shown").textContent = narrowed || text || town ? "显示" + tasks + "项任务、" + shown + "个单元格" : "";
    measureHead();
    // the tab stop must not lie in what is hidden
    var stop = cells.filter(function (cell) { return cell.tabIndex === 0; })[0];
    if (!stop || !stop.offsetParent) { var first = cells.filter(function (cell) { return cell.offsetParent; })[0]; if (first) rove(first); }
  }
  var form = document.getElementById("filters");
  form.addEventListener("input", filter);
  form.addEventListener("reset", function () { setTimeout(filter, 0); });
  form.addEventListener("submit", function (event) { event.preventDefault(); });
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
      var t = named(content.towns, "name", rest[0]), k = named(content.tasks, "id", rest[1]);
      if (t >= 0 && k >= 0) openCell(t, k, at(t, k));
    }
    if (kind === "task") { var j = named(content.tasks, "id", rest[0]); if (j >= 0) openTask(j); }
    if (kind === "town") { var i = named(content.towns, "name", rest[0]); if (i >= 0) openTown(i); }
  }
  window.addEventListener("hashchange", follow);
  window.addEventListener("resize", measureHead);
  follow();
}());
"""
