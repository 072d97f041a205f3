/* What `vouch doctor --server` finds. Codes are stable. */

export type ServerFindingCode =
  /** The address itself: its scheme and its port. */
  | 'ADDRESS'
  | 'UNREACHABLE'
  | 'TLS'
  | 'REDIRECT'
  /** `GET /version`, for `remote status`. */
  | 'VERSION'
  /** `/assets/config/config.prod.json` and each service that it names. */
  | 'DISCOVERY'
  | 'SERVICE'
  /** `GET /`, for `keyserver login`. */
  | 'LOGIN'
  | 'TOKEN_STATUS'
  | 'TOKEN_PAGE'
  /** A token that was given is not sent. */
  | 'TOKEN_NOT_SENT'
  /** The machine-readable index, field by field. */
  | 'INDEX'
  | 'GET'
  /** What is answered when there is no such key. */
  | 'NO_MATCH'
  /** What is answered to a push that holds no key. */
  | 'PUSH'
  | 'METHODS'
  | 'CORS'
  | 'HKP_PORT'
  | 'TIME';

/** From the worst: a client trips over it; a client may; how it is; as it should be. */
export const SERVER_SEVERITIES = ['error', 'warning', 'note', 'ok'] as const;
export type ServerSeverity = (typeof SERVER_SEVERITIES)[number];

export interface ServerFinding {
  readonly severity: ServerSeverity;
  readonly code: ServerFindingCode;
  /** What it is about: a request, an address. May be hostile text. */
  readonly subject: string;
  /** One sentence without the trailing point. May quote hostile text. */
  readonly text: string;
  /** What to do about it. */
  readonly fix?: string;
}
