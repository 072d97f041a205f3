import { describe, expect, it } from 'vitest';
import { vouch } from '../vouch.ts';

describe('the commands about the daemon, its policy and its log', () => {
  it.each([
    ['daemon', '--allow-rollback'],
    ['daemon', '--trust-clock'],
    ['admit', '--min-binding'],
    ['explain', '--policy'],
    ['status', '--socket'],
    ['reload', '--allow-rollback'],
    ['refresh', '--socket'],
    ['affected', '--fingerprint'],
    ['promote', '--print'],
    ['doctor', '--config'],
    ['policy lint', '--json'],
    ['policy show', '--json'],
    ['policy diff', '--socket'],
    ['policy test', '--keys'],
    ['policy import-ecl', '--flavour'],
    ['policy export-ecl', '--keyring-output'],
    ['log tail', '--log'],
    ['log query', '--json'],
    ['log verify', '--key'],
    ['log export', '--format'],
  ])('explain themselves: vouch %s has %s', async (command, flag) => {
    const { code, stdout, stderr } = await vouch([...command.split(' '), '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.toString()).toContain(flag);
  });

  it('are suggested for misspelt words', async () => {
    expect((await vouch(['admi', 'a.sif'])).stderr).toContain('did you mean admit?');
    expect((await vouch(['policy', 'lin', 'a'])).stderr).toContain('did you mean lint?');
  });
});
