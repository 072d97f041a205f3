import type { HtmlView } from '../hkp/html.ts';
import { home } from './home.ts';
import { message } from './message.ts';
import { results } from './results.ts';
import { stats } from './stats.ts';

/** The keystore's pages. They need no script, and nothing from another host. */
export const htmlView: HtmlView = { home, results, stats, message };
