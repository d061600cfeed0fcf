// Mutation tests, area by area: npm run mutate -- [AREA...]. Each mutant runs only the suites that own its file.
import process from 'node:process';
import { Stryker } from '@stryker-mutator/core';

/** Area → what is mutated, and the suites that must notice. */
const areas = new Map([
  ['waagent-conf', [['src/formats/waagent-conf.ts'], ['formats/waagent-conf']]],
  ['cloud-config', [['src/formats/cloud-config-merge.ts'], ['formats/cloud-config', 'formats/cloud-config-merge']]],
  ['ds-identify', [['src/formats/ds-identify*.ts'], ['formats/ds-identify']]],
  ['kernel-cmdline', [['src/formats/kernel-cmdline.ts'], ['formats/kernel-cmdline']]],
  [
    'grub',
    [
      ['src/formats/grub-*.ts'],
      [
        'formats/grub',
        'formats/grub-cfg',
        'formats/grub-condition',
        'formats/grub-menu',
        'formats/grub-script',
        'facts/grub-files',
      ],
    ],
  ],
  ['agent', [['src/facts/agent/*.ts'], ['facts/agent', 'facts/agent-configuration']]],
  [
    'agent-state',
    [
      ['src/facts/agent-state/*.ts', 'src/facts/host-key-renewal.ts', 'src/facts/signs-of-use.ts'],
      ['facts/agent-state', 'facts/monitoring-agents', 'facts/host-key-renewal', 'facts/signs-of-use'],
    ],
  ],
  [
    'boot',
    [
      [
        'src/facts/kernel-command-line.ts',
        'src/facts/kernel-command-line/*.ts',
        'src/facts/boot-kernels.ts',
        'src/facts/boot-kernels/*.ts',
      ],
      ['facts/kernel-command-line', 'facts/grub-files', 'facts/boot-kernels', 'facts/boot', 'rules'],
    ],
  ],
  [
    'first-boot',
    [
      ['src/facts/first-boot/*.ts'],
      [
        'facts/first-boot',
        'facts/first-boot-account',
        'facts/first-boot-combinations',
        'facts/awaited-host-key',
        'facts/custom-reporters',
      ],
    ],
  ],
]);

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !areas.has(name));
if (unknown === undefined) for (const name of wanted.length > 0 ? wanted : areas.keys()) await mutate(name);
else {
  console.error(`no area is called ${unknown}; areas: ${[...areas.keys()].join(', ')}`);
  process.exitCode = 2;
}

async function mutate(name) {
  const [files, suites] = areas.get(name);
  console.log(`Area ${name}`);
  const run = new Stryker({
    mutate: files,
    jsonReporter: { fileName: `.cache/mutation/${name}.json` },
    jest: {
      configFile: 'jest.config.js',
      enableFindRelatedTests: false,
      config: {
        testMatch: suites.map((suite) => `<rootDir>/test/${suite}.test.ts`),
        setupFiles: ['<rootDir>/test/short-properties.ts'],
        watchman: false,
      },
    },
  });
  await run.runMutationTest();
}
