import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cloudInitOutput } from '../../src/facts/cloud-init-output.ts';
import { imageFrom } from '../../src/testing/image.ts';
import { describeOracle, runPython } from './oracle.ts';

const util = 'usr/lib/python3/dist-packages/cloudinit/util.py';

const text = fc.constantFrom('| tee -a /var/log/a.log', '> /var/log/b.log', '>>/c', '  /var/log/d.log ', '', '&1');
const value = fc.oneof(
  text,
  fc.array(text, { maxLength: 2 }),
  fc.record({ output: text, error: text }, { requiredKeys: [] }),
);
const output = fc.record({ all: value, init: value, config: value, final: value }, { requiredKeys: [] });

const program = `
import json
from cloudinit.util import get_output_cfg
for line in sys.stdin:
    cfg = json.loads(line)
    print(json.dumps([get_output_cfg(cfg, mode)[0] for mode in ("init", "config", "final")]))
`;

describeOracle('output of stages beside cloud-init', 'cloud-init', ['usr/bin/python3', util], () => {
  it('goes to the same places', async () => {
    const samples = fc.sample(output, { numRuns: 300, seed: 20_260_103 }).map((own) => ({ output: own }));
    const lines = samples.map((sample) => JSON.stringify(sample));
    const expected = runPython(program, lines.join('\n')).trim().split('\n');
    for (const [index, line] of lines.entries()) {
      const stages = await imageFrom({ '/etc/cloud/cloud.cfg': `${line}\n` }).get(cloudInitOutput);
      const found = stages.map(({ target }) => target ?? null);
      // An empty text is nothing to cloud-init, too.
      const wanted = (JSON.parse(expected[index] ?? '[]') as (string | null)[]).map((target) => target || null);
      expect({ line, found }).toEqual({ line, found: wanted });
    }
  });
});
