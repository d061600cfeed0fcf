import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, test } from '@jest/globals';
import { ruleDocs } from '../src/cli/rule-docs.ts';
import { areaIndex } from '../src/docs/area-index.ts';
import { familyIndex } from '../src/docs/family-index.ts';
import { lisaIndex } from '../src/docs/lisa-index.ts';
import { rulePage } from '../src/docs/rule-page.ts';
import { terminalPage } from '../src/docs/terminal-page.ts';
import { paletteOf } from '../src/reports/palette.ts';
import { defineFact, defineRule, pass, type Rule, type RuleMetadata } from '../src/rule-api.ts';
import { runCli, scratchDirectory } from './cli/in-process.ts';

const passwd = defineFact({ id: 'passwd', description: 'Accounts.', reads: ['/etc/passwd'], compute: () => 1 });

function rule(id: string, metadata: Partial<RuleMetadata> = {}, facts: Rule['facts'] = {}): Rule {
  return defineRule({
    id,
    title: `${id} is good`,
    severity: 'error',
    rationale: 'The first boot ends without an account.',
    remediation: 'Remove it.',
    references: ['https://learn.microsoft.com/x'],
    covers: ['x'],
    lisa: [],
    needs: ['rootfs'],
    appliesTo: {},
    ...metadata,
    facts,
    check: () => pass(),
  });
}

const users = rule(
  'identity/users',
  { fix: ['userdel x'], lisa: ['azure_image_standard.verify_no_pre_exist_users'] },
  { passwd },
);
const debian = rule('boot/menu', { appliesTo: { families: ['debian', 'suse'] }, severity: 'info' });
const intent = rule('gallery/storage', { severity: { base: 'info', marketplace: 'error' }, needs: [] });
const rules = [users, debian, intent];

/** The line of a table whose first cell begins like that. */
function row(page: string, start: string): string | undefined {
  return page.split('\n').find((line) => line.startsWith(`| ${start}`));
}

describe('page of a rule', () => {
  const examples = [
    { name: 'an account', expect: { fail: ['error: account x is left (/etc/passwd:1)'] } },
    { name: 'the same again', expect: { fail: ['error: account x is left (/etc/passwd:1)'] } },
    { name: 'a *locked* account', lookalike: true, expect: 'pass' },
  ];

  it('says what, why, on which boot, by which evidence, how to fix it, what is fine, and who says so', () => {
    expect(rulePage(users, examples)).toBe(`# identity/users

identity/users is good.

- Severity: error
- Applies to: every image
- Needs: rootfs

## What breaks, and on which boot

The first boot ends without an account.

## Evidence looked at

- Accounts. Reads \`/etc/passwd\`

## Fix

Remove it.

\`\`\`sh
userdel x
\`\`\`

## Findings look like this

\`\`\`text
error: account x is left (/etc/passwd:1)
\`\`\`

## Looks similar and is fine

- a \\*locked\\* account

## Sources

- <https://learn.microsoft.com/x>

## Predicts these tests of LISA

- [\`azure_image_standard.verify_no_pre_exist_users\`](../lisa.md)
`);
  });

  it('leaves out what there is nothing to say about', () => {
    const page = rulePage(intent, []);
    expect(page).toContain('- Severity: info, error with profile marketplace\n');
    expect(page).toContain('- Needs: nothing in particular\n');
    expect(page).toContain('## Evidence looked at\n\nNothing inside the image: what you declare about it decides.\n');
    expect(page.match(/^## .*/gm)).toEqual([
      '## What breaks, and on which boot',
      '## Evidence looked at',
      '## Fix',
      '## Sources',
    ]);
  });

  it('shows the lines of each family apart, and what is for the rest at the end', () => {
    const fix = { rhel: ['a', 'b'], suse: ['a', 'b'], ubuntu: ['c'], flatcar: [], default: ['d'] };
    const page = rulePage(rule('a/b', { fix }), []);
    const section = page.slice(page.indexOf('Remove it.'), page.indexOf('## Sources'));
    expect(section.replaceAll(/```(?:sh)?\n/g, '').split('\n\n')).toEqual([
      'Remove it.',
      'On Red Hat Enterprise Linux, Fedora, Oracle Linux, SUSE:',
      'a\nb',
      'On Ubuntu:',
      'c',
      'Elsewhere:',
      'd',
      '',
    ]);
  });

  test.each([
    [{ fix: { debian: ['a'] }, appliesTo: { families: ['debian', 'ubuntu'] as const } }, []],
    [{ fix: { debian: ['a'] }, appliesTo: { families: ['debian', 'suse'] as const } }, ['On Debian:']],
    [{ fix: { debian: ['a'], default: ['a'] } }, []],
    [{ fix: { debian: ['a'] } }, ['On Debian, Ubuntu:']],
    [
      { fix: { debian: ['a'], default: ['b'] }, appliesTo: { families: ['debian', 'suse'] as const } },
      ['On Debian:', 'On SUSE:'],
    ],
  ])('names families only where that tells something: %j', (metadata, places) => {
    expect(rulePage(rule('a/b', metadata), []).match(/^(?:On .*|Elsewhere):$/gm) ?? []).toEqual(places);
  });

  it('is plain text in a terminal', () => {
    const text = terminalPage(rulePage(users, examples), 80, paletteOf(false));
    expect(text).toContain('  - azure_image_standard.verify_no_pre_exist_users\n');
    expect(text).toContain('  - a *locked* account\n');
  });

  it('keeps brackets of its own in a terminal', () => {
    const page = rulePage(rule('a/b', { remediation: 'Write [main](twice) here.' }), []);
    expect(terminalPage(page, 80, paletteOf(false))).toContain('\nWrite [main](twice) here.\n');
  });
});

describe('index', () => {
  it('by area sorts areas and rules, and says to whom they apply', () => {
    const page = areaIndex([rule('boot/z'), ...rules]);
    expect(page.match(/^## .*/gm)).toEqual(['## boot', '## gallery', '## identity']);
    expect(page.indexOf('boot/menu')).toBeLessThan(page.indexOf('boot/z'));
    expect(row(page, '[boot/menu]')).toBe(
      '| [boot/menu](boot/menu.md) | boot/menu is good | info | distributions of family debian, suse |',
    );
  });

  it('by test of LISA names the rules that predict it, or why none does', () => {
    const page = lisaIndex(rules);
    expect(page).toContain('Rules predict 1 of the 26 tests of azure_image_standard');
    expect(row(page, '`azure_image_standard.verify_no_pre_exist_users`')).toBe(
      '| `azure_image_standard.verify_no_pre_exist_users` | 1 | No account of the image has a password or authorized keys | [identity/users](identity/users.md) | nothing |',
    );
    expect(row(page, '`azure_image_standard.verify_os_update`')).toMatch(
      / no rule \| Updates and restarts the machine \|$/,
    );
    expect(row(page, '`zram.verify_zram_crypto_zstd`, `zram.verify_zram_crypto_lz4`')).toContain(' | 3 | ');
  });

  it('by family counts the rules for all, and names those for few', () => {
    const page = familyIndex(rules);
    expect(page).toContain('2 of the 3 rules look at images of every family');
    expect(row(page, 'debian:')).toBe(
      '| debian: Debian | `debian`, `kali` | `/etc/debian_version` | [boot/menu](boot/menu.md) |',
    );
    expect(row(page, 'suse:')).toContain('[boot/menu](boot/menu.md)');
    expect(row(page, 'oracle:')).toBe('| oracle: Oracle Linux | `ol`, `oracle` | `/etc/oracle-release` | none |');
    expect(row(page, 'other:')).toBe('| other: All others | any other | none | none |');
  });
});

describe('generated documentation', () => {
  const scratch: { remove(): void }[] = [];
  afterEach(() => {
    for (const directory of scratch.splice(0)) directory.remove();
  });

  async function written(): Promise<string> {
    const directory = scratchDirectory();
    scratch.push(directory);
    await runCli(['rules', '--write', 'docs'], { cwd: directory.path, rules });
    return directory.path;
  }

  const check = (cwd: string) => runCli(['rules', '--check', 'docs'], { cwd, rules });

  it('is the same whatever the order of the rules', () => {
    const sorted = (pages: ReadonlyMap<string, string>) => [...pages].sort();
    expect(sorted(ruleDocs(rules))).toStrictEqual(sorted(ruleDocs(rules.toReversed())));
  });

  it('has the three indexes and a page for each rule', () => {
    expect([...ruleDocs(rules).keys()].sort()).toEqual([
      'README.md',
      'boot/menu.md',
      'families.md',
      'gallery/storage.md',
      'identity/users.md',
      'lisa.md',
    ]);
  });

  it('is accepted as it was written', async () => {
    expect(await check(await written())).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test.each<[string, (docs: string) => void, string]>([
    ['a missing page', (docs) => rmSync(join(docs, 'boot/menu.md')), 'docs/boot/menu.md: is missing'],
    ['a missing index', (docs) => rmSync(join(docs, 'lisa.md')), 'docs/lisa.md: is missing'],
    [
      'a stale page',
      (docs) => {
        const path = join(docs, 'families.md');
        writeFileSync(path, readFileSync(path, 'utf8').replace('2 of', '3 of'));
      },
      'docs/families.md: is out of date',
    ],
    [
      'an extra page',
      (docs) => {
        mkdirSync(join(docs, 'gone'));
        writeFileSync(join(docs, 'gone/rule.md'), '# gone/rule\n');
      },
      'docs/gone/rule.md: belongs to no rule',
    ],
  ])('notices %s', async (_, damage, complaint) => {
    const cwd = await written();
    damage(join(cwd, 'docs'));
    const { code, stderr } = await check(cwd);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `${complaint}\nvhd-preflight: run "vhd-preflight rules --write docs"\n`,
    });
  });

  it('shows in the terminal what the page says, and the index as Markdown', async () => {
    const { stdout } = await runCli(['rules', '--format', 'markdown'], { rules });
    expect(stdout).toBe(ruleDocs(rules).get('README.md'));
    const explained = await runCli(['explain', 'identity/users'], { rules, columns: 80 });
    expect(explained.stdout).toBe(terminalPage(rulePage(users, []), 80, paletteOf(false)));
  });
});
