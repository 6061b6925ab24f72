/** What pages of the server have besides the style of reports, whose colours they share. */
export const style = `
.t-good{color:var(--good)}.t-doubt{color:var(--doubt)}.t-bad{color:var(--bad)}.t-open{color:var(--open)}
a{color:var(--link)}
[hidden]{display:none!important}
.ui-unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.ui-small{max-width:560px;padding-top:12vh}.ui-small h1{margin-bottom:12px}
.ui-wide{max-width:1120px}
.ui-head{display:flex;flex-wrap:wrap;gap:8px 24px;align-items:flex-start;justify-content:space-between;margin-bottom:20px}
.ui-head p{margin:4px 0}
.ui-live{font-size:13px;color:var(--quiet);border:1px solid var(--line);border-radius:99px;padding:2px 12px;background:var(--card)}
.ui-live::before{content:"";display:inline-block;width:8px;height:8px;border-radius:50%;background:var(--quiet);margin-right:8px}
.ui-live.on{color:var(--good)}.ui-live.on::before{background:var(--good)}
.ui-shares{display:block;width:100%;height:10px;border-radius:5px;background:var(--soft)}
.ui-runs{width:100%;border-collapse:separate;border-spacing:0;background:var(--card);border:1px solid var(--line);border-radius:10px;overflow:hidden;font-size:14px}
.ui-runs th,.ui-runs td{text-align:left;vertical-align:top;padding:12px 16px;border-bottom:1px solid var(--line);font-weight:400;overflow-wrap:anywhere}
.ui-runs tr:last-child>*{border-bottom:0}
.ui-runs thead th{color:var(--quiet);font-size:13px;background:var(--soft);padding:8px 16px;white-space:nowrap}
.ui-runs tbody tr:hover{background:var(--soft)}
.ui-runs th a{font-weight:600;text-decoration:none}.ui-runs th a:hover{text-decoration:underline}
.ui-runs small{display:block}.ui-runs small code{font-size:12px}
.ui-status{white-space:nowrap;font-weight:600}
.ui-runs tbody th{min-width:270px}.ui-counts{width:230px;min-width:150px}.ui-runs time{white-space:nowrap}.ui-of{display:block;margin-top:4px;font-size:13px;font-variant-numeric:tabular-nums;color:var(--quiet)}
.ui-none{text-align:center;color:var(--quiet);padding:32px}.ui-older{text-align:center;margin-top:20px}
.ui-bar{border-bottom:1px solid var(--line);background:var(--card)}
.ui-in{max-width:1120px;margin:0 auto;padding:12px 20px;display:grid;gap:12px}
.ui-in nav{display:flex;justify-content:space-between;align-items:center;gap:16px}
.ui-now{display:grid;gap:6px}.ui-now p{margin:0}
.ui-headline{display:flex;flex-wrap:wrap;gap:2px 12px;align-items:baseline}.ui-headline strong{font-size:18px}
.ui-headline span{color:var(--ink);overflow-wrap:anywhere}
.ui-parts{font-variant-numeric:tabular-nums}
.ui-over{border:1px solid var(--link);border-radius:8px;padding:8px 12px;background:var(--soft)}
.ui-said summary{color:var(--quiet);font-size:14px}.ui-said ol{list-style:none;margin:6px 0 0;padding:0;max-height:180px;overflow:auto;font-size:14px}
.ui-said li{padding:3px 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
#ui-asof{font-size:13px}
.ui-controls{display:flex;flex-wrap:wrap;gap:8px 10px;align-items:center}
.ui-controls label{color:var(--quiet)}.ui-controls input{flex:1 1 220px}#ui-reason{display:flex;flex:1 1 220px;max-width:520px;gap:10px;align-items:center}
.ui-controls button,.ui-buttons button{font:inherit;color:inherit;background:var(--soft);border:1px solid var(--line);border-radius:8px;padding:7px 16px;min-height:38px;cursor:pointer}
.ui-controls button:hover,.ui-buttons button:hover{border-color:var(--link)}
.ui-controls button[aria-disabled=true]{opacity:.55;cursor:progress}
.ui-controls button[data-op=abort]{color:var(--bad);background:none}
#ui-answer{flex-basis:100%;margin:0;font-size:14px}#ui-answer:empty{display:none}
#ui-abort{width:min(520px,92vw)}#ui-abort label{display:block;margin-top:12px;color:var(--quiet)}
#ui-abort textarea{width:100%;font:inherit;color:inherit;background:var(--bg);border:1px solid var(--line);border-radius:8px;padding:8px 10px;resize:vertical}
.ui-buttons{display:flex;flex-wrap:wrap;justify-content:flex-end;gap:10px;margin:16px 0 0}
.ui-buttons .ui-danger{background:var(--bad);border-color:var(--bad);color:var(--bg);font-weight:600}
.ui-runs td[data-head=Exit]{white-space:nowrap;overflow-wrap:normal}
@media (max-width:760px){.ui-in{padding:10px 12px}}
@media (max-width:1000px){
.ui-runs thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.ui-runs tr{display:grid;grid-template-columns:max-content 1fr;padding:12px 14px;border-bottom:1px solid var(--line);gap:4px 14px}
.ui-runs tr:last-child{border-bottom:0}.ui-runs th,.ui-runs td{border:0;padding:0;min-width:0}
.ui-runs tbody th{grid-column:1/-1;margin-bottom:4px;min-width:0}.ui-counts{width:auto}
.ui-runs td{display:contents}.ui-runs td::before{content:attr(data-head);color:var(--quiet);font-size:13px;grid-column:1}
.ui-runs td:empty{display:none}.ui-runs td>*{grid-column:2}
}
@media print{.ui-bar,#ui-abort{display:none!important}}
`;
