/** What stops the setup. The message is one line for the person at the terminal. */
export class SetupError extends Error {}
