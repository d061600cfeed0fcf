import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type DsIdentifyRun, runDsIdentify } from '../../src/formats/ds-identify.ts';
import { type ScriptTraits, scanDialect, traitsOfScript, versionNumbers } from '../../src/formats/ds-identify-scan.ts';
import { describeOracle, oraclePath } from './oracle.ts';

const script = 'usr/lib/cloud-init/ds-identify';
const versionFile = 'usr/lib/python3/dist-packages/cloudinit/version.py';
const azureChassis = '7783-7084-3265-9085-8269-3286-77';

interface Configuration {
  readonly main: string;
  readonly dropIns: Readonly<Record<string, string>>;
  readonly dsIdentify: string | null;
  readonly commandLine: string;
  readonly manualClean: boolean;
  readonly environment: string | null;
  readonly machine: string;
}

const list = fc.constantFrom(
  ...[
    '[ Azure ]',
    '[Azure]',
    '[ Azure, None ]',
    '[ None ]',
    '[NoCloud]',
    '[ NoCloud, None ]',
    '[Ec2, GCE]',
    '[ azure ]',
    'Azure',
    '"Azure"',
    '[ "Azure", \'None\' ]',
    '[ ]',
    '[]',
    '',
    '[ , ]',
    '[ Azure',
    '[\n  Azure,\n  None\n]',
    '\n - Azure\n - None',
    '\n  - NoCloud',
    '[Azure, Azure]',
    'Azure, NoCloud',
    '[ Azure ] # [ None ]',
    '# [ NoCloud ]',
    '[Azure,]',
    '[ Ec2\\, Azure ]',
    '[ Azure ]\r',
    '[a b]',
    'None',
  ],
);
const colon = fc.constantFrom(': ', ': ', ': ', ': ', ':  ', ' : ', ':', ':\t', ' :  ', ': \t');
const key = fc.constantFrom(
  'datasource_list',
  'datasource_list',
  'datasource_list',
  '  datasource_list',
  '\tdatasource_list',
  '"datasource_list"',
  "'datasource_list'",
  '#datasource_list',
  '# datasource_list',
  'x: datasource_list',
  'my_datasource_list',
  'datasource_list_x',
);
const statement = fc.tuple(key, colon, list).map((parts) => parts.join(''));
const filler = fc.constantFrom(
  '# comment',
  'users: [default]',
  '',
  'datasource:\n  Azure: {}',
  'policy: disabled',
  'a\\',
  'write_files:\n - content: |\n     datasource_list: [ NoCloud ]',
);
const text = fc
  .tuple(
    fc.array(fc.oneof({ weight: 3, arbitrary: statement }, { weight: 1, arbitrary: filler }), { maxLength: 3 }),
    fc.constantFrom('\n', '\n', '\n', ''),
  )
  .map(([lines, end]) => lines.join('\n') + end);
const dsIdentify = fc
  .tuple(
    fc.array(
      fc.oneof(
        fc
          .tuple(
            fc.constantFrom('datasource: ', 'datasource:', ' datasource : ', 'Datasource: ', '#datasource: '),
            fc.constantFrom('Azure', 'NoCloud', '"Azure"', "'Ec2'", 'Azure, None', '', 'Azure # c', ' GCE '),
          )
          .map((p) => p.join('')),
        fc
          .tuple(
            fc.constantFrom('policy: ', 'policy:', 'policy : '),
            fc.constantFrom(
              'disabled',
              'enabled',
              'search',
              'report',
              'search,found=first,maybe=all,notfound=enabled',
              'notfound=disabled',
              'bogus',
              'report,notfound=maybe',
              '"enabled"',
              'search, disabled',
            ),
          )
          .map((p) => p.join('')),
      ),
      { maxLength: 3 },
    ),
    fc.constantFrom('\n', '\n', ''),
  )
  .map(([lines, end]) => lines.join('\n') + end);
const commandLine = fc
  .array(
    fc.constantFrom(
      'root=/dev/sda1',
      'ro',
      'console=ttyS0',
      'ds=nocloud',
      'ds=Azure',
      'ds=nocloud-net;s=http://x/;h=y',
      'ci.ds=Azure',
      'ci.datasource=Ec2',
      'ci.ds=NoCloud;a;b',
      'ci.ds',
      'ci.di.policy=disabled',
      'ci.di.policy=enabled',
      'ci.di.policy=report',
      'ci.di.policy=search,notfound=enabled',
      "cc:{'datasource_list':['NoCloud']}",
      'cc: datasource_list: [ Azure, Ec2 ] end_cc',
      'datasource_list=x',
    ),
    { maxLength: 3 },
  )
  .map((words) => words.join(' '));
const configurations: fc.Arbitrary<Configuration> = fc.record({
  main: text,
  dropIns: fc.dictionary(
    fc.constantFrom('10-a.cfg', '90_dpkg.cfg', '90-azure.cfg', 'Z.cfg', 'a.cfg', '.hidden.cfg', 'README'),
    text,
    { maxKeys: 3 },
  ),
  dsIdentify: fc.option(dsIdentify, { freq: 2 }).map((value) => value ?? null),
  commandLine: fc.oneof(
    { weight: 2, arbitrary: fc.constant('root=/dev/sda1 ro') },
    { weight: 1, arbitrary: commandLine },
  ),
  manualClean: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  environment: fc
    .option(
      fc.constantFrom(
        'DI_KERNEL_CMDLINE="ds=MAAS"\n',
        "DI_KERNEL_CMDLINE='ro ci.di.policy=enabled'\n",
        'DI_KERNEL_CMDLINE=\nDI_DEBUG_LEVEL=2\n',
        'DI_KERNEL_CMDLINE="ro cloud-init=disabled"\n',
        'export DI_KERNEL_CMDLINE="ci.ds=Azure"\n',
      ),
      { freq: 4 },
    )
    .map((value) => value ?? null),
  machine: fc.constantFrom('x86_64', 'x86_64', 'i686', 'aarch64'),
});

function write(root: string, path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

/** An Azure VM's root directory with one configuration. */
function layOut(
  root: string,
  { main, dropIns, dsIdentify: settings, commandLine: words, manualClean, environment, machine }: Configuration,
): void {
  write(root, 'etc/cloud/cloud.cfg', main);
  mkdirSync(join(root, 'etc/cloud/cloud.cfg.d'));
  for (const [name, dropIn] of Object.entries(dropIns)) write(root, `etc/cloud/cloud.cfg.d/${name}`, dropIn);
  if (settings !== null) write(root, 'etc/cloud/ds-identify.cfg', settings);
  if (environment !== null) write(root, 'usr/libexec/ds-identify-env', environment);
  write(root, 'machine', `${machine}\n`);
  if (manualClean) write(root, 'var/lib/cloud/instance/manual-clean', '');
  write(root, 'sys/class/dmi/id/chassis_asset_tag', `${azureChassis}\n`);
  // In a container the script asks for the command line of process 1.
  write(root, 'proc/cmdline', `${words}\n`);
  write(root, 'proc/1/cmdline', words);
}

/** Programs that the script asks about its surroundings: the test may run in a container, the script shall not. */
function fakePrograms(directory: string): string {
  for (const [name, output] of [
    ['systemd-detect-virt', 'echo microsoft'],
    ['blkid', 'echo'],
    [
      'uname',
      `read -r machine < "$PATH_ROOT/machine"\n[ "$1" = -svm ] && echo "Linux #1 SMP $machine" || echo "Linux host 6.1 #1 SMP $machine GNU/Linux"`,
    ],
  ] as const) {
    write(directory, `bin/${name}`, `#!/bin/sh\n${output}\n`);
    chmodSync(join(directory, 'bin', name), 0o755);
  }
  return join(directory, 'bin');
}

/** Return code and written file of every directory, in one shell. */
function runAll(roots: readonly string[], programs: string): readonly DsIdentifyRun[] {
  const loop =
    'while read -r root; do export PATH_ROOT="$root"; DI_LOG=/dev/null sh "$0" >/dev/null 2>&1; echo $?; done';
  const { stdout, error } = spawnSync('sh', ['-c', loop, oraclePath(script)], {
    input: roots.map((root) => `${root}\n`).join(''),
    encoding: 'utf8',
    env: { PATH: `${programs}:/usr/bin:/bin`, LC_ALL: 'C' },
  });
  if (error) throw error;
  return stdout
    .trim()
    .split('\n')
    .map((status, index) => {
      const written = join(roots[index] ?? '', 'run/cloud-init/cloud.cfg');
      return {
        exitStatus: status === '0' ? 0 : 1,
        ...(existsSync(written) && { written: readFileSync(written, 'utf8') }),
      };
    });
}

function ours(
  { main, dropIns, dsIdentify: settings, commandLine: words, manualClean, environment, machine }: Configuration,
  version: string,
  traits: ScriptTraits,
): DsIdentifyRun {
  const names = Object.keys(dropIns)
    .filter((name) => name.endsWith('.cfg') && !name.startsWith('.'))
    .sort();
  return runDsIdentify({
    version,
    files: [{ path: 'cloud.cfg', text: main }, ...names.map((path) => ({ path, text: dropIns[path] ?? '' }))],
    ...(settings !== null && { config: { path: 'ds-identify.cfg', text: settings } }),
    commandLine: { text: words, evidence: { path: 'grub.cfg' } },
    manualClean,
    isX86: machine !== 'aarch64',
    traits,
    ...(environment !== null && { environment: { path: 'ds-identify-env', text: environment } }),
  });
}

/** What a fruitless search reports has no effect; only that it is a report counts. */
function essence({ exitStatus, written }: DsIdentifyRun): DsIdentifyRun {
  const report = written?.startsWith('di_report:')
    ? { written: 'di_report:' }
    : written === undefined
      ? {}
      : { written };
  return { exitStatus, ...report };
}

describeOracle('ds-identify', 'ds-identify', [script, versionFile], () => {
  test('decides alike on an Azure VM', () => {
    const version = /__VERSION__ = "([^"]+)"/.exec(readFileSync(oraclePath(versionFile), 'utf8'))?.[1] ?? '';
    const traits = traitsOfScript(readFileSync(oraclePath(script), 'utf8'));
    expect(traits.dialect).toBe(scanDialect(versionNumbers(version)));
    const samples = fc.sample(configurations, { numRuns: 100, seed: 5 });
    const directory = mkdtempSync(join(tmpdir(), 'vhd-preflight-'));
    try {
      const roots = samples.map((sample, index) => {
        const root = join(directory, String(index));
        layOut(root, sample);
        return root;
      });
      const theirs = runAll(roots, fakePrograms(directory));
      expect(theirs).toHaveLength(samples.length);
      const differing = samples.flatMap((sample, index) => {
        const expected = essence(theirs[index] ?? { exitStatus: 1 });
        const found = essence(ours(sample, version, traits));
        return JSON.stringify(found) === JSON.stringify(expected) ? [] : [{ sample, found, expected }];
      });
      expect(differing).toEqual([]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
