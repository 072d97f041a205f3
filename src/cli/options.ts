/* The flags that several commands share, in the form yargs wants. */

export interface TextFlag {
  readonly type: 'string';
  /** Makes the flag without a value an error instead of an empty text. */
  readonly requiresArg: true;
  readonly describe: string;
}

export interface NumberFlag {
  readonly type: 'number';
  readonly requiresArg: true;
  readonly describe: string;
}

export interface Switch {
  readonly type: 'boolean';
  readonly describe: string;
}

export const CONFIG: TextFlag = {
  type: 'string',
  requiresArg: true,
  describe: 'settings file; config/server.toml has every setting',
};

export const DATA: TextFlag = {
  type: 'string',
  requiresArg: true,
  describe: 'folder of the keystore [default: var]',
};

export const STORE: TextFlag = {
  type: 'string',
  requiresArg: true,
  describe: 'database that holds the store: postgres://USER@HOST/DATABASE',
};

export const JSON_OUTPUT: Switch = { type: 'boolean', describe: 'answer in JSON' };

/** What commands on a store take besides their own flags. A type: yargs wants what has an index signature. */
export type StoreOptions = {
  readonly data: TextFlag;
  readonly store: TextFlag;
  readonly config: TextFlag;
  readonly json: Switch;
};

export const STORE_OPTIONS: StoreOptions = { data: DATA, store: STORE, config: CONFIG, json: JSON_OUTPUT };

export interface StoreArguments {
  readonly data: string | undefined;
  readonly store: string | undefined;
  readonly config: string | undefined;
  readonly json: boolean | undefined;
}
