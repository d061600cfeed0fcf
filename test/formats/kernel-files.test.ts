import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { driverNames, parseDracutConf } from '../../src/formats/dracut-conf.ts';
import { parseInitramfsModules } from '../../src/formats/initramfs-modules.ts';
import { parseKernelConfig } from '../../src/formats/kernel-config.ts';
import { parseKernelRelease } from '../../src/formats/kernel-release.ts';
import { parseLinuxImageHeader, releaseOf } from '../../src/formats/linux-image.ts';
import { loadsNothing, parseModprobeConf } from '../../src/formats/modprobe-conf.ts';
import { moduleName, parseModulesBuiltin, parseModulesDep } from '../../src/formats/module-index.ts';
import { parsePeSections } from '../../src/formats/pe-sections.ts';

const text = fc.stringMatching(/^[ \t\n\r\\#="$:{}[\]a-zA-Z0-9_./+-]{0,80}$/);

/** Every line number of a result lies inside the text. */
function linesWithin(lines: readonly { readonly line: number }[], source: string): void {
  const count = source.split('\n').length;
  for (const { line } of lines) {
    expect(line).toBeGreaterThan(0);
    expect(line).toBeLessThanOrEqual(count);
  }
}

test('no text and no bytes make a reader throw, and line numbers lie inside the text', () => {
  fc.assert(
    fc.property(fc.oneof(text, fc.string()), (source) => {
      const { directives, problems } = parseModprobeConf(source);
      linesWithin([...directives, ...problems], source);
      linesWithin([...parseModulesDep(source).values(), ...parseModulesBuiltin(source).values()], source);
      linesWithin(parseInitramfsModules(source), source);
      const dracut = parseDracutConf(source);
      linesWithin([...dracut.assignments, ...dracut.problems], source);
      parseKernelRelease(source);
      loadsNothing(source);
    }),
    { seed: 5, numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 700 }), (bytes) => {
      parseLinuxImageHeader(bytes);
      parsePeSections(bytes);
      releaseOf(bytes);
    }),
    { seed: 5, numRuns: 300 },
  );
});

describe('the configuration of a kernel', () => {
  const source =
    '# CONFIG_A is not set\nCONFIG_B=m\nCONFIG_C="a\\"b"\nCONFIG_D=437\nCONFIG_B=y\n#CONFIG_E=y\n CONFIG_F=y\n';

  test.each([
    ['A', 'n', 1, '# CONFIG_A is not set'],
    ['B', 'y', 5, 'CONFIG_B=y'],
    ['C', 'a"b', 3, 'CONFIG_C="a\\"b"'],
    ['D', '437', 4, 'CONFIG_D=437'],
  ])('knows set and unset options, and the last line of %s counts', (name, value, line, text) => {
    expect(parseKernelConfig(source).option(name)).toEqual({ value, line, text });
  });

  test.each(['E', 'F', 'G', 'CONFIG_B', ''])('knows nothing of %j', (name) => {
    expect(parseKernelConfig(source).option(name)).toBeUndefined();
  });

  test('is read to its end without a line break, and no name is taken for a longer one', () => {
    const { option } = parseKernelConfig('CONFIG_HYPERV_NET=m\n# CONFIG_HYPERV is not set by us\nCONFIG_HYPERV=y');
    expect(option('HYPERV')).toEqual({ value: 'y', line: 3, text: 'CONFIG_HYPERV=y' });
    expect(option('HYPERV_NE')).toBeUndefined();
  });

  test('is the same for every text as by its definition, line by line', () => {
    const lines = fc.constantFrom(
      'CONFIG_A=y',
      'CONFIG_A=',
      '# CONFIG_A is not set',
      '#CONFIG_A=m',
      'CONFIG_AB=m',
      'x',
      '',
    );
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 12 }), (all) => {
        const line = all.findLastIndex((each) => /^CONFIG_A=|^# CONFIG_A is not set$/.test(each)) + 1;
        expect(parseKernelConfig(all.join('\n')).option('A')?.line ?? 0).toBe(line);
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});

describe('indexes of modules', () => {
  test.each([
    ['kernel/drivers/input/serio/hyperv-keyboard.ko.xz', 'hyperv_keyboard'],
    ['nvme-core.ko.zst', 'nvme_core'],
    ['/lib/modules/1/kernel/fs/udf/udf.ko.gz', 'udf'],
    ['pci-hyperv', 'pci_hyperv'],
    ['a.ko.lz4', 'a.ko.lz4'],
  ])('%s is the module %s', (path, name) => {
    expect(moduleName(path)).toBe(name);
  });

  test('modules.dep names what a module needs', () => {
    const modules = parseModulesDep(
      'kernel/a-b.ko: kernel/c.ko kernel/d.ko\nkernel/c.ko:\n\nno colon\nextra/a-b.ko:\n',
    );
    expect([...modules].map(([name, { needs, line }]) => [name, needs, line])).toEqual([
      ['a_b', ['kernel/c.ko', 'kernel/d.ko'], 1],
      ['c', [], 2],
    ]);
  });
});

describe('modprobe.d', () => {
  test('joins lines, drops backslashes and keeps a carriage return', () => {
    const { directives, problems } = parseModprobeConf(
      'install a-b /bin/\\\ntrue\n#c\\\nblacklist x\nblacklist y\r\n # z\noptions\n',
    );
    expect(directives.map(({ keyword, name, rest, line }) => [keyword, name, rest, line])).toEqual([
      ['install', 'a_b', '/bin/true', 1],
      ['blacklist', 'y\r', '', 5],
    ]);
    expect(problems.map(({ line }) => line)).toEqual([6, 7]);
  });

  test.each([
    ['/bin/true', true],
    ['/usr/bin/false', true],
    ['true', true],
    [':', true],
    ['/dev/null', true],
    ['exit 1', true],
    ['/bin/false # blocked by policy', true],
    ['echo blocked; /bin/false', true],
    ['/sbin/modprobe --ignore-install udf', false],
    ['/bin/true; /sbin/modprobe --ignore-install udf', false],
    ['/bin/false || insmod x.ko', false],
    ['/usr/local/bin/load', false],
    ['', false],
  ])('"%s" loads nothing: %s', (command, expected) => {
    expect(loadsNothing(command)).toBe(expected);
  });
});

describe('dracut.conf', () => {
  test('adds to lists without a blank, across files', () => {
    const first = parseDracutConf('add_drivers+=" a-b "\nadd_drivers+="c"\nhostonly=yes\n');
    const value = new Map(first.assignments.map((found) => [found.key, found.value]));
    expect(value.get('add_drivers')).toBe(' a-b c');
    const second = parseDracutConf('add_drivers+="d" # more\n', (name) => value.get(name));
    expect(driverNames(second.assignments[0]?.value ?? '')).toEqual(['a_b', 'cd']);
    expect(second.assignments[0]?.text).toBe('add_drivers+="d" # more');
  });

  test('a later plain assignment throws the list away', () => {
    const { assignments } = parseDracutConf('add_drivers+=" a "\nadd_drivers=" b "\n');
    expect(assignments.at(-1)?.value).toBe(' b ');
  });
});

test('/etc/initramfs-tools/modules names a module on each line', () => {
  expect(
    parseInitramfsModules('# hv_vmbus\n\nhv-storvsc\n  nvme io_timeout=240\n').map(({ name, line }) => [name, line]),
  ).toEqual([
    ['hv_storvsc', 3],
    ['nvme', 4],
  ]);
});

test.each([
  ['5.14.0-503.15.1.el9_5.x86_64', { base: '5.14.0', build: '503.15.1', vendor: 'el', vendorRelease: 9 }],
  ['3.10.0-1160.119.1.el7.x86_64', { base: '3.10.0', build: '1160.119.1', vendor: 'el', vendorRelease: 7 }],
  ['2.6.39-400.215.10.el6uek.x86_64', { base: '2.6.39', build: '400.215.10', vendor: 'uek', vendorRelease: 6 }],
  ['6.8.0-1030-azure', { base: '6.8.0', build: '1030', vendor: 'ubuntu' }],
  ['6.4.0-150600.8.5-azure', { base: '6.4.0', build: '150600.8.5', vendor: 'suse' }],
  ['6.1.0-37-cloud-amd64', { base: '6.1.0', build: '37', vendor: 'debian' }],
  ['6.6.64.2-9.azl3', { base: '6.6.64.2', build: '9', vendor: 'azurelinux', vendorRelease: 3 }],
  ['6.6.95-flatcar', { base: '6.6.95', build: '', vendor: 'flatcar' }],
  ['6.12.3', { base: '6.12.3', build: '' }],
  ['vmlinuz', undefined],
])('the release %s is read', (release, expected) => {
  expect(parseKernelRelease(release)).toEqual(expected);
});

test('the header of a kernel image tells width and where the version stands', () => {
  const bytes = new Uint8Array(0x300);
  const view = new DataView(bytes.buffer);
  view.setUint32(0x202, 0x53726448, true);
  view.setUint16(0x206, 0x20f, true);
  view.setUint16(0x20e, 0x80, true);
  expect(parseLinuxImageHeader(bytes)).toEqual({ architecture: 'x86', is64Bit: false, versionOffset: 0x280 });
  view.setUint16(0x236, 1, true);
  expect(parseLinuxImageHeader(bytes)?.is64Bit).toBe(true);
  expect(releaseOf(new TextEncoder().encode('6.1.0-37-cloud-amd64 (x@y) #1 SMP'))).toBe('6.1.0-37-cloud-amd64');
  const arm = new Uint8Array(64);
  new DataView(arm.buffer).setUint32(56, 0x644d5241, true);
  expect(parseLinuxImageHeader(arm)).toEqual({ architecture: 'arm64', is64Bit: true });
});
