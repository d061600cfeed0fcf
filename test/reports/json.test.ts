import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { renderJson } from '../../src/reports/json.ts';
import { everyKindOfResult, finding, image, report, result } from './sample-report.ts';

const schema: unknown = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'report.schema.json'), 'utf8'),
);
const validate = new Ajv2020({
  allErrors: true,
  allowUnionTypes: true,
  formats: { date: /^\d{4}-\d{2}-\d{2}$/ },
}).compile(Object(schema));

function complaints(document: unknown): readonly string[] {
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

describe('JSON report', () => {
  it('is the result object, unchanged', () => {
    const original = report();
    expect(JSON.parse(renderJson(original))).toEqual(original);
  });

  it('ends in a line break and is laid out in lines', () => {
    expect(renderJson(report())).toMatch(/^\{\n {2}"schemaVersion": 1,\n[\s\S]*\n\}\n$/);
  });
});

describe('docs/report.schema.json', () => {
  test.each([
    ['every kind of result', report()],
    ['a run without images', report([], { unscanned: [{ target: 'x', message: 'x: the directory is empty' }] })],
    ['a rule that crashed', report([image({ internalErrors: [{ ruleId: 'a/b', message: 'x' }] })])],
    [
      'nothing known of the system',
      report([
        image({
          firstBoot: null,
          system: {
            distribution: null,
            architecture: null,
            agent: null,
            cloudInit: { version: null },
            kernels: [],
            generation: [2],
          },
        }),
      ]),
    ],
    [
      'a full intent',
      report([
        image({
          intent: {
            imageType: 'specialized',
            imageTypeDeclared: true,
            storage: 'managed-disk',
            generation: 2,
            profiles: ['nvme'],
            scenario: 'snapshot',
            intermediate: true,
          },
        }),
      ]),
    ],
  ])('accepts %s', (_name, document) => {
    expect(complaints(document)).toEqual([]);
  });

  const [failed] = everyKindOfResult;
  test.each([
    ['an unknown key', { ...report(), extra: 1 }],
    ['an unknown key of an image', report([Object.assign(image(), { extra: 1 })])],
    [
      'an unknown key of a finding',
      report([
        image({ results: [result('a/b', { outcome: 'fail', findings: [Object.assign(finding('x'), { extra: 1 })] })] }),
      ]),
    ],
    ['a pass with findings', report([image({ results: [{ ...result('a/b'), findings: failed?.findings ?? [] }] })])],
    ['a fail without findings', report([image({ results: [result('a/b', { outcome: 'fail' })] })])],
    ['an unknown result without a reason', report([image({ results: [result('a/b', { outcome: 'unknown' })] })])],
    ['a relative path', report([image({ results: [result('a/b', { evidence: [{ path: 'etc/x' }] })] })])],
    ['a line 0', report([image({ results: [result('a/b', { evidence: [{ path: '/etc/x', line: 0 }] })] })])],
  ])('refuses %s', (_name, document) => {
    expect(complaints(document)).not.toEqual([]);
  });
});
