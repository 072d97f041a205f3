import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';

/** Milliseconds until it must answer. */
const START_LIMIT = 10_000;

/**
 * nginx in front of keystores, one request to each in turn, on a free port of the loopback.
 *
 * @param {string} program
 * @param {string} folder
 * @param {readonly string[]} nodes as host:port
 */
export async function startNginx(program, folder, nodes) {
  const home = path.join(folder, 'nginx');
  await mkdir(home, { recursive: true });
  const port = await freePort();
  const config = path.join(home, 'nginx.conf');
  await writeFile(config, settings(home, port, nodes));
  const child = spawn(program, ['-p', home, '-c', config], { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  const late = performance.now() + START_LIMIT;
  for (;;) {
    const answers = await fetch(`${url}/healthz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (answers) break;
    if (performance.now() > late || child.exitCode !== null) throw new Error('nginx does not answer');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    pid: child.pid ?? 0,
    stop: () => {
      child.kill('SIGQUIT');
      return ended;
    },
  };
}

/**
 * @param {string} home
 * @param {number} port
 * @param {readonly string[]} nodes
 */
function settings(home, port, nodes) {
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off;
worker_processes 1;
error_log ${home}/error.log;
pid ${home}/pid;
events { worker_connections 1024; }
http {
  access_log off;
${folders.map((name) => `  ${name}_temp_path ${home}/${name};`).join('\n')}
  upstream vouch {
${nodes.map((node) => `    server ${node};`).join('\n')}
    keepalive 64;
  }
  server {
    listen 127.0.0.1:${port};
    client_max_body_size 4m;
    location / {
      proxy_pass http://vouch;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
    }
  }
}
`;
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
