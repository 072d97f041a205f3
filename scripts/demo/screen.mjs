const COLOUR = process.stdout.isTTY && !process.env['NO_COLOR'];

/** @param {string} text */
export function heading(text) {
  print(`\n${paint('1', text)}`);
}

/**
 * What was done, as a person would type it.
 *
 * @param {string} text
 */
export function command(text) {
  print(`  ${paint('36', `$ ${text}`)}`);
}

/**
 * What came back.
 *
 * @param {string} text one line or several
 */
export function answer(text) {
  for (const line of text.trimEnd().split('\n')) print(`    ${line}`);
}

/**
 * What has been checked.
 *
 * @param {string} text
 */
export function checked(text) {
  print(`  ${paint('32', 'ok')} ${text}`);
}

/** @param {string} text */
export function print(text) {
  process.stdout.write(`${text}\n`);
}

/**
 * @param {string} code SGR parameters
 * @param {string} text
 */
function paint(code, text) {
  return COLOUR ? `\u001b[${code}m${text}\u001b[0m` : text;
}
