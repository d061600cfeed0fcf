import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { DiskError } from '../../src/disk/disk-error.ts';
import type { LogicalVolume } from '../../src/disk/volume.ts';
import { readVolumeGroups, type VolumeGroups } from '../../src/disk/volumes/lvm.ts';
import { type ConfigSection, type ConfigValue, parseLvmConfig } from '../../src/disk/volumes/lvm-config.ts';
import { parseGroupMetadata } from '../../src/disk/volumes/lvm-metadata.ts';
import {
  groupText,
  type PhysicalVolumeOptions,
  physicalVolume,
  segmentText,
  VOLUME_UUID,
  volumeText,
} from './lvm-bytes.ts';
import { memoryDisk, sequence } from './memory-disk.ts';
import { describeWith, workFolder } from './tools.ts';

function plain(section: ConfigSection): Record<string, unknown> {
  return {
    ...Object.fromEntries(section.values),
    ...Object.fromEntries([...section.sections].map(([name, below]) => [name, plain(below)])),
  };
}

function isAccepted(text: string): boolean {
  try {
    parseLvmConfig(text);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(DiskError);
    return false;
  }
}

/** A section as `lvmconfig` writes it: a list of one is written as its only value. */
function linesOf(section: ConfigSection, indent: string): string[] {
  const scalar = (value: string | number): string =>
    typeof value === 'number'
      ? `${Number.isInteger(value) ? BigInt(value) : value}`
      : `"${value.replace(/["\\]/g, '\\$&')}"`;
  const line = (value: ConfigValue): string =>
    typeof value !== 'object'
      ? scalar(value)
      : value.length === 1
        ? value.map(scalar).join('')
        : `[${value.map(scalar).join(',')}]`;
  return [
    ...[...section.values].map(([name, value]) => `${indent}${name}=${line(value)}`),
    ...[...section.sections].flatMap(([name, below]) => [
      `${indent}${name} {`,
      ...linesOf(below, `${indent}\t`),
      `${indent}}`,
    ]),
  ].sort();
}

/** Settings of one section each, of which every parser has its opinion. */
const snippets = [
  'a=010 b=-5 c=+7 d=0',
  'a="x\\"y\\\\z\\n" b=\'q\\"\' c="" d = "#{}[]="',
  'a=[1,2 "x",] b=[] c=["one"]',
  'a=[1 2]',
  'a=[1,,2]',
  'a=[[1]]',
  'a=[1',
  'a=bare b="un"#c\n g=1 # d "\n h=2',
  'a=bare-word/with:signs,and;more b=1',
  'a="x',
  'a=1,b=2',
  'a',
  'a=',
  '=1',
  'a={b=1}',
  'a{b=1}c{d{e="x"}}',
  'a{b=1',
  'a=1}',
  'a/b=1 c/d/e=2',
  '"k k"=1 \'l\'=2 ""=3',
  'a=99999999999999999999',
  'a=9223372036854774784 b=-9223372036854774784',
  'a=9223372036854775808',
  'a=1x',
  '1=2 -3=4 .5=6',
  'a b=1',
  'a==1',
  'a=1#b=2',
  'a\f=\v1\r\n',
  'a=#x\n1',
  'a=]',
  'a="x"b=1',
  'a="x"y=1',
];

describe('the configuration text of LVM2', () => {
  test('is parsed into sections, numbers, strings and lists', () => {
    const text =
      '# head\nvg { id = "a\\"b\\\\c\\n" seqno=010 list = ["x", 1,] empty=[] bare = word f=1.5 s { t = -3 } }\nversion=1\0 {{{';
    expect(plain(parseLvmConfig(text))).toEqual({
      vg: { id: 'a"b\\c\\n', seqno: 8, list: ['x', 1], empty: [], bare: 'word', f: 1.5, s: { t: -3 } },
      version: 1,
    });
  });

  test('takes the last of two settings, and a time beyond 64 bits', () => {
    expect(plain(parseLvmConfig('a=1 a=2 s{b=1} s{c=2} creation_time=99999999999999999999'))).toMatchObject({
      a: 2,
      s: { c: 2 },
    });
    expect(plain(parseLvmConfig('s{b=1} s{c=2}'))['s']).toEqual({ c: 2 });
  });

  test('with names of JavaScript is text like any other', () => {
    const root = parseLvmConfig('__proto__ { constructor = 1 } toString = "x"');
    expect(root.sections.get('__proto__')?.values.get('constructor')).toBe(1);
    expect(root.values.get('toString')).toBe('x');
  });

  test('names the line of an error, and may not nest without end', () => {
    expect(() => parseLvmConfig('a = 1\nb = {\n')).toThrow(
      'LVM metadata text cannot be parsed: expected a value in line 2',
    );
    expect(() => parseLvmConfig('a{'.repeat(15) + '}'.repeat(15))).not.toThrow();
    expect(() => parseLvmConfig('a{'.repeat(16) + '}'.repeat(16))).toThrow('limit lvmNesting, 16');
    expect(() => parseLvmConfig('a{'.repeat(100_000))).toThrow('limit lvmNesting, 16');
    expect(() => parseLvmConfig(`${'a/'.repeat(100)}b{c=1}`)).toThrow('limit lvmNesting, 16');
  });

  test('of 2 MiB is parsed in a moment', () => {
    const start = performance.now();
    const root = parseLvmConfig(
      Array.from({ length: 60_000 }, (_, index) => `n${index} { a = [1, 2, "x"] }`).join('\n'),
    );
    expect(root.sections.size).toBe(60_000);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

describeWith([{ program: 'lvm', package: 'lvm2' }], 'the configuration text of LVM2, beside lvmconfig,', () => {
  const system = workFolder();
  const lvmconfig = (text: string): string | undefined => {
    const result = spawnSync('lvm', ['lvmconfig', '--config', text, 'tst'], {
      encoding: 'utf8',
      env: {
        ...process.env,
        PATH: `${process.env['PATH']}:/usr/sbin:/sbin`,
        LVM_SYSTEM_DIR: system,
        LVM_SUPPRESS_FD_WARNINGS: '1',
      },
    });
    return result.status === 0
      ? result.stdout.replace(/^\t/gm, '').split('\n').filter(Boolean).sort().join('\n')
      : undefined;
  };
  const parsed = (text: string): string | undefined => {
    if (!isAccepted(text)) return undefined;
    const section = parseLvmConfig(text).sections.get('tst');
    return section && linesOf(section, '').sort().join('\n');
  };

  test('is accepted and refused alike, with the same values', () => {
    let accepted = 0;
    for (const snippet of snippets) {
      const text = `tst { keep=1 ${snippet} }`;
      const expected = lvmconfig(text);
      expect({ snippet, values: parsed(text) }).toEqual({ snippet, values: expected });
      if (expected !== undefined) accepted += 1;
    }
    expect(accepted).toBeGreaterThan(10);
    expect(accepted).toBeLessThan(snippets.length - 10);
  });

  test('at random is accepted and refused alike', () => {
    const next = sequence(77);
    const pieces = ['a', 'b', '=', '=', '=', '1', '"x"', "'y'", '{', '}', '[', ']', ',', ' ', '#c\n', '-2', 'w'];
    let accepted = 0;
    for (let round = 0; round < 40; round++) {
      const length = 1 + next(6);
      const text = `tst { keep=1 ${Array.from({ length }, () => pieces[next(pieces.length)]).join(' ')} }`;
      const expected = lvmconfig(text);
      expect([text, isAccepted(text)]).toEqual([text, expected !== undefined]);
      if (expected !== undefined) accepted += 1;
    }
    expect(accepted).toBeGreaterThan(1);
  });
});

function read(text: string, options: PhysicalVolumeOptions = {}): VolumeGroups {
  return readVolumeGroups([{ id: 'p3', device: memoryDisk(physicalVolume(text, options)) }]);
}

function volumes(text: string): readonly LogicalVolume[] {
  return read(text).groups[0]?.logicalVolumes ?? [];
}

function problem(...texts: readonly string[]): string | undefined {
  return volumes(groupText(texts.join('\n')))[0]?.problem?.message;
}

const linear = volumeText('root', segmentText(0, 4, '"pv0", 0'), segmentText(4, 2, '"pv0", 100'));

describe('a volume group', () => {
  test('is read wherever its label and its text stand', () => {
    for (const sector of [0, 1, 2, 3])
      expect(read(groupText(linear), { sector }).groups).toMatchObject([
        { name: 'vg', extentSize: 4096, physicalVolumes: [{ uuid: VOLUME_UUID, volume: 'p3' }] },
      ]);
    expect(read(groupText(linear), { sector: 4 })).toEqual({ groups: [], members: new Map() });
    const length = groupText(linear).length + 1;
    for (const at of [512, 4096 - length, 4096 - length + 1, 3000, 4095])
      expect(read(groupText(linear), { ring: 4096, at }).members).toEqual(new Map([['p3', 'vg']]));
  });

  test('has the bytes of its extents', () => {
    const bytes = physicalVolume(groupText(linear));
    for (let extent = 0; extent < 128; extent++)
      bytes.fill(extent, 524_288 + extent * 4096, 524_288 + (extent + 1) * 4096);
    const { groups } = readVolumeGroups([{ id: 'p1', device: memoryDisk(bytes) }]);
    const device = groups[0]?.logicalVolumes[0]?.device;
    expect(device?.size).toBe(6 * 4096);
    expect([...(device?.read(4096 * 4 - 2, 4) ?? [])]).toEqual([3, 3, 100, 100]);
    expect(device?.read(5, 0)).toEqual(new Uint8Array(0));
  });

  test('counts by the highest sequence number among its volumes, and by a whole copy when one is damaged', () => {
    const old = {
      id: 'p1',
      device: memoryDisk(physicalVolume(groupText(volumeText('old', segmentText(0, 1, '"pv0", 0')), 5))),
    };
    const other = (sequenceNumber: number, damage = false) => ({
      id: 'p2',
      device: memoryDisk(
        physicalVolume(groupText(linear, sequenceNumber), {
          label: (label) => label.write('Z', 32),
          header: (header) => damage && header.writeUInt32LE(1, 56),
        }),
      ),
    });
    const names = (second: ReturnType<typeof other>) =>
      readVolumeGroups([old, second]).groups.map(({ logicalVolumes }) => logicalVolumes.map(({ name }) => name));
    expect(names(other(6))).toEqual([['root']]);
    expect(names(other(4))).toEqual([['old']]);
    expect(names(other(6, true))).toEqual([['old']]);
    expect(readVolumeGroups([old, other(6, true)]).members.get('p2')).toBeInstanceOf(DiskError);
    // In the newer metadata there is no such volume any more.
    expect(readVolumeGroups([old, other(4)]).members.get('p2')).toBeUndefined();
  });

  test('without metadata, or with a copy that is not kept up to date, is none', () => {
    const empty = (header: Buffer) => header.fill(0, 40, 64);
    const ignored = (header: Buffer) => header.writeUInt32LE(1, 60);
    for (const header of [empty, ignored])
      expect(read(groupText(linear), { header })).toEqual({ groups: [], members: new Map([['p3', undefined]]) });
  });

  test.each<[string, string, PhysicalVolumeOptions, string]>([
    ['of another version', groupText(linear), { header: (header) => header.writeUInt32LE(2, 20) }, 'has version 2'],
    ['elsewhere', groupText(linear), { header: (header) => header.writeBigUInt64LE(512n, 24) }, 'stands at byte 512'],
    ['with a wrong magic', groupText(linear), { header: (header) => header.write('x', 5) }, 'does not have the magic'],
    [
      'with a text beyond its area',
      groupText(linear),
      { header: (header) => header.writeBigUInt64LE(9n << 40n, 40) },
      'of an area of',
    ],
    [
      'with a text over its header',
      groupText(linear),
      { header: (header) => header.writeBigUInt64LE(100n, 40) },
      'at byte 100 of',
    ],
    [
      'with a huge text',
      groupText(linear),
      { header: (header) => header.writeBigUInt64LE(1n << 30n, 48) },
      'limit lvmMetadataBytes',
    ],
    [
      'with an endless text',
      groupText(linear),
      { header: (header) => header.fill(0xff, 48, 56) },
      'larger than any disk',
    ],
    [
      'with a wrong sum',
      groupText(linear),
      { header: (header) => header.writeUInt32LE(7, 56) },
      'has the checksum 0x00000007',
    ],
    ['without contents', 'vg { }', {}, 'does not have the contents'],
    ['of a later format', groupText('').replace('version = 1', 'version = 2'), {}, 'has the version 2'],
    ['without a group', 'contents = "Text Format Volume Group" version = 1', {}, 'has no volume group'],
    ['without a UUID', groupText('').replace('id = "group0', 'no = "group0'), {}, 'lacks the text "id"'],
    ['without an extent size', groupText('').replace('extent_size = 8', 'extent_size = 0'), {}, 'has no extent size'],
    ['with a size for a word', groupText('').replace('extent_size = 8', 'extent_size = x'), {}, 'number "extent_size"'],
    ['with a negative start', groupText('').replace('pe_start = 1024', 'pe_start = -1'), {}, 'number "pe_start"'],
  ])('%s is damaged', (_name, text, options, message) => {
    const { groups, members } = read(text, options);
    expect(groups).toEqual([]);
    expect(String(members.get('p3'))).toContain(message);
  });

  test.each<[string, string, string]>([
    ['a gap', volumeText('root', segmentText(0, 1, '"pv0", 0'), segmentText(2, 1, '"pv0", 1')), 'at 2, expected 1'],
    [
      'an overlap',
      volumeText('root', segmentText(0, 2, '"pv0", 0'), segmentText(1, 1, '"pv0", 5')),
      'at 1, expected 2',
    ],
    ['no segments', volumeText('root'), 'has no segments'],
    ['an empty segment', volumeText('root', segmentText(0, 0, '"pv0", 0')), 'a segment of 0 extents'],
    ['extents beyond its volume', volumeText('root', segmentText(0, 5, '"pv0", 124')), 'beyond the 128 of p3'],
    [
      'a volume that is not there',
      volumeText('root', segmentText(0, 1, '"pv9", 0')),
      'pv9, which is not in the metadata',
    ],
    ['no stripes', volumeText('root', segmentText(0, 1, '')), 'over 0 stripes'],
    ['uneven stripes', volumeText('root', segmentText(0, 3, '"pv0", 0, "pv0", 9', 8)), 'has 3 extents over 2 stripes'],
    ['stripes of no size', volumeText('root', segmentText(0, 2, '"pv0", 0, "pv0", 9')), 'stripes of 0 bytes'],
    ['stripes of an odd size', volumeText('root', segmentText(0, 2, '"pv0", 0, "pv0", 9', 3)), 'stripes of 1536 bytes'],
    ['itself below it', volumeText('root', segmentText(0, 1, '"root", 0')), 'limit lvmNesting, 16'],
    [
      'an unknown type',
      volumeText('root', 'start_extent = 0 extent_count = 1 type = "cache+METADATA_FORMAT"'),
      'type cache',
    ],
  ])('keeps a logical volume with %s as unreadable', (_name, text, message) => {
    const [broken, good] = volumes(groupText([text, volumeText('good', segmentText(0, 1, '"pv0", 3'))].join('\n')));
    expect(broken?.problem?.message).toContain(`logical volume vg/root`);
    expect(broken?.problem?.message).toContain(message);
    expect(good).toMatchObject({ name: 'good', problem: undefined, device: { size: 4096 } });
  });

  test('marks volumes on a physical volume that LVM has lost', () => {
    const [volume] = volumes(groupText(linear).replace('["ALLOCATABLE"]', '["ALLOCATABLE", "MISSING"]'));
    expect(volume?.problem).toMatchObject({
      message: `logical volume vg/root needs the physical volume ${VOLUME_UUID} (p3), which LVM has marked as missing`,
      advice: expect.stringContaining('--restoremissing vg'),
    });
  });

  test('does not read the origin of a snapshot that is being merged', () => {
    const snapshot = 'start_extent = 0 extent_count = 6 type = "snapshot" origin = "root" merging_store = "store"';
    expect(
      problem(linear, volumeText('store', segmentText(0, 1, '"pv0", 50')), volumeText('snapshot0', snapshot)),
    ).toContain('a snapshot is being merged into it');
  });

  test('on logical volumes on others is read, and no more than once each', () => {
    const layer = (name: string, below: string) =>
      volumeText(name, ...Array.from({ length: 20 }, (_, index) => segmentText(index, 1, `"${below}", 0`)));
    const names = Array.from({ length: 12 }, (_, index) => `layer${index}`);
    const text = names.map((name, index) => layer(name, names[index + 1] ?? 'base')).join('\n');
    const [top] = volumes(groupText(`${text}\n${volumeText('base', segmentText(0, 1, '"pv0", 7'))}`));
    expect(top).toMatchObject({ name: 'layer0', problem: undefined });
    expect(top?.device?.read(4096 * 19, 10)).toHaveLength(10);
  });

  test('of more than 100,000 segments is refused', () => {
    const text = groupText(
      Array.from({ length: 101 }, (_, volume) => {
        const segments = Array.from(
          { length: 1000 },
          (__, index) => `s${index}{start_extent=0 extent_count=1 type="x"}`,
        );
        return `v${volume} { id = "i" ${segments.join('')} }`;
      }).join('\n'),
    );
    expect(() => parseGroupMetadata(text)).toThrow('limit lvmSegments, 100000');
  });
});

describe('damaged LVM metadata with right checksums', () => {
  test('gives groups or DiskErrors, and reads end', () => {
    const striped = volumeText('striped', segmentText(0, 4, '"pv0", 20, "pv0", 40', 8));
    const snapshot = volumeText(
      'snapshot0',
      'start_extent = 0 extent_count = 1 type = "snapshot" origin = "root" cow_store = "striped"',
    );
    const original = groupText(
      [linear, striped, volumeText('on', segmentText(0, 2, '"root", 1')), snapshot].join('\n'),
    );
    const next = sequence(99);
    const words = [
      '"pv0"',
      '"root"',
      '"on"',
      '{',
      '}',
      '[',
      ']',
      '=',
      '0',
      '-1',
      '99999999',
      '4294967296',
      '"',
      '',
      'striped',
      '#',
    ];
    const outcomes = { readable: 0, broken: 0, refused: 0 };
    for (let round = 0; round < 600; round++) {
      let text = original;
      for (let count = 1 + next(3); count > 0; count--) {
        const tokens = [...text.matchAll(/"[^"]*"|[\w-]+|[{}[\]=,]/g)];
        const token = tokens[next(tokens.length)];
        const word = next(3) === 0 ? (tokens[next(tokens.length)]?.[0] ?? '') : (words[next(words.length)] ?? '');
        text = `${text.slice(0, token?.index)}${word}${text.slice((token?.index ?? 0) + (token?.[0].length ?? 0))}`;
      }
      const { groups, members } = read(text);
      if ([...members.values()].some((member) => member instanceof DiskError)) outcomes.refused += 1;
      for (const { device, size, problem: why } of groups.flatMap(({ logicalVolumes }) => logicalVolumes)) {
        expect(device === undefined).toBe(why instanceof DiskError);
        outcomes[device ? 'readable' : 'broken'] += 1;
        if (device) expect(device.size).toBe(size);
        device?.read(0, Math.min(size, 9000));
        device?.read(Math.max(0, size - 9000), Math.min(size, 9000));
      }
    }
    expect(Object.values(outcomes).every((count) => count > 70)).toBe(true);
  });

  test('in label and header gives groups or DiskErrors', () => {
    const next = sequence(5);
    const spoil =
      (from: number, to: number) =>
      (bytes: Buffer): void => {
        for (let count = next(4); count > 0; count--) bytes[from + next(to - from)] = next(2) === 0 ? 0xff : next(256);
      };
    const outcomes = { found: 0, lost: 0 };
    for (let round = 0; round < 500; round++) {
      const { groups, members } = read(groupText(linear), {
        ring: 4096,
        at: 512 + next(3584),
        header: spoil(20, 64),
        label: spoil(8, 140),
      });
      outcomes[groups.length > 0 ? 'found' : 'lost'] += 1;
      for (const member of members.values())
        expect(member === undefined || member === 'vg' || member instanceof DiskError).toBe(true);
      for (const { device, size } of groups[0]?.logicalVolumes ?? [])
        expect(device?.read(0, size).length ?? size).toBe(size);
    }
    expect(Math.min(outcomes.found, outcomes.lost)).toBeGreaterThan(50);
  });
});
