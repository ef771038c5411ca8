"""The style of the HTML report, for screen and paper."""

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
.cell sub{position:absolute;bottom:1px;right:1px;font-size:9px;line-height:1;font-weight:700;background:#fff;color:#000;border-radius:2px;padding:0 1px}
.cell:hover{border-color:#000}.cell.now{outline:3px solid #1d4ed8;outline-offset:-1px;z-index:1}
.cell.dim{opacity:.16}
.duty .cell{width:24px;height:22px;font-size:12px}.duty .town{width:24px}
.n{text-align:right;font-variant-numeric:tabular-nums}.heat .n{padding:0 6px;text-align:center}
.list{border-collapse:collapse;width:100%;font-size:13px}
.list th{background:var(--pale);text-align:left;border-bottom:2px solid var(--blue);padding:4px 8px;white-space:nowrap}
.list td{border-bottom:1px solid var(--line);padding:4px 8px;vertical-align:top;overflow-wrap:anywhere}
.list.narrow{width:auto;margin-bottom:8px}
.list td:nth-child(2){min-width:80px}.list.totals td:first-child{min-width:180px}.list code[title]{white-space:nowrap}
.list.counts{width:auto}.waived td{color:var(--soft)}
.ruling{margin:2px 0 4px;padding:1px 8px;border-left:3px solid #14304a;background:#e6f0fa;color:#14304a;overflow-wrap:anywhere}
.tiles+.tiles{margin-top:4px}.tiles .lead{border-color:#14304a;font-weight:600}.tiles .lead dd{font-size:12px}
.drawn td,.drawn th{height:28px;padding:1px}.drawn .task{width:190px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;display:block}
.drawn thead th:nth-child(2),.drawn tbody td:nth-child(2){min-width:46px}.drawn .town span{max-height:170px}.drawn .space td{padding:0}
.paper{display:none}
#graph-picture{display:block;font-size:12px}#graph-picture text{text-anchor:middle;pointer-events:none}#graph-picture .layer{font-weight:600;fill:var(--soft)}
.node{cursor:pointer}.node rect{stroke:#5b6b7b;stroke-width:.7}.node:hover rect,.node:focus rect{stroke:#000;stroke-width:2}.node:focus{outline:none}
.unit-node rect{fill:#1f4e79}.unit-node text{fill:#fff}.many rect{fill:#dfe7d5}.task-node rect{fill:#f7e7c3}.town-node rect{fill:#cfe8d5}.node.focus rect{stroke:#b45309;stroke-width:3}
.e-lead{stroke:#1f4e79;stroke-width:2.2;fill:none}.e-responsible{stroke:#4f86b8;stroke-width:1.2;fill:none}.e-support{stroke:#8aa0b3;stroke-width:1;stroke-dasharray:5 4;fill:none}
.t-covered,.t-justified{stroke:#5aa36f;stroke-width:1;fill:none}.t-partial{stroke:#c98a00;stroke-width:1.4;stroke-dasharray:9 3;fill:none}
.t-missing{stroke:#c0392b;stroke-width:1.8;stroke-dasharray:4 3;fill:none}.t-undetermined{stroke:#7d62c4;stroke-width:1.2;stroke-dasharray:1 3;fill:none}
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
@media screen{body:not(.scripted) section{content-visibility:auto;contain-intrinsic-size:auto 600px}}
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
 .drawn,#export{display:none}.paper{display:block}#graph-picture{width:100%;height:auto;max-height:170mm}
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
