import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findProgram, isExecutable, must } from './program.mjs';

/** The one that operators are given. */
const SHIPPED = fileURLToPath(new URL('../../config/proxy/nginx-nodes.conf', import.meta.url));

/** Debian has it where only root looks. */
export async function findNginx() {
  const debian = '/usr/sbin/nginx';
  return (await findProgram('nginx')) ?? ((await isExecutable(debian)) ? debian : undefined);
}

/**
 * Runs nginx with the settings for several nodes that Vouch ships, without TLS, on one port of this machine.
 *
 * @param {{ program: string, folder: string, port: number, nodes: readonly number[] }} options `nodes` are their ports
 */
export async function startNginx({ program, folder, port, nodes }) {
  const home = path.join(folder, 'nginx');
  await mkdir(home);
  const shipped = await readFile(SHIPPED, 'utf8');
  const site = shipped
    .replaceAll(/^ *(?:listen|ssl_).*\n/gm, '')
    .replace('server_name', `listen 127.0.0.1:${port};\n    server_name`)
    .replaceAll(
      /^ *server 10\.0\.0\.1(\d):11371/gm,
      (_, n) => `    server 127.0.0.1:${nodes[Number(n) - 1]}`,
    );
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (what) => `${what}_temp_path ${home}/${what};`,
  );
  const settings = [
    'daemon off;',
    ...(process.getuid?.() === 0 ? ['user root;'] : []),
    `pid ${home}/pid;`,
    `error_log ${home}/error.log;`,
    'events {}',
    `http { access_log off; ${temporary.join(' ')}`,
    site,
    '}',
  ];
  const file = path.join(home, 'nginx.conf');
  await writeFile(file, settings.join('\n'));
  const words = ['-p', home, '-c', file, '-e', `${home}/error.log`];
  await must(program, [...words, '-t']);
  const child = spawn(program, words, { stdio: 'ignore' });
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  while (!(await accepts(port))) {
    if (child.exitCode !== null)
      throw new Error(`nginx ended: ${await readFile(`${home}/error.log`, 'utf8')}`);
    await delay(20);
  }
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** @param {number} port */
function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
