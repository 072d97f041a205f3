/* An answer for shells: a status and one line. */
import type { Decision, ImageDecision } from '../admission/decision.ts';
import { outcomeOf } from '../admission/outcome.ts';
import type { Outcome } from '../admission/outcome.ts';
import { asciiLine, oneLine, percentEncoded } from './one-line.ts';

export interface GateAnswer {
  readonly status: 204 | 403 | 503;
  readonly headers: Readonly<Record<string, string>>;
  /** `EXIT CODE text` and a newline; empty when admitted. */
  readonly body: string;
}

/** The exit codes of `vouch admit`, which a shell that asks through the gate ends with. */
const EXIT_OF: Readonly<Record<Outcome, number>> = {
  admitted: 0,
  exception: 13,
  policy: 10,
  evidence: 11,
  key: 12,
  undetermined: 20,
};

/** With `strict`, what only audit mode, a waiver or a fallback admits is refused. */
export function gateAnswer(decision: Decision, strict: boolean): GateAnswer {
  const outcome = outcomeOf(decision);
  const admitted = decision.effective === 'admit' && !(strict && outcome === 'exception');
  if (!admitted) {
    const body = `${EXIT_OF[outcome]} ${reasonLine(decision)}\n`;
    return { status: outcome === 'undetermined' ? 503 : 403, headers: {}, body };
  }
  const [image] = decision.images;
  return {
    status: 204,
    headers: {
      ...(image && { 'Vouch-Path': percentEncoded(octetsOf(image)) }),
      ...(outcome === 'exception' && { 'Vouch-Warning': asciiLine(warning(decision)) }),
    },
    body: '',
  };
}

function octetsOf({ path, path_b64: octets }: ImageDecision): Uint8Array {
  return octets === undefined ? Buffer.from(path) : Buffer.from(octets, 'base64');
}

function warning(decision: Decision): string {
  const why = decision.mode === 'audit' ? 'only audit mode admits this' : 'only an exception admits this';
  return `${why}: ${reasonLine(decision)}`;
}

/** The reason that decides, else the first that there is. */
function reasonLine({ reasons }: Decision): string {
  const reason = reasons.find(({ action }) => action === 'enforce') ?? reasons[0];
  return reason === undefined
    ? 'RULE_REFUSES nothing admits this image'
    : oneLine(`${reason.code} ${reason.text}`);
}
