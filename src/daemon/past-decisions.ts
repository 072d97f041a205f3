import { lastLines } from '../admission/log/last-lines.ts';
import type { DecisionLine, LogLine } from '../admission/log/log-line.ts';
import { isSelected } from '../admission/log/read-lines.ts';
import type { DecisionQuery, PastDecisions } from './trust-service.ts';

/** Reads decisions from the files of the log in `folder`. */
export function pastDecisions(folder: string): PastDecisions {
  return {
    list: async (query) => {
      const { limit, since, until } = query;
      const span = { ...(since !== undefined && { since }), ...(until !== undefined && { until }) };
      const lines = await lastLines(folder, limit, (line) => matches(line, query) && isSelected(line, span));
      return lines.toReversed();
    },
    find: async (id, uid) => {
      const of = (line: LogLine): boolean =>
        line.kind === 'decision' && line.decision_id === id && isOf(line, uid);
      return (await lastLines(folder, 1, of))[0];
    },
  };
}

function matches(line: LogLine, { uid, verdict }: DecisionQuery): boolean {
  if (line.kind !== 'decision' || !isOf(line, uid)) return false;
  return verdict === undefined || line.verdict === verdict;
}

/** What came through the socket of a user is about that user. */
function isOf({ caller }: DecisionLine, uid: number | undefined): boolean {
  return uid === undefined || caller.uid === uid;
}
