/* The keys of the table `mail` of `server.toml`. */
import { z } from 'zod';
import { choice, table, text } from './schema-parts.ts';
import type { MailSettings } from './server-config.ts';

const SERVER_FORM =
  'must be the address of a mail server without a password, such as "smtp://mail.example.org:587" or "smtps://mail.example.org"';

/** Ports of RFC 6409 §3.1 and RFC 8314 §3.3. */
const PORTS: ReadonlyMap<string, number> = new Map([
  ['smtp:', 587],
  ['smtps:', 465],
]);

const server = z.string({ error: SERVER_FORM }).transform((value, context) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const port = url === undefined ? undefined : PORTS.get(url.protocol);
  if (url !== undefined && port !== undefined && /^smtps?:\/\/[^/?#@]+\/?$/i.test(value)) {
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    return { host, port: url.port === '' ? port : Number(url.port), tls: url.protocol === 'smtps:' };
  }
  context.issues.push({ code: 'custom', message: SERVER_FORM, input: value });
  return z.NEVER;
});

const FROM_FORM = 'must be an e-mail address, such as "keys@example.org"';

const from = z
  .string({ error: FROM_FORM })
  .max(254, { error: FROM_FORM })
  .regex(/^[\w.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i, { error: FROM_FORM });

const fields = table({
  server,
  from,
  user: text('must be the name of a user').optional(),
  password_file: text('must be the path of a file').optional(),
  proof: choice(['offered', 'required']).default('offered'),
});

/** The keys it may have. */
export const MAIL_KEYS: readonly string[] = Object.keys(fields.shape);

export const mail: z.ZodType<MailSettings> = fields.transform((given, context): MailSettings => {
  if ((given.user === undefined) !== (given.password_file === undefined)) {
    context.issues.push({
      code: 'custom',
      message: 'needs "user" and "password_file" together',
      input: given,
    });
  }
  return {
    ...given.server,
    from: given.from,
    user: given.user,
    passwordFile: given.password_file,
    proof: given.proof,
  };
});
