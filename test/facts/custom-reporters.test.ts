import { describe, expect, test } from '@jest/globals';
import { firstBoot } from '../../src/facts/first-boot.ts';
import { imageFrom } from '../../src/testing/image.ts';
import { overlay } from '../../src/testing/rule-cases.ts';
import type { Tree } from '../../src/testing/tree.ts';
import { enabledUnit, nothing, script, wants } from './first-boot-images.ts';

const address = '168.63.129.16';
const ping = `curl http://${address}/`;
const tell = `${ping}?comp=health`;
const units = '/usr/lib/systemd/system';
const sized = (bytes: number) => script + '#'.repeat(bytes - script.length);
/** A unit that starts at boot, with a text of its own. */
const started = (name: string, text: string): Tree => ({
  [`${units}/${name}`]: text,
  [`${wants}/${name}`]: { link: `${units}/${name}` },
});

async function reporterIn(tree: Tree): Promise<readonly string[]> {
  const { candidates } = await imageFrom(overlay(nothing, tree)).get(firstBoot);
  return candidates
    .filter(({ provisioner, works }) => provisioner === 'custom' && works)
    .flatMap(({ name = '', evidence }) => [
      name,
      ...evidence.map(({ path, line }) => `${path}${line ? `:${line}` : ''}`),
    ]);
}

describe("a unit of the image's own reports ready", () => {
  test.each<[string, Tree, readonly string[]]>([
    ['by its command', enabledUnit('x.service', `/usr/bin/${tell}`), ['x.service', `${units}/x.service:2`]],
    ['by a script', { ...enabledUnit('x.service', '/opt/x'), '/opt/x': script }, ['x.service', '/opt/x']],
    [
      'by a script that an interpreter runs',
      { ...enabledUnit('x.service', '/usr/bin/env\t/usr/bin/python3  -u /opt/x'), '/opt/x': script },
      ['x.service', '/opt/x'],
    ],
    [
      'by a script behind prefixes of systemd',
      { ...enabledUnit('x.service', '-+/opt/x'), '/opt/x': script },
      ['x.service', '/opt/x'],
    ],
    [
      'by a script among the commands of a shell',
      { ...enabledUnit('x.service', `/bin/sh -c "sleep 5;/opt/x&&/bin/true"`), '/opt/x': script },
      ['x.service', '/opt/x'],
    ],
    [
      'by a script that learns the address from the command',
      { ...enabledUnit('x.service', `/opt/x ${address}`), '/opt/x': 'curl "http://$1/?comp=Health"' },
      ['x.service', `${units}/x.service:2`],
    ],
    [
      'by two scripts together',
      { ...enabledUnit('x.service', '/opt/a /opt/b'), '/opt/a': ping, '/opt/b': 'report health' },
      ['x.service', '/opt/a'],
    ],
    [
      'beside another',
      {
        ...enabledUnit('a.service', '/opt/a'),
        '/opt/a': script,
        ...enabledUnit('b.service', '/opt/b'),
        '/opt/b': script,
      },
      ['a.service', '/opt/a', '/opt/b'],
    ],
    [
      'as an instance of a template',
      {
        [`${units}/x@.service`]: '[Service]\nExecStart=/opt/x %i\n',
        [`${wants}/x@1.service`]: { link: `${units}/x@.service` },
        '/opt/x': script,
      },
      ['x@.service', '/opt/x'],
    ],
    [
      'by a script of the largest size',
      { ...enabledUnit('x.service', '/opt/x'), '/opt/x': sized(256 * 1024) },
      ['x.service', '/opt/x'],
    ],
  ])('%s', async (_, tree, expected) => expect(await reporterIn(tree)).toEqual(expected));
});

describe("no unit of the image's own reports ready", () => {
  test.each<[string, Tree]>([
    ['when it only reaches the address', enabledUnit('x.service', `/usr/bin/${ping}`)],
    ['when it only asks for health', enabledUnit('x.service', '/usr/bin/curl http://localhost/health')],
    [
      'when it does so as it stops',
      started('x.service', `[Service]\nExecStart=/bin/true\nExecStop=/usr/bin/${tell}\n`),
    ],
    [
      'when the command stands in a section where systemd reads none',
      started('x.service', `[Unit]\nExecStart=/usr/bin/${tell}\n`),
    ],
    ['when the unit is no service', started('x.timer', `[Service]\nExecStart=/usr/bin/${tell}\n`)],
    [
      'when it takes two units together',
      { ...enabledUnit('a.service', `/usr/bin/${ping}`), ...enabledUnit('b.service', '/usr/bin/report health') },
    ],
    ['when the script is not in the image', enabledUnit('x.service', '/opt/x')],
    ['when what it names is a directory', { ...enabledUnit('x.service', '/bin/ls /opt'), '/opt/x': script }],
    [
      'when the file is too large for a script',
      { ...enabledUnit('x.service', '/opt/x'), '/opt/x': sized(256 * 1024 + 1) },
    ],
    [
      'when the file is a compiled program, which has words for all sorts of things',
      { ...enabledUnit('x.service', '/opt/x'), '/opt/x': `\x7fELF${script}` },
    ],
  ])('%s', async (_, tree) => expect(await reporterIn(tree)).toEqual([]));
});
