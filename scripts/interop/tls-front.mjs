import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:https';
import path from 'node:path';
import { clientEnvironment, must } from './program.mjs';

/**
 * A proxy with TLS for the names `keys.test` and `localhost`, with an authority of its own. It has a port before
 * the server behind it is started, which has to know its own address.
 *
 * @param {string} folder
 */
export async function startTlsFront(folder) {
  const { key, certificate, authority } = await makeCertificate(folder);
  let target = 0;
  const proxy = createServer(
    { key: await readFile(key), cert: await readFile(certificate) },
    (incoming, answer) => {
      const { method, url, headers } = incoming;
      const onward = request({ host: '127.0.0.1', port: target, method, path: url, headers }, (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      });
      onward.on('error', () => answer.destroy());
      incoming.pipe(onward);
    },
  );
  await new Promise((resolve) => {
    proxy.listen(0, '127.0.0.1', () => resolve(undefined));
  });
  const address = proxy.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    port,
    url: `https://localhost:${port}`,
    authority,
    /** @param {number} to port of the server behind it */
    forwardTo(to) {
      target = to;
    },
    close() {
      proxy.close();
      proxy.closeAllConnections();
    },
  };
}

/** @param {string} folder */
async function makeCertificate(folder) {
  /** @param {string} name */
  const file = (name) => path.join(folder, name);
  /** @param {readonly string[]} args */
  const openssl = (args) => must('openssl', args, { env: clientEnvironment() });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const ca = ['-subj', '/CN=Interop Authority', '-keyout', file('ca.key'), '-out', file('ca.pem')];
  await openssl(['req', '-x509', ...curve, ...ca, '-days', '30']);
  const names = 'subjectAltName=DNS:keys.test,DNS:localhost';
  const leaf = ['-subj', '/CN=keys.test', '-addext', names, '-addext', 'basicConstraints=critical,CA:FALSE'];
  const by = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-days', '30'];
  await openssl([
    'req',
    '-x509',
    ...curve,
    ...leaf,
    ...by,
    '-keyout',
    file('tls.key'),
    '-out',
    file('tls.pem'),
  ]);
  return { key: file('tls.key'), certificate: file('tls.pem'), authority: file('ca.pem') };
}
