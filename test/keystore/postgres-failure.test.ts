import { describe, expect, it } from 'vitest';

import { openFailure, postgresFailure } from '../../src/keystore/postgres-failure.ts';

/** As the driver hands on what the database says. */
function ofDatabase(code: string): Error {
  return Object.assign(new Error('said by the database'), { severity: 'ERROR', code });
}

function ofSystem(code: string): Error {
  return Object.assign(new Error(`connect ${code} 10.0.0.7:5432`), { code });
}

describe('postgresFailure', () => {
  it.each([
    ['the server shuts down', ofDatabase('57P01')],
    ['it starts', ofDatabase('57P03')],
    ['it has no connection left', ofDatabase('53300')],
    ['it became one that only reads', ofDatabase('25006')],
    ['a statement took too long', ofDatabase('57014')],
    ['a conflict goes on', ofDatabase('40001')],
    ['nothing listens', ofSystem('ECONNREFUSED')],
    ['the connection broke', new Error('Connection terminated unexpectedly')],
    ['all connections are in use', new Error('timeout exceeded when trying to connect')],
  ])('is UNAVAILABLE when %s, and names no host', (_, error) => {
    const failure = postgresFailure(error, 'WRITE_FAILED');
    expect(failure).toMatchObject({ code: 'UNAVAILABLE', cause: error });
    expect(failure.message).not.toContain('10.0.0.7');
  });

  it('is what was being done when the database refuses it', () => {
    expect(postgresFailure(ofDatabase('53100'), 'WRITE_FAILED').code).toBe('WRITE_FAILED');
    expect(postgresFailure(ofDatabase('42501'), 'READ_FAILED').code).toBe('READ_FAILED');
  });

  it('is CORRUPT when the database finds itself damaged', () => {
    expect(postgresFailure(ofDatabase('XX001'), 'READ_FAILED').code).toBe('CORRUPT');
  });
});

describe('openFailure', () => {
  it('tells whoever starts a server what was said, and where', () => {
    const refused = openFailure('postgres://a@db/b', ofDatabase('28P01'));
    expect(refused).toMatchObject({ code: 'UNWRITABLE' });
    expect(refused.message).toContain('postgres://a@db/b');
    const all = new AggregateError([ofSystem('ECONNREFUSED'), ofSystem('EHOSTUNREACH')]);
    expect(openFailure('postgres://a@db/b', all)).toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/ECONNREFUSED.*EHOSTUNREACH/) as string,
    });
  });
});
