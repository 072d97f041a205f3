/* Pictures as text: as much of SVG as our plots need. Colours follow the reader's light or dark page. */

/** For readers who prefer light pages, and dark ones; every ink has a contrast of 4.5 or more on its paper. */
const COLOURS = /** @type {const} */ ({
  paper: ['#ffffff', '#0d1117'],
  ink: ['#1f2328', '#e6edf3'],
  quiet: ['#59636e', '#9198a1'],
  grid: ['#d1d9e0', '#3d444d'],
  one: ['#0969da', '#4493f8'],
  two: ['#bc4c00', '#f0883e'],
  three: ['#1a7f37', '#3fb950'],
  bad: ['#cf222e', '#ff7b72'],
});

/** @typedef {keyof typeof COLOURS} Colour */

/** @param {string} text */
export function escapeText(text) {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

/**
 * An element with attributes; numbers to a tenth of a pixel.
 *
 * @param {string} name
 * @param {Readonly<Record<string, string | number>>} attributes
 * @param {string} [content] markup
 */
export function element(name, attributes, content) {
  const written = Object.entries(attributes).map(
    ([key, value]) =>
      ` ${key}="${typeof value === 'number' ? String(Math.round(value * 10) / 10) : escapeText(value)}"`,
  );
  return content === undefined
    ? `<${name}${written.join('')}/>`
    : `<${name}${written.join('')}>${content}</${name}>`;
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} content
 * @param {Readonly<Record<string, string | number>>} [attributes]
 */
export function label(x, y, content, attributes = {}) {
  return element('text', { x, y, ...attributes }, escapeText(content));
}

/**
 * A whole picture. `title` and `text` tell what it shows to those who do not see it.
 *
 * @param {{ width: number, height: number, title: string, text: string, content: readonly string[] }} picture
 */
export function picture({ width, height, title, text, content }) {
  const size = { width, height, viewBox: `0 0 ${width} ${height}` };
  const words = { role: 'img', 'aria-labelledby': 'title desc' };
  const inside = [
    element('title', { id: 'title' }, escapeText(title)),
    element('desc', { id: 'desc' }, escapeText(text)),
    element('style', {}, style()),
    element('rect', { width, height, rx: 6, class: 'paper' }),
    ...content,
  ];
  return `${element('svg', { xmlns: 'http://www.w3.org/2000/svg', ...size, ...words }, `\n${inside.join('\n')}\n`)}\n`;
}

function style() {
  /** @param {0 | 1} page */
  const rules = (page) =>
    Object.entries(COLOURS)
      .map(([name, of]) => `.${name}{fill:${of[page]}}.line-${name}{stroke:${of[page]}}`)
      .join('');
  return (
    `text{font:13px system-ui,sans-serif}.small{font-size:11px}.strong{font-weight:600}` +
    `path,line{fill:none}.hollow{fill:none;stroke-width:1.5}${rules(0)}` +
    `@media(prefers-color-scheme:dark){${rules(1)}}`
  );
}
