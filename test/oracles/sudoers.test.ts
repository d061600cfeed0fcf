import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseSudoers, type SudoersUser } from '../../src/formats/sudoers.ts';
import { describeOracle, oracleRoot } from './oracle.ts';

const libraries = 'usr/lib/x86_64-linux-gnu';

const blank = fc.constantFrom('', ' ', '\t', ' \\\n  ');
const gap = fc.constantFrom(' ', '\t', '  ', ' \\\n\t');
const comma = fc.tuple(blank, blank).map(([before, after]) => `${before},${after}`);
const comment = fc.constantFrom('', '', '', ' # why', ' #', '# trailing \\');
const user = fc.constantFrom(
  'alice',
  'bob',
  'bob',
  '%wheel',
  '%sudo',
  '#1000',
  '%#27',
  '+net',
  'ALL',
  'ADMINS',
  '!bob',
  '!!bob',
  '! %wheel',
  '"carol smith"',
  '"%domain users"',
  '%dom\\ ain',
  'a.b-c_d',
  'user@host',
  'DOM\\\\dave',
  'NOPASSWDs',
);
const host = fc.constantFrom('ALL', 'localhost', 'HOSTS', '192.168.0.0/24', '!build', 'web1, web2');
const command = fc.constantFrom(
  'ALL',
  'ALL',
  '/bin/ls',
  '/usr/bin/systemctl restart nginx',
  '!/bin/su',
  '/bin/echo a\\,b\\:c\\=d',
  '/bin/x --opt=1',
  'CMDS',
  '/usr/bin/',
  'sudoedit /etc/hosts',
  '/bin/[a-z]* [!x]*',
  '/bin/a ""',
  'sha224:0GomF8mNN3wlDt1HD9XldjJ3SNgpFdbjO1+NsQ== /bin/ls',
  '/bin/a \\\n  -b',
  '^/bin/a.*$',
);
const runas = fc.constantFrom('', '', '(ALL) ', '(ALL:ALL) ', '(root)', '(:adm) ', '( alice , bob : wheel ) ', '() ');
const tag = fc.constantFrom(
  '',
  '',
  'NOPASSWD: ',
  'NOPASSWD:',
  'PASSWD: ',
  'NOPASSWD: SETENV: ',
  'NOEXEC:',
  'LOG_INPUT : ',
  'NOPASSWD\t:',
);
const option = fc.constantFrom('', '', '', 'TIMEOUT=5m ', 'CWD=/tmp ', 'CWD=* ', 'NOTBEFORE=20300101000000Z ');
const commands = listOf(fc.tuple(runas, option, tag, command).map((parts) => parts.join('')));
const privilege = fc
  .tuple(listOf(host), blank, blank, commands)
  .map(([hosts, before, after, list]) => `${hosts}${before}=${after}${list}`);
const privileges = fc.array(privilege, { minLength: 1, maxLength: 2 }).map((list) => list.join(' : '));
const grant = fc.tuple(fc.constantFrom('', ' '), listOf(user), gap, privileges, comment).map((parts) => parts.join(''));
const alias = fc
  .array(fc.tuple(fc.constantFrom('ADMINS', 'OPS', 'A1_B'), blank, blank, listOf(user)), { minLength: 1, maxLength: 2 })
  .map((list) => list.map(([name, before, after, members]) => `${name}${before}=${after}${members}`).join(':'));
const line = fc.oneof(
  { weight: 6, arbitrary: grant },
  { weight: 1, arbitrary: fc.tuple(alias, comment).map(([text, end]) => `User_Alias ${text}${end}`) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '',
      '   ',
      '# a comment',
      '#alice ALL=(ALL) ALL',
      '# continued \\',
      'Defaults env_reset',
      'Defaults:alice !authenticate',
      'Defaults secure_path="/bin:/sbin", !lecture',
      'Defaults@web1 log_year, \\\n  logfile=/var/log/sudo',
      'Defaults>root !set_logname',
      'Defaults!/bin/ls noexec',
      'Host_Alias HOSTS = web1, \\\n web2',
      'Cmnd_Alias CMDS = /bin/a, /bin/b # x',
      'Runas_Alias OP = root',
      'Defaults env_keep += "A B" # x',
      'Defaults passprompt="#1 \\" for %u"',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'alice ALL',
      'alice',
      'alice ALL=',
      '= ALL',
      'bob ALL=(ALL ALL',
      'bob ALL=ALL ALL',
      'alice ALL=ALL,',
      ', ALL=ALL',
      'User_Alias x = bob',
      'alice ALL=ALL:',
      '%"domain users" ALL=ALL',
    ),
  },
);
const texts = fc
  .tuple(fc.array(line, { maxLength: 6 }), fc.constantFrom('\n', ''))
  .map(([lines, end]) => lines.join('\n') + end);

function listOf(item: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(fc.array(item, { minLength: 1, maxLength: 3 }), comma)
    .map(([items, separator]) => items.join(separator));
}

type JsonMember = Readonly<Record<string, string | number | boolean>>;

interface JsonSudoers {
  readonly User_Aliases?: Readonly<Record<string, readonly JsonMember[]>>;
  readonly User_Specs?: readonly {
    readonly User_List: readonly JsonMember[];
    readonly Cmnd_Specs: readonly {
      readonly Options?: readonly { readonly authenticate?: boolean }[];
      readonly Commands: readonly JsonMember[];
    }[];
  }[];
}

const marks: Readonly<Record<string, string>> = {
  username: '',
  useralias: '',
  userid: '#',
  usergroup: '%',
  usergid: '%#',
  netgroup: '+',
};

function toUser(member: JsonMember): SudoersUser {
  const [key = '', value = ''] = Object.entries(member).find(([name]) => name !== 'negated') ?? [];
  return { name: `${marks[key] ?? `${key}?`}${value}`, negated: member['negated'] === true };
}

/** cvtsudoers 1.9.13 forgets the braces around some options. */
function repaired(json: string): string {
  return json.replaceAll(
    /^(\s*)("(?:runcwd|runchroot|command_timeout|notbefore|notafter)": [^{\n]*?)(,?)$/gm,
    '$1{$2}$3',
  );
}

function summaryOfJson(json: JsonSudoers) {
  return {
    aliases: Object.fromEntries(
      Object.entries(json.User_Aliases ?? {}).map(([name, members]) => [name, members.map(toUser)]),
    ),
    grants: (json.User_Specs ?? []).map((spec) => ({
      users: spec.User_List.map(toUser),
      passwords: spec.Cmnd_Specs.flatMap(({ Options, Commands }) => {
        const authenticate = Options?.find((given) => given.authenticate !== undefined)?.authenticate;
        const password = authenticate === undefined ? 'default' : authenticate ? 'PASSWD' : 'NOPASSWD';
        return Commands.filter(({ negated }) => negated !== true).map(() => password);
      }),
    })),
  };
}

function summaryOf(text: string) {
  const { statements, problems } = parseSudoers(text);
  if (problems.length > 0) return 'refused';
  return {
    aliases: Object.fromEntries(statements.flatMap((s) => (s.kind === 'user-alias' ? [[s.name, s.members]] : []))),
    grants: statements.flatMap((s) => (s.kind === 'grant' ? [{ users: s.users, passwords: s.passwords }] : [])),
  };
}

/** Runs a program of sudo on every text: its standard output, and `refused` behind its complaint where it fails. */
function answersOf(program: string, args: string, samples: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'sudoers-oracle-'));
  try {
    for (const [index, text] of samples.entries()) writeFileSync(join(folder, String(index)), text);
    const path = ['', '/sudo'].map((sub) => join(oracleRoot, sub ? 'usr/libexec/sudo' : libraries)).join(':');
    const loader = join(oracleRoot, libraries, 'ld-linux-x86-64.so.2');
    const command = `${loader} --library-path ${path} ${join(oracleRoot, program)} ${args}`;
    const script = `i=0; while [ $i -lt ${samples.length} ]; do ${command} ${folder}/$i 2>$0 || { cat $0; echo refused; }; echo "== $i"; i=$((i+1)); done`;
    const { stdout } = spawnSync('sh', ['-c', script, join(folder, 'stderr')], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout.split(/^== \d+\n/m);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A second definition of an alias is refused only after parsing, which is not what is compared here. */
function sample(numRuns: number, seed: number): string[] {
  return fc
    .sample(texts, { numRuns, seed })
    .filter((text) => !['ADMINS', 'OPS', 'A1_B', 'HOSTS', 'CMDS', 'OP'].some((name) => isDefinedTwice(text, name)));
}

describeOracle('sudoers as sudo reads it', 'cvtsudoers', ['usr/bin/cvtsudoers'], () => {
  test('users, aliases and passwords of 400 generated files', () => {
    const samples = sample(400, 40);
    const answers = answersOf('usr/bin/cvtsudoers', '-c /dev/null -f json', samples);
    let accepted = 0;
    for (const [index, text] of samples.entries()) {
      const answer = answers[index] ?? '';
      const refused = answer.trimEnd().endsWith('refused');
      if (!refused) accepted++;
      // cvtsudoers prints this shape.
      const expected = refused ? 'refused' : summaryOfJson(JSON.parse(repaired(answer) || '{}') as JsonSudoers);
      const why = refused ? answer : '';
      expect({ text, why, summary: summaryOf(text) }).toEqual({ text, why, summary: expected });
    }
    expect(accepted).toBeGreaterThan(100);
  }, 120_000);
});

describeOracle('what visudo finds fault with', 'visudo', ['usr/sbin/visudo'], () => {
  test('200 generated files, right and wrong', () => {
    const samples = sample(200, 41);
    const answers = answersOf('usr/sbin/visudo', '-c -f', samples);
    const verdicts = samples.map((text, index) => {
      const answer = answers[index] ?? '';
      // An alias that nobody defined is a warning of visudo's own; sudo reads the file.
      const isWrong = answer
        .split('\n')
        .some((line) => /^\S+:\d+:\d+: /.test(line) && !/referenced but not defined|unused|cycle/.test(line));
      return { text, answer, isWrong };
    });
    for (const { text, answer, isWrong } of verdicts)
      expect({ text, answer, isWrong: parseSudoers(text).problems.length > 0 }).toEqual({ text, answer, isWrong });
    expect(verdicts.filter(({ isWrong }) => isWrong).length).toBeGreaterThan(20);
    expect(verdicts.filter(({ isWrong }) => !isWrong).length).toBeGreaterThan(50);
  }, 120_000);
});

function isDefinedTwice(text: string, name: string): boolean {
  return (text.match(new RegExp(`(?:_Alias |:)${name}[ \\t\\\\\\n]*=`, 'g')) ?? []).length > 1;
}
