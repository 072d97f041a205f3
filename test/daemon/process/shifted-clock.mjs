/*
 * Loaded before the program: its clock is off by as many milliseconds as the file says that is named in the
 * address of this module (`?file=`).
 */
import { readFileSync } from 'node:fs';

const file = new URL(import.meta.url).searchParams.get('file') ?? '';
const realNow = Date.now.bind(Date);

function now() {
  return realNow() + Number(readFileSync(file, 'utf8'));
}

globalThis.Date = new Proxy(Date, {
  construct: (target, given) => Reflect.construct(target, given.length === 0 ? [now()] : given),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
