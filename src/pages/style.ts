import { createHash } from 'node:crypto';

/** The one stylesheet. System fonts and system colours' contrast; nothing is loaded from elsewhere. */
export const STYLE: string = `
:root {
  color-scheme: light dark;
  --ground: #ffffff;
  --raised: #f4f6f8;
  --line: #d3d9df;
  --text: #16202a;
  --quiet: #52606d;
  --accent: #0b5cad;
  --on-accent: #ffffff;
  --bad: #a4161a;
  --bad-ground: #fdecec;
  --warn: #7a4b00;
  --warn-ground: #fff3dc;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12171c;
    --raised: #1b2229;
    --line: #37424d;
    --text: #e6ebf0;
    --quiet: #a3b0bc;
    --accent: #7cb8f5;
    --on-accent: #0d1720;
    --bad: #ff9a9a;
    --bad-ground: #3a1d1f;
    --warn: #f3c477;
    --warn-ground: #35290f;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0;
  background: var(--ground);
  color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
header, main, footer { max-width: 52rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: baseline; padding-top: 1rem; }
header .name { font-weight: 700; font-size: 1.15rem; text-decoration: none; color: var(--text); }
header nav { display: flex; gap: 1rem; }
footer { color: var(--quiet); font-size: .9rem; padding-top: 1.5rem; padding-bottom: 2rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 1.5rem 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; line-height: 1.3; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
p { margin: .5rem 0; overflow-wrap: anywhere; }
a { color: var(--accent); }
a:focus-visible, button:focus-visible, input:focus-visible, textarea:focus-visible, summary:focus-visible {
  outline: 3px solid var(--accent);
  outline-offset: 2px;
}
form { margin: .5rem 0 1rem; }
label { display: block; font-weight: 600; margin-bottom: .25rem; }
.hint { color: var(--quiet); font-size: .9rem; }
.search { display: flex; gap: .5rem; flex-wrap: wrap; }
.search input { flex: 1 1 14rem; }
input, textarea, button { font: inherit; color: inherit; }
input, textarea {
  width: 100%;
  min-width: 0;
  padding: .55rem .7rem;
  border: 1px solid var(--quiet);
  border-radius: .4rem;
  background: var(--ground);
}
textarea { min-height: 9rem; font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .85rem; resize: vertical; }
button {
  padding: .55rem 1.1rem;
  border: 0;
  border-radius: .4rem;
  background: var(--accent);
  color: var(--on-accent);
  font-weight: 600;
  cursor: pointer;
}
.row { display: flex; gap: .5rem; flex-wrap: wrap; margin-top: .5rem; align-items: center; }
.row input { flex: 1 1 12rem; width: auto; }
pre {
  margin: .25rem 0 .75rem;
  padding: .7rem .9rem;
  background: var(--raised);
  border: 1px solid var(--line);
  border-radius: .4rem;
  overflow-x: auto;
  font-size: .875rem;
  line-height: 1.5;
}
code, pre { font-family: ui-monospace, Menlo, Consolas, "Liberation Mono", monospace; }
.notice {
  margin: 1rem 0;
  padding: .6rem .9rem;
  border-left: .3rem solid var(--warn);
  background: var(--warn-ground);
  border-radius: .2rem;
}
.certificate {
  margin: 1rem 0;
  padding: .9rem 1rem;
  border: 1px solid var(--line);
  border-radius: .5rem;
  background: var(--raised);
}
.certificate.revoked, .certificate.expired { border-left: .3rem solid var(--bad); }
.certificate.expired { border-left-color: var(--warn); }
.certificate h2 { margin: 0 0 .4rem; font-size: 1rem; font-weight: 400; }
.fingerprint { font-size: 1rem; font-weight: 600; overflow-wrap: normal; }
.fingerprint span { white-space: nowrap; margin-right: .45em; }
.flag {
  display: inline-block;
  padding: 0 .5rem;
  border-radius: .3rem;
  font-size: .85rem;
  font-weight: 700;
  border: 1px solid currentColor;
}
.flag.revoked { color: var(--bad); background: var(--bad-ground); }
.flag.expired { color: var(--warn); background: var(--warn-ground); }
.facts { color: var(--quiet); font-size: .92rem; }
.user-ids { list-style: none; margin: .5rem 0; padding: 0; }
.user-ids li { padding: .15rem 0; overflow: hidden; overflow-wrap: anywhere; }
.user-ids li.void bdi { text-decoration: line-through; color: var(--quiet); }
.unseen {
  font: .75em ui-monospace, Menlo, Consolas, monospace;
  padding: 0 .25em;
  margin: 0 .1em;
  border: 1px solid var(--warn);
  border-radius: .2em;
  color: var(--warn);
}
details { margin: .5rem 0; }
summary { cursor: pointer; color: var(--accent); }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
@media (max-width: 30rem) {
  .search button, .row button { width: 100%; }
  .fingerprint { font-size: .9rem; }
}
@media print {
  header nav, form, footer { display: none; }
}
`.trimStart();

/** Changes whenever the stylesheet does, so that it may be cached for good under this address. */
export const STYLE_PATH: string = `/style.css?v=${createHash('sha256').update(STYLE).digest('hex').slice(0, 12)}`;
