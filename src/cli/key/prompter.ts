/*
 * Asks whoever runs the command. Questions go to stderr, so that what a command prints can go on through a
 * pipe; answers are lines of stdin, typed or piped.
 */
import type { ReadStream } from 'node:tty';
import { CliError } from '../error.ts';
import type { Terminal } from '../terminal.ts';

/** Characters of one answer: more is not typed by anybody. */
const MAX_ANSWER = 4096;

const INTERRUPT = '\u0003';
const END_OF_TEXT = '\u0004';
const ERASE: ReadonlySet<string> = new Set(['\u0008', '\u007f']);
const ERASE_LINE = '\u0015';

export class Prompter {
  readonly #input: ReadStream;
  readonly #terminal: Terminal;
  #pending = '';
  #ended: boolean;
  #wake: (() => void) | undefined;

  constructor(input: ReadStream, terminal: Terminal) {
    this.#input = input;
    this.#terminal = terminal;
    // A passphrase or a key may have been read from it to its end.
    this.#ended = input.readableEnded || input.destroyed;
    input.setEncoding('utf8');
    input.on('data', this.#onData);
    input.on('end', this.#onEnd);
    input.on('error', this.#onEnd);
  }

  /** Whether a person sits at the other end. */
  get interactive(): boolean {
    return this.#input.isTTY;
  }

  /** The answer without the white space around it. Throws `NO_ANSWER` at the end of stdin. */
  async ask(question: string): Promise<string> {
    this.#terminal.err(question);
    return (await this.#line(question)).trim();
  }

  /** The answer as it is typed, which a terminal does not show. Throws `NO_ANSWER`, `INTERRUPTED`. */
  async askHidden(question: string): Promise<string> {
    if (!this.interactive) {
      this.#terminal.err(question);
      return this.#line(question);
    }
    // Before the question: whoever sees it may type at once.
    this.#input.setRawMode(true);
    try {
      this.#terminal.err(question);
      return await this.#hiddenLine(question);
    } finally {
      this.#input.setRawMode(false);
      this.#terminal.err('\n');
    }
  }

  /** Lets the process end. */
  close(): void {
    this.#input.off('data', this.#onData);
    this.#input.off('end', this.#onEnd);
    this.#input.off('error', this.#onEnd);
    this.#input.pause();
  }

  readonly #onData = (chunk: string | Buffer): void => {
    this.#pending += chunk.toString();
    this.#wake?.();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#wake?.();
  };

  async #line(question: string): Promise<string> {
    let end = this.#pending.indexOf('\n');
    while (end < 0 && !this.#ended && this.#pending.length <= MAX_ANSWER) {
      await this.#more();
      end = this.#pending.indexOf('\n');
    }
    if (end < 0 && this.#pending === '') throw noAnswer(question);
    const line = end < 0 ? this.#pending : this.#pending.slice(0, end);
    if (line.length > MAX_ANSWER) throw new CliError('NO_ANSWER', 'the answer is too long');
    this.#pending = end < 0 ? '' : this.#pending.slice(end + 1);
    return line.replace(/\r$/, '');
  }

  /** In raw mode the editing keys are ours. */
  async #hiddenLine(question: string): Promise<string> {
    const typed: string[] = [];
    for (;;) {
      const key = await this.#key();
      if (key === undefined && typed.length === 0) throw noAnswer(question);
      if (key === undefined || key === '\r' || key === '\n') return typed.join('');
      if (key === INTERRUPT) throw new CliError('INTERRUPTED', 'interrupted');
      edit(typed, key);
    }
  }

  /** Undefined at the end, which a terminal says with a key. */
  async #key(): Promise<string | undefined> {
    while (this.#pending === '' && !this.#ended) await this.#more();
    const [key] = this.#pending;
    this.#pending = this.#pending.slice(key?.length ?? 0);
    return key === END_OF_TEXT ? undefined : key;
  }

  #more(): Promise<void> {
    this.#input.resume();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

function edit(typed: string[], key: string): void {
  if (ERASE.has(key)) typed.pop();
  else if (key === ERASE_LINE) typed.length = 0;
  else if (typed.length < MAX_ANSWER) typed.push(key);
}

function noAnswer(question: string): CliError {
  return new CliError(
    'NO_ANSWER',
    `stdin ended where an answer was needed: "${question.trim()}"; give it with a flag (--help shows them)`,
  );
}

/** Asks for what cannot be taken back or assumed; what is neither yes nor no is asked again. */
export async function askYesNo(
  prompter: Prompter,
  question: string,
  byDefault: 'yes' | 'no' | 'none',
): Promise<boolean> {
  for (;;) {
    const answer = (await prompter.ask(question)).toLowerCase();
    if (answer === 'y' || answer === 'yes') return true;
    if (answer === 'n' || answer === 'no') return false;
    if (answer === '' && byDefault !== 'none') return byDefault === 'yes';
  }
}
