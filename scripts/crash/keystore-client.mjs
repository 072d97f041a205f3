/**
 * Pushes keyrings in one request. True only when the server said that it holds them.
 *
 * @param {string} url
 * @param {readonly string[]} armors
 */
export async function push(url, armors) {
  const answer = await fetch(`${url}/pks/add`, {
    method: 'POST',
    body: new URLSearchParams({ keytext: armors.join('\n') }),
  });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`a push was refused: ${answer.status} ${text}`);
}

/**
 * The armored certificate, or undefined when the server does not have it.
 *
 * @param {string} url
 * @param {string} fingerprint
 */
export async function get(url, fingerprint) {
  const answer = await fetch(`${url}/pks/lookup?op=get&options=mr&search=0x${fingerprint}`);
  const text = await answer.text();
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw new Error(`a lookup failed: ${answer.status} ${text}`);
  return text;
}

/**
 * Calls `work` for each item, some at a time.
 *
 * @template Item
 * @param {Iterable<Item>} items
 * @param {number} atOnce
 * @param {(item: Item) => Promise<void>} work
 */
export async function forEachAtOnce(items, atOnce, work) {
  const iterator = items[Symbol.iterator]();
  const worker = async () => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
