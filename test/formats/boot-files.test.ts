import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { readElfInterpreter } from '../../src/formats/elf-interpreter.ts';
import { parseInittab } from '../../src/formats/inittab.ts';
import { parsePeMachine } from '../../src/formats/pe-machine.ts';
import { parseSelinuxConfig } from '../../src/formats/selinux-config.ts';
import { normalizeSysctlKey, parseSysctlConf } from '../../src/formats/sysctl-conf.ts';

const words = fc.array(
  fc.constantFrom(
    'SELINUX=',
    'SELINUXTYPE=',
    'enforcing',
    'a',
    '=',
    '-',
    '.',
    '/',
    '*',
    ' ',
    '\t',
    '\n',
    '#',
    ';',
    ':',
  ),
  { maxLength: 40 },
);
const anyText = fc.oneof(
  fc.string(),
  words.map((parts) => parts.join('')),
);
const linesOf = (text: string) => text.split('\n').length;

describe('sysctl.d', () => {
  test.each([
    ['kernel.sysrq = 1', 'kernel/sysrq', '1', false],
    ['  kernel/sysrq=1 2  ', 'kernel/sysrq', '1 2', false],
    ['-net.ipv4.conf.eth0/5.forwarding=0', 'net/ipv4/conf/eth0.5/forwarding', '0', true],
    ['net/ipv4/conf/eth0.5/forwarding = 1', 'net/ipv4/conf/eth0.5/forwarding', '1', false],
    ['-net.ipv4.conf.all.rp_filter', 'net/ipv4/conf/all/rp_filter', undefined, true],
    ['kernel.core_pattern=|/bin/x =y', 'kernel/core_pattern', '|/bin/x =y', false],
    ['vm.swappiness=', 'vm/swappiness', '', false],
  ])('%s', (line, key, value, ignoresFailure) => {
    expect(parseSysctlConf(`${line}\n`)).toEqual({
      settings: [{ key, ...(value !== undefined && { value }), ignoresFailure, line: 1, text: line }],
      problems: [],
    });
  });

  it('knows comments, blank lines and lines that set nothing', () => {
    const { settings, problems } = parseSysctlConf('# a=1\n; b=2\n\nkernel.sysrq\nc=3');
    expect(settings.map(({ key, line }) => [key, line])).toEqual([['c', 5]]);
    expect(problems).toEqual([{ line: 4, message: 'not an assignment, so it sets nothing' }]);
  });

  it('never throws, and every line lies in the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { settings, problems } = parseSysctlConf(text);
        for (const { line } of [...settings, ...problems]) expect(line).toBeLessThanOrEqual(linesOf(text));
        for (const { key } of settings) expect(normalizeSysctlKey(`/${key}`)).toBe(key);
      }),
    );
  });
});

describe('/etc/selinux/config', () => {
  test.each([
    ['SELINUX=enforcing\nSELINUXTYPE=targeted\n', 'enforcing', 'targeted'],
    ['SELINUX= Permissive # a\n', 'permissive', undefined],
    ['SELINUX=DISABLED', 'disabled', undefined],
    ['SELINUX=on\nSELINUX=enforcing\nSELINUX=disabled\n', 'enforcing', undefined],
    [' SELINUX=enforcing\n\tselinuxtype= mls \nSELINUXTYPE=mcs\n', undefined, 'mcs'],
    ['#SELINUX=enforcing\n#SELINUXTYPE=x\nselinux=enforcing\n', undefined, undefined],
    ['', undefined, undefined],
  ])('%j', (text, mode, policyType) => {
    const found = parseSelinuxConfig(text);
    expect([found.mode?.value, found.policyType?.value]).toEqual([mode, policyType]);
  });

  it('never throws, and every line lies in the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { mode, policyType, ignored } = parseSelinuxConfig(text);
        for (const place of [mode, policyType, ...ignored]) expect(place?.line ?? 1).toBeLessThanOrEqual(linesOf(text));
      }),
    );
  });
});

describe('inittab', () => {
  it('has four fields, the last with colons', () => {
    const text = '# x\nid:3:initdefault:\ns0:2345:respawn:/sbin/agetty -L ttyS0 115200:8n1 vt100\nbroken\n';
    expect(
      parseInittab(text).map(({ id, runlevels, action, process, line }) => [id, runlevels, action, process, line]),
    ).toEqual([
      ['id', '3', 'initdefault', '', 2],
      ['s0', '2345', 'respawn', '/sbin/agetty -L ttyS0 115200:8n1 vt100', 3],
    ]);
  });

  it('never throws, and every line lies in the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const { line } of parseInittab(text)) expect(line).toBeLessThanOrEqual(linesOf(text));
      }),
    );
  });
});

/** An ELF file with one program header of type PT_INTERP. */
function elf(bits: 32 | 64, isLittle: boolean, interpreter: string): Uint8Array {
  const is64 = bits === 64;
  const [headerSize, entrySize] = is64 ? [64, 56] : [52, 32];
  const text = new TextEncoder().encode(`${interpreter}\0`);
  const at = 128;
  const view = new DataView(new ArrayBuffer(at + text.length));
  view.setUint32(0, 0x7f454c46);
  view.setUint8(4, is64 ? 2 : 1);
  view.setUint8(5, isLittle ? 1 : 2);
  view.setUint16(18, 62, isLittle);
  if (is64) view.setBigUint64(32, BigInt(headerSize), isLittle);
  else view.setUint32(28, headerSize, isLittle);
  view.setUint16(is64 ? 54 : 42, entrySize, isLittle);
  view.setUint16(is64 ? 56 : 44, 1, isLittle);
  view.setUint32(headerSize, 3, isLittle);
  if (is64) {
    view.setBigUint64(headerSize + 8, BigInt(at), isLittle);
    view.setBigUint64(headerSize + 32, BigInt(text.length), isLittle);
  } else {
    view.setUint32(headerSize + 4, at, isLittle);
    view.setUint32(headerSize + 16, text.length, isLittle);
  }
  const bytes = new Uint8Array(view.buffer);
  bytes.set(text, at);
  return bytes;
}

const reader = (bytes: Uint8Array) => (offset: number, length: number) => bytes.subarray(offset, offset + length);

describe('the dynamic loader of an ELF file', () => {
  test.each([
    [64, true],
    [64, false],
    [32, true],
    [32, false],
  ] as const)('of %d bits, little-endian: %s', (bits, isLittle) => {
    const name = '/lib64/ld-linux-x86-64.so.2';
    expect(readElfInterpreter(reader(elf(bits, isLittle, name)))).toBe(name);
  });

  it('is undefined for anything else, and nothing makes it throw', () => {
    const program = elf(64, true, '/lib/ld-musl-x86_64.so.1');
    const cuts = fc.nat(program.length).map((length) => program.slice(0, length));
    const changes = fc.tuple(fc.nat(program.length - 1), fc.nat(255)).map(([at, value]) => program.with(at, value));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), cuts, changes), (bytes) => {
        expect(['string', 'undefined']).toContain(typeof readElfInterpreter(reader(bytes)));
      }),
    );
    expect(readElfInterpreter(reader(new TextEncoder().encode('#!/bin/sh\n')))).toBeUndefined();
  });
});

describe('the machine of a PE file', () => {
  it('stands behind the signature', () => {
    const view = new DataView(new ArrayBuffer(0x50));
    view.setUint16(0, 0x5a4d, true);
    view.setUint32(0x3c, 0x40, true);
    view.setUint32(0x40, 0x4550, true);
    view.setUint16(0x44, 0xaa64, true);
    expect(parsePeMachine(new Uint8Array(view.buffer))).toBe(0xaa64);
  });

  it('is undefined for anything else, and nothing makes it throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 128 }), (bytes) => {
        expect(parsePeMachine(bytes)).toBeUndefined();
        const prefixed = new Uint8Array([0x4d, 0x5a, ...bytes]);
        expect(['number', 'undefined']).toContain(typeof parsePeMachine(prefixed));
      }),
    );
  });
});
