import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseInterfaces } from '../../src/formats/ifupdown.ts';
import { describeOracle, oracleRoot, runPython } from './oracle.ts';

/** For each text of a JSON list: what `ifquery --list --all` prints, or null where it refuses the file. */
const ifquery = `
import json, os, subprocess, tempfile
program = ${JSON.stringify(`${oracleRoot}/usr/sbin/ifquery`)}
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, 'interfaces')
    answers = []
    for text in json.load(sys.stdin):
        with open(path, 'w', newline='') as file: file.write(text)
        run = subprocess.run([program, '--interfaces', path, '--state-dir', folder, '--list', '--all'], capture_output=True, text=True)
        answers.append(None if "couldn't read" in run.stderr else run.stdout.split())
print(json.dumps(answers))
`;

const names = ['lo', 'eth0', 'eth1', 'wlan0'];
const name = fc.constantFrom(...names);
const line = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('auto ', 'auto\t', '  auto ', 'allow-auto ', 'allow-hotplug '),
      fc.array(name, { minLength: 1, maxLength: 3 }),
    )
    .map(([keyword, names]) => keyword + names.join(' ')),
  fc
    .tuple(name, fc.constantFrom('inet manual', 'inet dhcp', 'inet6 auto', '\\\n  inet manual'))
    .map(([device, rest]) => `iface ${device} ${rest}`),
  fc.constantFrom(
    '# auto eth2',
    '  # auto eth2',
    '',
    '  ',
    '  mtu 1400',
    'auto eth1 \\',
    '  metric 1 \\',
    'no-auto-down eth0',
  ),
);
/** ifquery lists only interfaces that have a stanza, so each gets one. */
const stanzas = names.map((each) => `iface ${each} inet manual\n`).join('');
const text = fc.array(line, { maxLength: 8 }).map((lines) => `${lines.join('\n')}\n\n${stanzas}`);

describeOracle('interfaces files', 'ifquery of ifupdown', ['usr/sbin/ifquery'], () => {
  test('start what ifupdown starts', () => {
    const texts = fc.sample(text, { numRuns: 120, seed: 5 });
    const answers: unknown = JSON.parse(runPython(ifquery, JSON.stringify(texts)));
    // Our own program's output: names or null for each text.
    const expected = (answers as (string[] | null)[]).map((listed, index) => ({ text: texts[index], names: listed }));
    const found = texts.map((each) => {
      const { started, problems } = parseInterfaces(each);
      const automatic = started.filter(({ allow }) => allow === 'auto').map(({ value }) => value);
      // ifupdown starts the loopback interface whether it is listed or not.
      const known = ['lo', ...automatic].filter((device) => names.includes(device));
      return { text: each, names: problems.length > 0 ? null : [...new Set(known)] };
    });
    expect(found).toEqual(expected);
    expect(expected.filter((answer) => answer.names !== null && answer.names.length > 1).length).toBeGreaterThan(20);
  });
});
