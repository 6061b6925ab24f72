/** One style for screen, dark and light, and paper. Colours of states are told apart in grey too, and never stand alone. */
export const style = `
:root{--bg:#fbfbfa;--card:#fff;--ink:#1c1e21;--quiet:#5c636b;--line:#dfe2e6;--soft:#f1f3f5;--link:#0b57d0;
--good:#1a7f4b;--doubt:#8a5a00;--bad:#b3261e;--open:#0b57d0;
--c-confirmed:#2e9e64;--c-unverifiable:#63b88b;--c-already:#a7d3bb;--c-filtered:#d5d9de;--c-pending:#e2b340;--c-not-started:#9aa4b0;
--c-rejected:#d64545;--c-unknown:#8e5bd0;--c-diverged:#b0226f;--c-drifted:#e07b39;--c-vanished:#5b2a86;--c-refused:#7a4b2a;--c-open:#2c7be5}
@media (prefers-color-scheme:dark){:root{--bg:#14171a;--card:#1b1f23;--ink:#e8eaed;--quiet:#a0a8b1;--line:#31373d;--soft:#23282d;--link:#8ab4f8;
--good:#5fd39a;--doubt:#f0bf5a;--bad:#ff8a80;--open:#8ab4f8;--c-filtered:#3b4249;--c-already:#3f6b55;--c-not-started:#6d7884}}
*{box-sizing:border-box}[hidden]{display:none!important}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:1120px;margin:0 auto;padding:24px 20px 64px}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:18px 20px;margin:16px 0}
h1{font-size:22px;line-height:1.3;margin:0}h2{font-size:16px;margin:0 0 12px}p{margin:6px 0}
code,pre{font:13px/1.5 ui-monospace,"Cascadia Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
code{overflow-wrap:anywhere}[aria-labelledby=proof] pre{white-space:pre-wrap;overflow-wrap:anywhere}pre{overflow:auto;background:var(--soft);border-radius:8px;padding:12px;margin:8px 0;max-height:480px}
.quiet,small{color:var(--quiet)}small{font-size:12.5px}
.verdict{display:flex;gap:16px;align-items:flex-start;padding:8px 0 4px}
.sign{flex:none;width:44px;height:44px;border-radius:50%;display:grid;place-items:center;font-size:22px;font-weight:700;color:var(--bg);background:var(--open)}
.t-good .sign{background:var(--good)}.t-doubt .sign{background:var(--doubt)}.t-bad .sign{background:var(--bad)}
.t-good h1{color:var(--good)}.t-doubt h1{color:var(--doubt)}.t-bad h1{color:var(--bad)}
.bar{display:block;width:100%;height:26px;border-radius:6px}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:6px;margin:12px 0 0;padding:0}
.share{display:inline-flex;flex-wrap:wrap;align-items:baseline;gap:6px;text-align:left;font:inherit;color:inherit;background:none;border:1px solid transparent;border-radius:8px;padding:4px 10px}
button.share{border-color:var(--line);cursor:pointer}button.share:hover{background:var(--soft)}button.share[aria-pressed=true]{border-color:var(--link);box-shadow:inset 0 0 0 1px var(--link)}
.dot{width:10px;height:10px;flex:none;align-self:center}
.s-confirmed{fill:var(--c-confirmed)}.s-unverifiable{fill:var(--c-unverifiable)}.s-already{fill:var(--c-already)}.s-filtered-out{fill:var(--c-filtered)}
.s-pending{fill:var(--c-pending)}.s-not-started{fill:var(--c-not-started)}.s-rejected{fill:var(--c-rejected)}.s-unknown{fill:var(--c-unknown)}
.s-diverged{fill:var(--c-diverged)}.s-drifted{fill:var(--c-drifted)}.s-vanished{fill:var(--c-vanished)}.s-refused{fill:var(--c-refused)}.s-open{fill:var(--c-open)}
.state{display:inline-block;white-space:nowrap;padding:1px 8px;border-radius:99px;border:1px solid var(--line);font-size:13px}
.state.s-confirmed,.state.s-unverifiable,.state.s-already{color:var(--good)}.state.s-pending,.state.s-not-started,.state.s-open{color:var(--doubt)}
.state.s-rejected,.state.s-unknown,.state.s-diverged,.state.s-drifted,.state.s-vanished,.state.s-refused{color:var(--bad);font-weight:600}
.wide table{min-width:560px}table.plain{width:100%;border-collapse:collapse;font-size:14px}
.wide{overflow-x:auto}.plain th{text-align:left;color:var(--quiet);font-weight:500;font-size:13px}.plain th,.plain td{padding:6px 10px 6px 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
.plain th{min-width:64px}.items,.causes{table-layout:fixed}.items th:nth-child(1){width:27%}.items th:nth-child(3){width:30%}.items th:nth-child(2),.causes th:nth-child(2){width:128px}
.causes th:nth-child(1){width:84px}.causes th:nth-child(4){width:32%}.who{display:flex;flex-wrap:wrap;gap:0 8px;align-items:baseline}.who>*{min-width:0;max-width:100%}
.cut{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3;line-clamp:3;overflow:hidden}.cut.long{-webkit-line-clamp:6;line-clamp:6}
.plain .n{width:1%;text-align:right;padding-right:16px;white-space:nowrap;font-variant-numeric:tabular-nums}.plain tr:last-child td{border-bottom:0}
figure{margin:0 0 12px}figcaption{color:var(--quiet);font-size:13px}
.chart{display:block;width:100%;height:auto}.wave{fill:var(--soft)}.wave.w1{fill:var(--line);opacity:.55}.wave-name{font-size:12px;fill:var(--quiet)}.ticks{display:flex;justify-content:space-between;gap:12px;font-size:12.5px}
.pulse{fill:var(--c-confirmed)}.axis{stroke:var(--quiet)}.mark{stroke:var(--link);stroke-width:1.5;stroke-dasharray:4 3}.m-limit,.m-stopped{stroke:var(--bad)}.m-paused,.m-gate{stroke:var(--doubt)}
summary{cursor:pointer}.events{list-style:none;margin:8px 0 0;padding:0;font-size:14px;max-height:420px;overflow:auto}.events li{padding:3px 0;border-bottom:1px solid var(--line)}
time{color:var(--quiet);font-variant-numeric:tabular-nums;white-space:nowrap}
dl{display:grid;grid-template-columns:fit-content(40%) minmax(0,1fr);gap:4px 18px;margin:0}dt{color:var(--quiet)}dd{margin:0}
.verdict>div{min-width:0}.verdict :is(h1,p),section :is(p,li,dt,dd,figcaption){overflow-wrap:anywhere}
.guards{list-style:none;padding:0;margin:12px 0}.guards .ok b{color:var(--good)}.guards .no b{color:var(--bad)}.in{padding-left:18px;color:var(--quiet)}
.tools{display:flex;flex-wrap:wrap;gap:10px 16px;align-items:center;margin-bottom:10px}.tools label{color:var(--quiet)}
input{flex:1 1 220px;font:inherit;color:inherit;background:var(--bg);border:1px solid var(--line);border-radius:8px;padding:7px 10px;min-width:0}
.tools button{font:inherit;color:var(--link);background:none;border:1px solid var(--line);border-radius:8px;padding:5px 10px;cursor:pointer}
#grid{border:1px solid var(--line);border-radius:8px;overflow:hidden;font-size:14px}
.row{display:grid;grid-template-columns:minmax(180px,2fr) 120px minmax(180px,3fr) minmax(120px,2fr);align-items:center}
.row>*{padding:0 12px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.heads{background:var(--soft);border-bottom:1px solid var(--line)}.heads button{font:inherit;font-size:13px;color:var(--quiet);background:none;border:0;padding:8px 0;cursor:pointer}
.heads [aria-sort=ascending] button::after{content:" ↑"}.heads [aria-sort=descending] button::after{content:" ↓"}
#view{max-height:min(60vh,560px);overflow:auto;position:relative}#space{position:relative}
#space .row{position:absolute;left:0;right:0;height:36px;border-bottom:1px solid var(--line);cursor:pointer}#space .row:hover{background:var(--soft)}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}#space .row:focus-visible{outline-offset:-2px}
dialog{width:min(760px,92vw);max-height:86vh;border:1px solid var(--line);border-radius:12px;background:var(--card);color:var(--ink);padding:20px 24px}
dialog::backdrop{background:rgba(0,0,0,.45)}#close{float:right;font:inherit;color:inherit;background:none;border:1px solid var(--line);border-radius:8px;width:32px;height:32px;cursor:pointer}
#story h3{font-size:14px;margin:16px 0 6px;color:var(--quiet);font-weight:500}#story ol{list-style:none;margin:0;padding:0}#story li{padding:4px 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
#print{display:none}
@media screen and (max-width:720px){.wave-name{display:none}.ticks{flex-wrap:wrap}.row{grid-template-columns:minmax(0,1fr) 128px}.row>:nth-child(n+3){display:none}dl{grid-template-columns:1fr}dt{margin-top:6px}main{padding:16px 12px 48px}section{padding:14px}
.items,.causes,:is(.items,.causes) tbody{display:block}.wide :is(.items,.causes){min-width:0}:is(.items,.causes) thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
:is(.items,.causes) tr{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:2px 12px;padding:8px 0;border-bottom:1px solid var(--line)}.causes tr{grid-template-columns:auto minmax(0,1fr)}
:is(.items,.causes) td{width:auto;border:0;padding:0}:is(.items,.causes) td:nth-child(n+3){grid-column:1/-1}:is(.items,.causes) td:empty{display:none}.causes td:nth-child(4)::before{content:"such as "}}
@media (prefers-reduced-motion:no-preference){.share,#space .row{transition:background .12s}}
@media print{:root{color-scheme:light;--bg:#fff;--card:#fff;--ink:#000;--quiet:#444;--line:#bbb;--soft:#f3f3f3}body{font-size:11pt}main{max-width:none;padding:0}
section{border:0;padding:6px 0;break-inside:auto}.tools,#grid,dialog{display:none!important}#print{display:block}tr,li{break-inside:avoid}.events,pre{max-height:none;overflow:visible}
pre{white-space:pre-wrap;overflow-wrap:anywhere}.wide{overflow:visible}.wide table{min-width:0}table.plain{font-size:10pt;line-height:1.35}.plain th,.plain td{padding:3px 10px 3px 0}.state{padding:0 7px;font-size:9.5pt}:is(.items,.causes) th:nth-child(2){width:108px}.cut{-webkit-line-clamp:4;line-clamp:4}.cut.long{-webkit-line-clamp:8;line-clamp:8}h2{break-after:avoid}figure,[aria-labelledby=proof]{break-inside:avoid}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
