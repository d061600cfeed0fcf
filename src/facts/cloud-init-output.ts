import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { isMapping } from '../formats/cloud-config-merge.ts';
import { isList } from './cloud-config-value.ts';
import { type CloudConfigValue, cloudInit } from './cloud-init.ts';

/** Where the output of one stage's modules and scripts goes. */
export interface CloudInitOutput {
  readonly stage: 'init' | 'config' | 'final';
  /** Where standard output goes, `| tee -a /var/log/cloud-init-output.log`, with its operator; undefined for the journal. */
  readonly target?: string;
  readonly evidence?: Evidence;
}

const stages = ['init', 'config', 'final'] as const;

/** `output` of the configuration as `get_output_cfg` of cloudinit/util.py takes it. */
export const cloudInitOutput = defineFact<readonly CloudInitOutput[]>({
  id: 'cloud-init-output',
  description: 'Where cloud-init sends the output of each stage.',
  reads: ['/etc/cloud/cloud.cfg', '/etc/cloud/cloud.cfg.d/*.cfg'],
  async compute(context) {
    const { config } = await context.get(cloudInit);
    return stages.map((stage) => {
      const key = config.get('output', stage) === undefined ? 'all' : stage;
      const target = standardOutput(config.get('output', key));
      const evidence = config.origin('output', key);
      return { stage, ...(target && { target }), ...(evidence && { evidence }) };
    });
  },
});

/** A text is for both streams, a list has standard output first, a mapping names it; without an operator it is `>>`. */
function standardOutput(value: CloudConfigValue | undefined): string | undefined {
  const own = isList(value) ? value[0] : isMapping(value) ? value['output'] : value;
  if (typeof own !== 'string' || own === '') return undefined;
  const [, operator = '>>', target = ''] = /^(>>|>|\|)?(.*)$/s.exec(own.trimStart()) ?? [];
  return `${operator} ${target.trim()}`;
}
