-- style.sql - how the page looks: light and dark as the reader's system has it, one
-- column on a phone, black on white on paper.
--
-- What depends on the data stands in no style of an element: a bar's length is an
-- attribute of its SVG, and classes of this sheet are for the rest. v0 to v20: how
-- strong a cell's colour is, in twentieths. c0 to c9: the hue of a curve and of its key.
DROP VIEW IF EXISTS temp.page_style;
CREATE TEMP VIEW page_style AS
WITH RECURSIVE steps(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM steps WHERE i < 20)
SELECT '
:root{color-scheme:light dark;--shade:#0004;--page:#f6f7f9;--card:#fff;--ink:#16202b;--soft:#566372;--line:#dfe4ea;--accent:#0b63ce;
--good:11 99 206;--bad:214 84 0;--warm:#b34700;--tile:#eef2f7;--l:32%;--k:.6}
@media(prefers-color-scheme:dark){:root{--shade:#000c;--page:#0d1218;--card:#151c25;--ink:#e8edf3;--soft:#9dabba;--line:#2a3542;--accent:#6cb0ff;
--good:64 148 255;--bad:255 140 40;--warm:#ffa657;--tile:#1c2530;--l:66%;--k:.5}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
header,main{max-width:1120px;margin:0 auto;padding:0 20px}
header{padding-top:34px}h1{font-size:1.15rem;margin:0;color:var(--soft);font-weight:600}
.lead{font-size:clamp(2.6rem,8vw,4.4rem);font-weight:750;letter-spacing:-.03em;color:var(--ink);line-height:1.05;margin:.1em 0 .15em}
.lead small{font-size:1.05rem;font-weight:400;letter-spacing:0;color:var(--soft);display:block;margin-top:.5em;line-height:1.4}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(128px,1fr));gap:12px;margin:20px 0;padding:0;list-style:none}
.tiles li{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:12px 14px}
.tiles b{display:block;font-size:1.35rem;white-space:nowrap;font-variant-numeric:tabular-nums}.tiles span{color:var(--soft);font-size:.85rem}
nav{display:flex;flex-wrap:wrap;gap:6px 18px;margin:0 0 18px}a{color:var(--accent)}nav a{text-decoration:none;font-weight:600}
section{background:var(--card);border:1px solid var(--line);border-radius:16px;padding:22px 24px;margin:0 0 20px}
h2{font-size:1.35rem;margin:0 0 .3em;letter-spacing:-.01em}h3{font-size:1rem;margin:1.4em 0 .4em}
p{margin:.2em 0 .9em;max-width:74ch;color:var(--soft)}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.92rem}
th,td{padding:4px 10px;text-align:right;border-bottom:1px solid var(--line)}td{white-space:nowrap}th{font-weight:600}
tbody th,.left{text-align:left}h1,figcaption,.key span{overflow-wrap:anywhere}tbody th{overflow-wrap:break-word}.cards tbody th{overflow-wrap:anywhere}thead th{color:var(--soft);font-size:.82rem;vertical-align:bottom}
.wide{overflow-x:auto;margin:0 0 .8em;max-width:100%;background:linear-gradient(90deg,var(--card) 40%,transparent) 0 0/36px 100% local no-repeat,linear-gradient(270deg,var(--card) 40%,transparent) 100% 0/36px 100% local no-repeat,linear-gradient(90deg,var(--shade),transparent) 0 0/14px 100% scroll no-repeat,linear-gradient(270deg,var(--shade),transparent) 100% 0/14px 100% scroll no-repeat}.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr));gap:18px}
.bar{width:0;min-width:100%;height:9px}.bar rect{height:9px;rx:4.5px;fill:var(--accent)}.cellbar{width:34%;min-width:110px}
img{image-rendering:pixelated;background:#000;border-radius:4px;width:44px;height:44px;vertical-align:middle;object-fit:contain}
.strip{display:flex;flex-wrap:wrap;gap:4px;justify-content:flex-start}.pic{display:inline-grid;justify-items:center}.pic small,figcaption small{font-size:.7rem;font-weight:400;color:var(--soft)}.note{color:var(--soft)}.big img{width:104px;height:104px;border-radius:8px}
svg{width:100%;height:auto;max-width:520px;display:block}svg[viewBox="0 0 320 290"]{max-width:400px}svg text{font:11px system-ui,sans-serif;fill:var(--soft)}
.grid path{stroke:var(--line);fill:none}.a,.b,.c{fill:none;stroke:var(--accent);stroke-width:2.2;stroke-linejoin:round}
.b{stroke:var(--warm)}.c{stroke:hsl(var(--h) 75% var(--l));stroke-width:1.6}.same{stroke:var(--soft);stroke-dasharray:4 4;fill:none}
.fill{fill:var(--accent);opacity:.75}.dot{fill:var(--accent)}.dotb{fill:var(--warm)}
.key{display:flex;gap:4px 18px;flex-wrap:wrap;font-size:.85rem;color:var(--soft);margin:.3em 0}.key i{display:inline-block;width:18px;height:4px;border-radius:2px;background:var(--accent);margin-right:6px;vertical-align:middle}.key .w{background:var(--warm)}.key [class^=c]{background:hsl(var(--h) 75% var(--l))}
.heat{border-collapse:separate;border-spacing:2px;font-size:.85rem}.heat td,.heat th{border:0;padding:0 5px;height:30px;min-width:34px;text-align:center;border-radius:5px}
.heat td{background:rgb(var(--bad)/calc(var(--v,0)*var(--k)));color:var(--ink)}.heat .d{background:rgb(var(--good)/calc(var(--v,0)*.45))}.heat td:empty{background:rgb(127 145 165/.13)}
.heat tbody th{text-align:right}.heat a{color:inherit;display:block;line-height:30px;font-weight:650}.many td,.many th{min-width:20px;height:20px;padding:0 2px;font-size:.7rem}.many a{line-height:20px}.many thead th{writing-mode:vertical-rl}
figure{margin:0}.pairs{display:flex;flex-wrap:wrap;gap:14px}.pairs figure{background:var(--tile);border-radius:10px;padding:8px 10px;scroll-margin:20px}.pairs figure:target{outline:3px solid var(--warm)}
figcaption{font-size:.85rem;margin:0 0 5px}.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(244px,1fr));gap:14px}
.cards figure{background:var(--tile);border-radius:12px;padding:12px}.cards figcaption{margin:0 0 8px;font-weight:600}.cards table{width:100%;margin-top:6px;font-size:.84rem;table-layout:fixed}.cards tbody th{width:36%}.cards .cellbar{min-width:0}.cards td,.cards th{padding:2px 4px;border:0;font-weight:400}
.hit{color:var(--accent);font-weight:650!important}.miss{color:var(--warm);font-weight:650!important}
dl{display:grid;grid-template-columns:minmax(110px,max-content) 1fr;gap:5px 20px;margin:0}dt{color:var(--soft)}.whole{white-space:nowrap}dd{margin:0;overflow-wrap:anywhere}code{font:.9em ui-monospace,Menlo,Consolas,monospace}
@media(max-width:560px){header,main{padding:0 12px}section{padding:16px 14px;border-radius:12px}th,td{padding:4px 6px}.heat{border-spacing:1px;font-size:.72rem}.heat td,.heat th{min-width:0;padding:0 2px;height:26px}.heat a{line-height:26px}.wide .cellbar,.wide .strip .pic:nth-child(n+4){display:none}svg[viewBox="0 0 520 250"]{overflow:visible}svg[viewBox="0 0 520 250"] text{font-size:15px}.cards{grid-template-columns:1fr}}
@media print{:root{--page:#fff;--card:#fff;--ink:#000;--soft:#333;--line:#bbb;--tile:#f2f2f2;--accent:#0b4fa8;--good:11 99 206;--bad:214 84 0;--warm:#a84300;--l:32%;--k:.6}body{font-size:11pt}nav{display:none}section{border:0;padding:0 0 10pt;border-radius:0}h2,h3,figcaption{break-after:avoid}figure,table,tr,svg,.tiles li,.two{break-inside:avoid}thead{display:table-header-group}.wide{overflow:visible;background:none}p{break-after:avoid;break-inside:avoid}dl{break-inside:avoid}img{width:30px;height:30px}.big img{width:62px;height:62px}.strip{gap:3px}.cellbar{width:20%;min-width:60px}.cards{grid-template-columns:repeat(3,1fr)}.cards .cellbar{width:34%}svg{max-height:210px}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
@media(prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
' || (SELECT group_concat(printf('.v%d{--v:%.2f}', i, i / 20.0), '') FROM steps) ||
    (SELECT group_concat(printf('.c%d{--h:%d}', i, 36 * i), '') FROM steps WHERE i < 10) AS css;
