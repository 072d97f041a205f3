import { createHash } from 'node:crypto';

/** The one stylesheet. System fonts and system colours' contrast; nothing is loaded from elsewhere. */
export const STYLE: string = `
:root {
  color-scheme: light dark;
  --ground: #fbfcfd;
  --raised: #ffffff;
  --sunk: #f1f4f7;
  --line: #d5dce3;
  --text: #15202b;
  --quiet: #4e5d6c;
  --accent: #0b57a4;
  --accent-ground: #e7f0fa;
  --on-accent: #ffffff;
  --good: #17663a;
  --good-ground: #e3f4ea;
  --bad: #a4161a;
  --bad-ground: #fdecec;
  --warn: #764700;
  --warn-ground: #fff4df;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #10151a;
    --raised: #181f26;
    --sunk: #0c1014;
    --line: #35414d;
    --text: #e6ecf2;
    --quiet: #a5b3c0;
    --accent: #85bdf7;
    --accent-ground: #1a2c40;
    --on-accent: #0c1722;
    --good: #86d9a6;
    --good-ground: #14301f;
    --bad: #ff9f9f;
    --bad-ground: #3a1c1e;
    --warn: #f4c77c;
    --warn-ground: #33280f;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0;
  min-height: 100vh;
  display: flex;
  flex-direction: column;
  background: var(--ground);
  color: var(--text);
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
.bar, main, footer { width: 100%; max-width: 62rem; margin: 0 auto; padding: 0 1.25rem; }
header { background: var(--raised); border-bottom: 1px solid var(--line); }
.bar { display: flex; flex-wrap: wrap; gap: .25rem 2rem; align-items: center; padding-top: .7rem; padding-bottom: .7rem; }
.name { display: flex; gap: .5rem; align-items: center; font-weight: 700; font-size: 1.15rem; text-decoration: none; color: var(--text); }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
nav a { padding: .3rem 0; }
main { flex: 1; padding-bottom: 2rem; }
main:focus { outline: 0; }
footer { color: var(--quiet); font-size: .875rem; padding-top: 1.25rem; padding-bottom: 2rem; }
.skip { position: absolute; left: -100rem; background: var(--accent); color: var(--on-accent); padding: .5rem 1rem; z-index: 1; }
.skip:focus { left: 0; top: 0; }
.away { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
h1 { font-size: clamp(1.4rem, 1.1rem + 1.6vw, 2rem); line-height: 1.2; margin: 1.75rem 0 .75rem; overflow-wrap: anywhere; letter-spacing: -.01em; }
h2 { font-size: 1.2rem; line-height: 1.3; margin: 2.25rem 0 .6rem; }
h3 { font-size: .95rem; margin: 1rem 0 .25rem; }
p { margin: .5rem 0; overflow-wrap: anywhere; max-width: 46rem; }
a { color: var(--accent); text-underline-offset: .15em; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: .2rem; }
form { margin: .75rem 0 1rem; }
label { display: block; font-weight: 600; margin: .25rem 0; }
.hint { color: var(--quiet); font-size: .9rem; }
.hero { padding: 1rem 0 .5rem; }
.search { display: flex; gap: .6rem; flex-wrap: wrap; }
.search input { flex: 1 1 14rem; font-size: 1.1rem; }
input, textarea, button { font: inherit; color: inherit; }
input, textarea {
  width: 100%;
  min-width: 0;
  padding: .6rem .8rem;
  border: 1px solid var(--quiet);
  border-radius: .45rem;
  background: var(--raised);
}
input[type=file] { padding: .5rem; }
::file-selector-button {
  font: inherit;
  color: var(--accent);
  background: var(--sunk);
  border: 1px solid var(--line);
  border-radius: .35rem;
  padding: .2rem .7rem;
  margin-right: .7rem;
}
textarea { min-height: 11rem; font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .85rem; resize: vertical; display: block; }
::placeholder { color: var(--quiet); opacity: 1; }
button, .button {
  display: inline-block;
  padding: .6rem 1.2rem;
  border: 0;
  border-radius: .45rem;
  background: var(--accent);
  color: var(--on-accent);
  font-weight: 600;
  text-decoration: none;
  cursor: pointer;
}
button:hover, .button:hover { filter: brightness(1.12); }
button.copy {
  padding: .2rem .7rem;
  border: 1px solid var(--accent);
  background: var(--raised);
  color: var(--accent);
  font-size: .85rem;
}
.row { display: flex; gap: 1.25rem; flex-wrap: wrap; align-items: center; }
.or { color: var(--quiet); margin: .75rem 0 .25rem; }
.panel { padding: 1rem 1.25rem; border: 1px solid var(--line); border-radius: .7rem; background: var(--raised); }
.panel h2 { margin-top: .25rem; }
.identity { display: flex; gap: 1rem 2rem; align-items: center; justify-content: space-between; }
.identity > div { flex: 1; min-width: 0; }
.large { font-size: 1.3rem; }
.large .fingerprint { font-size: 1.25rem; }
.qr { flex: none; width: 10.5rem; height: 10.5rem; border-radius: .4rem; }
.qr .paper { fill: #fff; }
.qr .ink { fill: #000; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 0 2rem; }
.block { min-width: 0; margin-top: 1rem; }
.block .head { display: flex; justify-content: space-between; align-items: end; min-height: 2.1rem; }
.block h3 { margin: 0; }
pre {
  margin: .35rem 0 1rem;
  padding: .75rem 1rem;
  background: var(--sunk);
  border: 1px solid var(--line);
  border-radius: .45rem;
  overflow-x: auto;
  font-size: .85rem;
  line-height: 1.6;
}
code, pre { font-family: ui-monospace, Menlo, Consolas, "Liberation Mono", monospace; }
dl { margin: 0; }
dl div { display: grid; grid-template-columns: 7rem 1fr; gap: .25rem 1rem; padding: .4rem 0; border-bottom: 1px solid var(--line); }
dl div:last-child { border: 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
.notice {
  margin: 1rem 0;
  max-width: none;
  padding: .65rem 1rem;
  border-left: .3rem solid var(--warn);
  background: var(--warn-ground);
  border-radius: .3rem;
}
.notice.bad { border-color: var(--bad); background: var(--bad-ground); }
.notice h2 { margin: .25rem 0; }
.notice ul { margin: .25rem 0; padding-left: 1.25rem; overflow-wrap: anywhere; }
.certificate {
  margin: 1rem 0;
  padding: 1rem 1.25rem;
  border: 1px solid var(--line);
  border-radius: .7rem;
  background: var(--raised);
}
.certificate.revoked { border-left: .3rem solid var(--bad); }
.certificate.expired { border-left: .3rem solid var(--warn); }
.certificate h2 { margin: 0 0 .4rem; font-size: 1rem; font-weight: 400; }
.certificate h2 a { text-decoration: none; }
.certificate h2 a:hover { text-decoration: underline; }
.fingerprint { font-size: 1rem; font-weight: 600; overflow-wrap: normal; }
.fingerprint span { white-space: nowrap; margin-right: .45em; }
.flag {
  display: inline-block;
  padding: 0 .6rem;
  border-radius: 1rem;
  font-size: .8rem;
  line-height: 1.5rem;
  font-weight: 700;
  letter-spacing: 0;
  vertical-align: middle;
  border: 1px solid currentColor;
  color: var(--quiet);
  white-space: nowrap;
}
.flag.revoked { color: var(--bad); background: var(--bad-ground); }
.flag.expired { color: var(--warn); background: var(--warn-ground); }
.flag.good { color: var(--good); background: var(--good-ground); }
.facts { color: var(--quiet); font-size: .9rem; }
.user-ids, .subkeys { list-style: none; margin: .5rem 0; padding: 0; }
.user-ids li { padding: .2rem 0; overflow: hidden; overflow-wrap: anywhere; }
.subkeys li { padding: .5rem 0; border-bottom: 1px solid var(--line); }
.subkeys li:last-child { border: 0; }
.user-ids li.void bdi { text-decoration: line-through; color: var(--quiet); }
.history { list-style: none; margin: .5rem 0; padding: 0; }
.unseen {
  font: .75em ui-monospace, Menlo, Consolas, monospace;
  padding: 0 .25em;
  margin: 0 .1em;
  border: 1px solid var(--warn);
  border-radius: .2em;
  color: var(--warn);
}
svg text { fill: var(--quiet); font-size: .82rem; }
.time-line text { paint-order: stroke; stroke: var(--ground); stroke-width: 4px; }
svg .grid { stroke: var(--line); }
.time-line { display: block; overflow: visible; }
.time-line .track { fill: var(--sunk); stroke: var(--line); }
.time-line .past { fill: var(--accent); }
.time-line .future { fill: var(--accent); opacity: .45; }
.time-line .revoked { fill: var(--bad); opacity: .55; }
.time-line line.today { stroke: var(--text); stroke-width: 2; }
.time-line text.today { fill: var(--text); font-weight: 600; }
.plot { margin: 1rem 0; }
.plot svg { display: block; }
.plot .area { fill: var(--accent); opacity: .16; }
.plot .curve { fill: none; stroke: var(--accent); stroke-width: 2.5; vector-effect: non-scaling-stroke; }
details { margin: .5rem 0; }
summary { cursor: pointer; color: var(--accent); width: fit-content; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; max-width: 34rem; }
th, td { text-align: left; padding: .45rem .6rem .45rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: break-word; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; }
@media (max-width: 40rem) {
  nav { gap: .25rem .8rem; font-size: .95rem; }
  .identity { flex-direction: column; align-items: stretch; }
  .qr { align-self: center; }
  .search button, form button { width: 100%; }
  .fingerprint { font-size: .9rem; }
  .large .fingerprint { font-size: 1.05rem; }
  dl div { grid-template-columns: 6rem 1fr; }
}
@media (prefers-reduced-motion: no-preference) {
  a, button { transition: filter .15s; }
}
@media print {
  nav, form, footer, .copy, .skip { display: none; }
}
`.trimStart();

/** Changes whenever the stylesheet does, so that it may be cached for good under this address. */
export const STYLE_PATH: string = `/style.css?v=${createHash('sha256').update(STYLE).digest('hex').slice(0, 12)}`;
