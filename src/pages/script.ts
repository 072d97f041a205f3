import { createHash } from 'node:crypto';

/**
 * The one script: copy buttons, and searching while one types. Pages say everything without it. What it shows
 * of an answer is the server's own markup, read by a parser that runs nothing.
 */
export const SCRIPT: string = `
'use strict';
const said = document.getElementById('said');
function say(text) {
  if (said) said.textContent = text;
}

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Without TLS there is no clipboard for scripts, but there is this.
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'away';
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

function showButtons(within) {
  for (const button of within.querySelectorAll('button.copy[hidden]')) button.hidden = false;
}
showButtons(document);

document.addEventListener('click', async (event) => {
  const button = event.target.closest('button.copy');
  if (!button) return;
  const word = button.firstElementChild;
  try {
    await copy(button.dataset.copy);
    word.textContent = 'Copied';
    say('Copied');
  } catch {
    word.textContent = 'Not copied';
    say('Not copied: the browser does not allow it');
  }
  button.focus();
  setTimeout(() => (word.textContent = 'Copy'), 2000);
});

const form = document.querySelector('form[role=search]');
const results = document.getElementById('results');
const input = form?.querySelector('input[type=search]');
if (form && results && input) {
  let timer;
  let asking = new AbortController();
  let shown = input.value.trim();
  const ask = async (search) => {
    asking.abort();
    asking = new AbortController();
    const address = form.getAttribute('action') + '?' + new URLSearchParams(new FormData(form));
    try {
      const answer = await fetch(address, { headers: { Accept: 'text/html' }, signal: asking.signal });
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const found = page.getElementById('results');
      const heading = page.querySelector('h1');
      shown = search;
      if (!found) {
        say(page.querySelector('main p')?.textContent.trim() ?? '');
        return;
      }
      results.replaceChildren(...found.childNodes);
      showButtons(results);
      history.replaceState(null, '', address);
      document.title = page.title;
      say(heading?.textContent.trim() ?? '');
      if (document.body.dataset.page === 'results') document.querySelector('h1').replaceWith(heading);
    } catch (error) {
      if (error.name !== 'AbortError') say('The server cannot be reached');
    }
  };
  input.addEventListener('input', () => {
    clearTimeout(timer);
    const search = input.value.trim();
    if (search === shown || search.length < 3) return;
    timer = setTimeout(() => ask(search), 300);
  });
}
`.trimStart();

/** Changes whenever the script does, so that it may be cached for good under this address. */
export const SCRIPT_PATH: string = `/pages.js?v=${createHash('sha256').update(SCRIPT).digest('hex').slice(0, 12)}`;
