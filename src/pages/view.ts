import type { HtmlView } from '../hkp/html.ts';
import { home } from './home.ts';
import { key } from './key.ts';
import { message } from './message.ts';
import { preview } from './preview.ts';
import { askForMail, mails, prove } from './prove.ts';
import { push } from './push.ts';
import { removed } from './removed.ts';
import { results } from './results.ts';
import { stats } from './stats.ts';
import { tokens } from './tokens.ts';

/** The keystore's pages. They work without their script, and need nothing from another host. */
export const htmlView: HtmlView = {
  askForMail,
  prove,
  mails,
  home,
  results,
  key,
  removed,
  push,
  preview,
  stats,
  tokens,
  message,
};
