import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readConfiguration } from '../../src/facts/agent/configuration.ts';
import { parseWaagentConf, waagentInt, waagentSwitch } from '../../src/formats/waagent-conf.ts';
import {
  waagentInts,
  waagentNumbersReadAsSwitch,
  waagentStrings,
  waagentSwitches,
} from '../../src/formats/waagent-keys.ts';
import { describeOracle, oracleRoot, runPython } from './oracle.ts';

const configurationModule = 'usr/lib/python3/dist-packages/azurelinuxagent/common/conf.py';
const keys = [...waagentSwitches.keys(), ...waagentStrings.keys(), ...waagentInts.keys()];

/** Reads base64 texts of waagent.conf with the agent's own class and says what every getter gives for every key. */
const program = `
import base64, json
from azurelinuxagent.common.conf import ConfigurationProvider
from azurelinuxagent.common.exception import AgentConfigError
request = json.load(sys.stdin)
def read(sample):
    conf = ConfigurationProvider()
    try:
        conf.load(base64.b64decode(sample).decode('utf-8'))
    except (AgentConfigError, UnicodeDecodeError) as error:
        return {'defect': type(error).__name__, 'start': getattr(error, 'start', None)}
    return {key: [conf.get(key, None), conf.get_switch(key, None), str(conf.get_int(key, None))]
            for key in set(request['keys']) | set(conf.values)}
json.dump([read(sample) for sample in request['samples']], sys.stdout)
`;

const value = fc.oneof(
  fc.constantFrom(
    'y',
    'n',
    'Y',
    'N',
    'yes',
    'None',
    'none',
    '',
    '10',
    '+10',
    '-1',
    '1_0',
    '_1',
    '10s',
    '0x10',
    '1.0',
    '٣',
    '𝟗',
  ),
  fc.constantFrom(
    '"y"',
    "'y'",
    '"y" # no',
    '\t"n"',
    '"n"\r',
    ' "5" ',
    '"a#b"',
    '\u00a0y',
    'y\u0085',
    '\x1fn',
    '\ufeffy',
  ),
  fc.string({
    unit: fc.constantFrom('"', "'", '#', '=', ' ', '\t', '\r', 'y', 'n', '1', '_', '+', '\v', '\u2028', '٤', 'é'),
  }),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const key = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...keys) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
);
const line = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        fc.constantFrom('', '', '', ' ', '\t', '#', ' #', '\ufeff', 'export '),
        key,
        fc.constantFrom('=', '=', ' = ', '\t=', '', ': '),
        value,
      )
      .map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: value },
);
const text = fc
  .tuple(fc.constantFrom('', '', '\ufeff'), fc.array(line, { maxLength: 8 }), fc.constantFrom('\n', '\n', '\r\n', '\r'))
  .map(([mark, lines, end]) => mark + lines.join(end));
const bytes = fc.oneof(
  { weight: 9, arbitrary: text.map((sample) => Buffer.from(sample)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 12 }).map((sample) => Buffer.from(sample)) },
);

describeOracle('waagent.conf as the agent reads it', 'waagent', [configurationModule], () => {
  it('agrees with ConfigurationProvider on every key of generated files', () => {
    const samples = fc.sample(bytes, { numRuns: 1000, seed: 20_260_101 });
    const request = { keys, samples: samples.map((sample) => sample.toString('base64')) };
    const answers: unknown = JSON.parse(runPython(program, JSON.stringify(request)));
    expect(samples.map((sample) => ({ sample: sample.toString('base64'), answer: ourAnswer(sample) }))).toStrictEqual(
      request.samples.map((sample, index) => ({ sample, answer: Array.isArray(answers) ? answers[index] : answers })),
    );
  });
});

describeOracle('keys of waagent.conf', 'waagent', [configurationModule], () => {
  /** Read by releases before 2.15 only. */
  const gone = [
    'Debug.AutoUpdateHotfixFrequency',
    'Debug.AutoUpdateNormalFrequency',
    'Debug.CgroupMonitorExpiryTime',
    'Debug.CgroupMonitorExtensionName',
    'Extensions.GoalStateHistoryCleanupPeriod',
  ];

  it('are all known, each with the type of its getter', () => {
    const source = readFileSync(join(oracleRoot, configurationModule), 'utf8');
    const reads = [...source.matchAll(/conf\.(get|get_switch|get_int)\("([^"]+)"/g)].map(([, getter, name]) => ({
      getter,
      name,
    }));
    expect(reads.length).toBeGreaterThan(50);
    const getterOf = (name = '') =>
      waagentSwitches.has(name) || waagentNumbersReadAsSwitch.has(name)
        ? 'get_switch'
        : waagentInts.has(name)
          ? 'get_int'
          : waagentStrings.has(name)
            ? 'get'
            : undefined;
    const others = reads.filter(({ getter, name }) => getter !== getterOf(name)).map(({ name }) => name);
    expect(gone).toEqual(expect.arrayContaining(others));
  });
});

function ourAnswer(sample: Buffer): unknown {
  const configuration = readConfiguration('/etc/waagent.conf', sample, false);
  if ('defect' in configuration) {
    return configuration.defect === 'empty'
      ? { defect: 'AgentConfigError', start: null }
      : { defect: 'UnicodeDecodeError', start: configuration.offset };
  }
  const asked = new Set([...keys, ...parseWaagentConf(sample.toString('utf8')).assignments.map((one) => one.key)]);
  return Object.fromEntries([...asked].map((name) => [name, getters(configuration.text(name))]));
}

function getters(found: string | undefined): unknown {
  if (found === undefined) return [null, null, 'None'];
  return [found, waagentSwitch(found) ?? null, pythonNumber(waagentInt(found))];
}

function pythonNumber(number: number | undefined): string {
  // Python has no negative zero among its integers.
  return number === undefined ? 'None' : String(number + 0);
}
