/** Colours have a contrast of at least 4.5 to 1 in both schemes. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f5f6f8; --line: #d3d7de; --text: #1b1f24; --soft: #4d5661;
  --error: #b3131b; --warning: #8a5300; --info: #0b5cad; --good: #17692f; --unknown: #6a3fa0; --link: #0b5cad;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171a; --panel: #1e2328; --line: #3a424b; --text: #e8ebee; --soft: #b0b8c1;
    --error: #ff8f8a; --warning: #f0b45c; --info: #83bdff; --good: #7fd495; --unknown: #cba8ff; --link: #83bdff;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
header, main, footer { max-width: 62rem; margin: 0 auto; padding: 1rem; }
h1 { margin: 0; font-size: 1.6rem; }
h2 { margin: 2.5rem 0 .5rem; font-size: 1.4rem; overflow-wrap: anywhere; }
h3 { margin: 2rem 0 .5rem; font-size: 1.15rem; }
h4 { margin: 0; font-size: 1rem; }
p { margin: .4rem 0; }
a { color: var(--link); }
code, pre { font: .875rem/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { margin: 0; white-space: pre-wrap; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; }
.soft { color: var(--soft); }
.badge { font-weight: 700; white-space: nowrap; }
.pass { color: var(--good); } .fail, .error { color: var(--error); } .warning { color: var(--warning); }
.info { color: var(--info); } .undecided, .unknown { color: var(--unknown); }
.boot { border-left: .3rem solid var(--soft); padding: .2rem .9rem; background: var(--panel); }
.boot.pass { border-color: var(--good); } .boot.fail { border-color: var(--error); }
.boot.unknown { border-color: var(--unknown); } .boot p, .boot li { color: var(--text); }
.card { border: 1px solid var(--line); border-radius: .4rem; padding: .8rem 1rem; margin: .8rem 0; }
.card ul { margin: .4rem 0; padding-left: 1.2rem; }
.places { list-style: none; padding-left: 0; }
.places code { color: var(--soft); }
.fix { display: flex; gap: .6rem; align-items: flex-start; background: var(--panel); padding: .6rem .8rem; border-radius: .3rem; }
.fix pre { flex: 1; }
button, input { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--soft); border-radius: .3rem; padding: .2rem .6rem; }
fieldset { display: flex; flex-wrap: wrap; gap: .4rem 1rem; border: 1px solid var(--line); border-radius: .4rem; margin: 1rem 0 0; }
.filter input[type=search] { min-width: 14rem; }
.scroll { overflow-x: auto; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
[hidden] { display: none !important; }
@media print { .filter, button { display: none; } .card { break-inside: avoid; } }
`;
