import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { parseBlsEntry } from '../../src/formats/bls-entry.ts';
import { parseElfHeader } from '../../src/formats/elf.ts';
import { parseExtlinux } from '../../src/formats/extlinux.ts';
import { parseLegacyGrub } from '../../src/formats/legacy-grub.ts';
import { compareVersions } from '../../src/formats/version-order.ts';

const lineNumbersInside = (parse: (text: string) => readonly { readonly line: number }[]) =>
  fc.assert(
    fc.property(fc.string(), (text) => {
      const lines = text.split('\n').length;
      for (const { line } of parse(text)) expect(line >= 1 && line <= lines).toBe(true);
    }),
    { seed: 1 },
  );

describe('Boot Loader Specification entries', () => {
  it('reads keys, repeated keys and comments', () => {
    const entry = parseBlsEntry(
      'title Red Hat\n# options no\nlinux\t/vmlinuz-5.14\ninitrd /a\ninitrd /b $tuned_initrd \noptions root=/x ro\noptions quiet\r\nid\n',
    );
    expect(entry.first('title')).toBe('Red Hat');
    expect(entry.all('initrd').map(({ value }) => value)).toEqual(['/a', '/b $tuned_initrd']);
    expect(entry.all('options').map(({ value, line }) => [value, line])).toEqual([
      ['root=/x ro', 6],
      ['quiet', 7],
    ]);
    expect(entry.first('id')).toBeUndefined();
  });

  it('never throws and stays inside the text', () => lineNumbersInside((text) => parseBlsEntry(text).fields));
});

describe('legacy GRUB', () => {
  const menu =
    'default=1\ntimeout 5\ntitle Windows\n chainloader +1\ntitle CentOS (2.6)\n\troot (hd0,0)\n\tkernel --no-mem-option /vmlinuz ro root=/dev/sda1\n\tinitrd /initrd.img\n';

  it('counts titles without a kernel for the default', () => {
    expect(parseLegacyGrub(menu)).toEqual({
      entries: [
        {
          title: 'CentOS (2.6)',
          kernel: '/vmlinuz',
          arguments: 'ro root=/dev/sda1',
          initrds: ['/initrd.img'],
          line: 7,
          text: '\tkernel --no-mem-option /vmlinuz ro root=/dev/sda1',
        },
      ],
      defaultIndex: 0,
    });
  });

  it('says so when the default is saved', () => {
    expect(parseLegacyGrub(menu.replace('default=1', 'default saved')).defaultIndex).toBe('saved');
  });

  it('never throws and stays inside the text', () => lineNumbersInside((text) => parseLegacyGrub(text).entries));
});

describe('extlinux', () => {
  it('reads labels, kernels and initramfs files', () => {
    const text =
      'DEFAULT l0\nAPPEND quiet\nlabel linux\n  menu label Debian ^old\n  KERNEL /vmlinuz\n  append root=/dev/sda1 initrd=/initrd\nLABEL l0\n  linux /k\n  initrd /a,/b\n';
    expect(parseExtlinux(text)).toEqual({
      defaultLabel: 'l0',
      entries: [
        {
          label: 'linux',
          title: 'Debian old',
          kernel: '/vmlinuz',
          arguments: 'root=/dev/sda1 initrd=/initrd',
          initrds: ['/initrd'],
          line: 5,
          text: '  KERNEL /vmlinuz',
        },
        {
          label: 'l0',
          title: 'l0',
          kernel: '/k',
          arguments: 'quiet',
          initrds: ['/a', '/b'],
          line: 8,
          text: '  linux /k',
        },
      ],
    });
  });

  it('takes MENU DEFAULT where nothing else names the default', () => {
    expect(parseExtlinux('label a\nlinux /k\nlabel b\nmenu default\nlinux /l\n').defaultLabel).toBe('b');
  });

  it('never throws and stays inside the text', () => lineNumbersInside((text) => parseExtlinux(text).entries));
});

describe('versions', () => {
  test.each([
    ['5.14.0-9.el9', '5.14.0-427.el9'],
    ['6.1.0-9-amd64', '6.1.0-40-amd64'],
    ['6.1.0~rc1', '6.1.0'],
    ['6.1', '6.1.1'],
    ['6.1.rc1', '6.1.0'],
    ['abc-0-rescue', 'abc-5.14.0'],
    ['007', '8'],
  ])('%s is older than %s', (older, newer) => {
    expect(compareVersions(older, newer)).toBeLessThan(0);
    expect(compareVersions(newer, older)).toBeGreaterThan(0);
  });

  it('are put in one order, whatever they are', () => {
    const version = fc
      .array(fc.constantFrom('1', '02', '10', 'a', 'rc', '~', '.', '-'), { maxLength: 6 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
      }),
      { seed: 1, numRuns: 1000 },
    );
  });
});

describe('ELF headers', () => {
  const header = (fileClass: number, encoding: number, machine: readonly [number, number]) =>
    Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, fileClass, encoding, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, ...machine]);

  test.each([
    ['x86-64', header(2, 1, [62, 0]), { bits: 64, machine: 62 }],
    ['AArch64', header(2, 1, [183, 0]), { bits: 64, machine: 183 }],
    ['i386', header(1, 1, [3, 0]), { bits: 32, machine: 3 }],
    ['big-endian', header(2, 2, [0, 22]), { bits: 64, machine: 22 }],
    ['a script', new TextEncoder().encode('#!/bin/sh\nexit 0 # more than twenty'), undefined],
    ['a cut file', header(2, 1, [62, 0]).slice(0, 19), undefined],
    ['an unknown class', header(3, 1, [62, 0]), undefined],
    ['nothing', new Uint8Array(), undefined],
  ])('reads %s', (_, bytes, expected) => expect(parseElfHeader(bytes)).toEqual(expected));
});
