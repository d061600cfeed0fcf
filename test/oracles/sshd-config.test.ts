import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readConfiguration } from '../../src/facts/ssh-server/configuration.ts';
import { imageFrom } from '../../src/testing/image.ts';
import { describeOracle, oracleRoot } from './oracle.ts';

const libraries = 'usr/lib/x86_64-linux-gnu';
const loader = join(oracleRoot, libraries, 'ld-linux-x86-64.so.2');

interface Sample {
  readonly main: string;
  readonly included: Readonly<Record<string, string>>;
}

const separator = fc.constantFrom(' ', ' ', '\t', '=', ' = ', '  ');
const comment = fc.constantFrom('', '', '', ' # why', '  ');
const keyword = (name: string) => fc.constantFrom(name, name.toLowerCase(), name.toUpperCase());
const option = fc.oneof(
  setting('ClientAliveInterval', fc.constantFrom('0', '180', '3m', '1m30s', '2H', '"45"', '1h1')),
  setting('PasswordAuthentication', fc.constantFrom('yes', 'no', '"no"', 'YES')),
  setting('PermitRootLogin', fc.constantFrom('yes', 'no', 'prohibit-password', 'forced-commands-only')),
  setting(
    'AuthorizedKeysFile',
    fc.constantFrom('none', '.ssh/keys', '.ssh/a /etc/ssh/%u', '"/etc/my keys/%u" b', '%h/k\\ 1'),
  ),
  setting('Banner', fc.constantFrom('/etc/issue', "'/etc/my issue'", 'none')),
);
const plain = fc.oneof(
  { weight: 6, arbitrary: option },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', '   ', '# PasswordAuthentication no', '\t#x', 'UsePAM no', 'usepam=yes'),
  },
);
const match = fc.constantFrom(
  'Match all',
  'match ALL',
  'Match User alice',
  'Match Address 10.0.0.0/8',
  'Match User alice Host x',
  'MATCH=all',
);
const include = fc.constantFrom(
  'Include DIR/*.conf',
  'Include DIR/a.conf',
  'include "DIR/[b-c].conf" DIR/missing',
  'Include=DIR/?.conf',
);
/** Before the first Match anything goes; in a block only what sshd allows there. */
const global = fc.oneof(
  { weight: 5, arbitrary: plain },
  { weight: 1, arbitrary: setting('Port', fc.constantFrom('22', '2222')) },
);
const blocksOf = (line: fc.Arbitrary<string>) =>
  fc
    .array(fc.tuple(match, fc.array(line, { maxLength: 3 })), { maxLength: 2 })
    .map((list) => list.flatMap(([head, lines]) => [head, ...lines]));
const blocks = blocksOf(fc.oneof({ weight: 6, arbitrary: option }, { weight: 1, arbitrary: include }));
const file = fc
  .tuple(fc.array(plain, { maxLength: 3 }), blocksOf(option))
  .map((parts) => `${parts.flat().join('\n')}\n`);
/** An included file of plain options, or with blocks; the main file may include it anywhere. */
const sample: fc.Arbitrary<Sample> = fc.record({
  main: fc
    .tuple(
      fc.array(fc.oneof({ weight: 4, arbitrary: global }, { weight: 1, arbitrary: include }), { maxLength: 6 }),
      blocks,
    )
    .map((parts) => `${parts.flat().join('\n')}\n`),
  included: fc.record({
    'a.conf': file.map(withoutServerWide),
    'b.conf': file.map(withoutServerWide),
    'c.cnf': file.map(withoutServerWide),
  }),
});

function setting(name: string, values: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom('', '', '  ', '\t'), keyword(name), separator, values, comment)
    .map((parts) => parts.join(''));
}

function withoutServerWide(text: string): string {
  return text.replaceAll(/^.*usepam.*\n/gim, '');
}

const asked = [
  'clientaliveinterval',
  'passwordauthentication',
  'permitrootlogin',
  'authorizedkeysfile',
  'banner',
  'port',
  'usepam',
];

/** The values in the words of `sshd -T`, defaults included. */
function effective(directory: string, { main, included }: Sample): Readonly<Record<string, string>> {
  const path = `${directory}/sshd_config`;
  const files = Object.entries(included).map(([name, text]) => [
    `${directory}/${name}`,
    text.replaceAll('DIR', directory),
  ]);
  const { rootFs } = imageFrom({ [path]: main.replaceAll('DIR', directory), ...Object.fromEntries(files) });
  const configuration = readConfiguration(rootFs, path);
  const value = (name: string, otherwise: string) => configuration.first(name)?.value ?? otherwise;
  const rootLogin = value('PermitRootLogin', 'prohibit-password').toLowerCase();
  return {
    clientaliveinterval: String(configuration.seconds('ClientAliveInterval')?.seconds ?? 0),
    passwordauthentication: value('PasswordAuthentication', 'yes').toLowerCase(),
    permitrootlogin: rootLogin === 'prohibit-password' ? 'without-password' : rootLogin,
    authorizedkeysfile: value('AuthorizedKeysFile', '.ssh/authorized_keys .ssh/authorized_keys2'),
    banner: value('Banner', 'none'),
    port:
      configuration
        .all('Port')
        .map((port) => port.value)
        .join(',') || '22',
    usepam: value('UsePAM', 'no').toLowerCase(),
  };
}

/** `sshd -T` for every directory, run by one shell; as root it would want the account sshd, so root steps down. */
function ask(top: string, count: number): readonly Readonly<Record<string, string>>[] {
  const sshd = `${loader} --library-path ${join(oracleRoot, libraries)} ${join(oracleRoot, 'usr/sbin/sshd')}`;
  const peer = 'user=nobody,host=host.example,addr=192.0.2.1,laddr=192.0.2.2,lport=22';
  const script = `i=0; while [ $i -lt ${count} ]; do ${sshd} -T -f ${top}/$i/sshd_config -h ${top}/key -C ${peer} 2>&1; echo "== $i"; i=$((i+1)); done`;
  const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, ...nobody });
  return stdout
    .split(/^== \d+\n/m)
    .slice(0, count)
    .map((output) => {
      const lines = output.split('\n').map((line) => /^(\S+) (.*)$/.exec(line)?.slice(1) ?? []);
      const found = asked.map((name) => [
        name,
        lines
          .filter(([key]) => key === name)
          .map(([, value]) => value)
          .join(','),
      ]);
      return found.some(([, value]) => value !== '') ? Object.fromEntries(found) : { refused: output };
    });
}

describeOracle('sshd_config as sshd reads it', 'sshd', ['usr/sbin/sshd', `${libraries}/libwrap.so.0`], () => {
  test('effective options of 120 generated configurations', () => {
    const top = mkdtempSync(join(tmpdir(), 'sshd-oracle-'));
    try {
      chmodSync(top, 0o755);
      spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(top, 'key')]);
      chmodSync(join(top, 'key'), 0o644);
      const samples = fc.sample(sample, { numRuns: 120, seed: 30 });
      samples.forEach(({ main, included }, index) => {
        const directory = join(top, String(index));
        mkdirSync(directory);
        writeFileSync(join(directory, 'sshd_config'), main.replaceAll('DIR', directory));
        for (const [name, text] of Object.entries(included))
          writeFileSync(join(directory, name), text.replaceAll('DIR', directory));
      });
      const answers = ask(top, samples.length);
      for (const [index, given] of samples.entries()) {
        const expected = answers[index];
        expect({ given, effective: effective(join(top, String(index)), given) }).toEqual({
          given,
          effective: expected,
        });
      }
    } finally {
      rmSync(top, { recursive: true });
    }
  }, 120_000);
});
