import { isDeepStrictEqual } from 'node:util';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cloudInit } from '../../src/facts/cloud-init.ts';
import { cloudInitDiskSetup } from '../../src/facts/cloud-init-disk-setup.ts';
import { cloudInitHostKeys } from '../../src/facts/cloud-init-host-keys.ts';
import { cloudInitUsers } from '../../src/facts/cloud-init-users.ts';
import { readCloudConfigFile } from '../../src/formats/cloud-config.ts';
import { imageFrom } from '../../src/testing/image.ts';
import { describeOracle, oracleRoot, rootOfNewest, runPython } from './oracle.ts';

const schema = 'usr/lib/python3/dist-packages/cloudinit/config/schema.py';

/** The command `cloud-init schema --config-file`, in one process for all texts: what it says of each. */
const validate = `
import contextlib, io, json, logging, tempfile
from cloudinit.config import schema
logging.disable(logging.CRITICAL)
known = schema.get_schema()

def answer(text):
    with tempfile.NamedTemporaryFile("w", newline="") as f:
        f.write(text)
        f.flush()
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                schema.validate_cloudconfig_file(f.name, known)
            return {"verdict": "valid", "places": []}
        except schema.SchemaValidationError as e:
            places = [p[0] for p in e.schema_errors]
            is_yaml = not any(p.startswith("format-") for p in places)
            return {"verdict": "invalid" if is_yaml else "no YAML", "places": places}
        except RuntimeError as e:
            return {"verdict": "no mapping" if "not a YAML dict" in str(e) else repr(e), "places": []}

print(json.dumps([answer(text) for text in json.load(sys.stdin)]))
`;

interface Validation {
  readonly verdict: string;
  /** Paths of keys that the schema objects to: `disk_setup.ephemeral0.table_type`. */
  readonly places: readonly string[];
}

/** What cloud-init's own functions make of the values of each text. */
const evaluate = `
import json, logging
import yaml
from cloudinit import settings, sources, util
from cloudinit.distros import ug_util
logging.disable(logging.CRITICAL)

class Distribution:
    def get_default_user(self):
        return {"name": "azureuser"}

def attempt(function):
    try:
        return function()
    except Exception as e:
        return repr(e)

def has_default(cfg):
    users, _ = ug_util.normalize_users_groups(cfg, Distribution())
    return ug_util.extract_default(users)[0] is not None

def has_azure(cfg):
    cfg = util.mergemanydict([cfg, settings.CFG_BUILTIN])
    found = sources.list_sources(cfg.get("datasource_list") or [], [sources.DEP_FILESYSTEM], ["cloudinit.sources"])
    return any(each.__name__ == "DataSourceAzure" for each in found)

def answer(text):
    cfg = yaml.safe_load(text)
    return {
        "deletes": attempt(lambda: util.get_cfg_option_bool(cfg, "ssh_deletekeys", True)),
        "preserves": attempt(lambda: util.get_cfg_option_bool(cfg, "preserve_hostname", False)),
        "disablesRoot": attempt(lambda: util.get_cfg_option_bool(cfg, "disable_root", True)),
        "types": attempt(lambda: [str(t) for t in util.get_cfg_option_list(cfg, "ssh_genkeytypes", ["rsa", "ecdsa", "ed25519"])]),
        "keepsDefault": attempt(lambda: has_default(cfg)),
        "azure": attempt(lambda: has_azure(cfg)),
    }

print(json.dumps([answer(text) for text in json.load(sys.stdin)]))
`;

interface Evaluation {
  readonly deletes?: unknown;
  readonly preserves?: unknown;
  readonly disablesRoot?: unknown;
  readonly keepsDefault?: unknown;
  readonly types: readonly string[];
  readonly azure: unknown;
}
const nothing: Evaluation = { types: [], azure: undefined };

/** The two languages write a value that is no name differently, and no key is made by it. */
const keyType = (name: string) => (/^(?:rsa|ecdsa|ed25519|dsa)$/.test(name) ? name : 'none');

const roots = [...new Set([oracleRoot, rootOfNewest(schema)])];
const validations = (texts: readonly string[], root: string): readonly Validation[] =>
  JSON.parse(runPython(validate, JSON.stringify(texts), root));

/** Without 1.0, which our reader takes for 1. */
const scalars = fc.constantFrom(
  ...['true', 'False', 'yes', 'NO', 'on', 'Off', 'y', 'n', '"true"', "'yes'", '" on "', '"0"', '1', '0', '01'],
  ...['2', '~', '', 'null', '""', 'Azure', 'default', 'rsa', '"a b"', '2001-12-14', '!!str true', '-1', '.nan'],
);
const lists = fc.array(scalars, { maxLength: 3 }).map((items) => `[${items.map((item) => item || '~').join(', ')}]`);
const flowMappings = fc
  .array(fc.tuple(fc.constantFrom('name', 'default', 'mode', 'table_type', 'layout'), scalars), {
    maxLength: 3,
  })
  .map((pairs) => `{${[...new Map(pairs)].map(([key, item]) => `${key}: ${item || '~'}`).join(', ')}}`);
const listsOfMappings = fc
  .array(fc.oneof(scalars, flowMappings), { maxLength: 3 })
  .map((items) => items.map((item) => `\n  - ${item}`).join(''));
const values = fc.oneof(scalars, lists, flowMappings, listsOfMappings);
const keys = fc.constantFrom(
  ...['ssh_deletekeys', 'preserve_hostname', 'disable_root', 'ssh_genkeytypes', 'users', 'user', 'datasource_list'],
  ...['growpart', 'hostname', 'disk_setup', 'mounts', 'unknown_key'],
);
const configurations = fc
  .uniqueArray(fc.tuple(keys, values), { minLength: 1, maxLength: 4, selector: ([key]) => key })
  .map((pairs) => pairs.map(([key, value]) => `${key}: ${value}\n`).join(''));

/** A slip of an editor: something put in, taken out or doubled. */
const slips = fc.record({
  at: fc.double({ min: 0, max: 0.999, noNaN: true }),
  removed: fc.nat({ max: 2 }),
  added: fc.constantFrom(
    '',
    '',
    '\t',
    ' ',
    ':',
    '- ',
    '"',
    "'",
    '[',
    '}',
    '&a ',
    '*a',
    '#',
    '|',
    '\n',
    '%',
    '@',
    '\u0007',
    '!x ',
  ),
});
const texts = fc
  .tuple(configurations, fc.array(slips, { maxLength: 3 }))
  .map(([text, edits]) =>
    edits.reduce((current, { at, removed, added }) => {
      const index = Math.floor(at * current.length);
      return current.slice(0, index) + added + current.slice(index + removed);
    }, text),
  )
  .map((text) => `#cloud-config\n${text}`);

describeOracle('cloud-config files beside cloud-init schema', 'cloud-init', ['usr/bin/python3', schema], () => {
  test.each(roots)('are read or refused alike by %s', (root) => {
    const samples = [
      ...fc.sample(texts, { numRuns: 500, seed: 20_261_125 }),
      ...[
        '#cloud-config\n',
        '#cloud-config\n- a\n',
        '#cloud-config\nwords\n',
        '#cloud-config\n{}\n',
        '#cloud-config\n---\n',
      ],
    ];
    const theirs = validations(samples, root);
    const differing = samples.flatMap((text, index) => {
      const file = readCloudConfigFile('/etc/cloud/cloud.cfg.d/90.cfg', text);
      const ours = 'limit' in file ? 'limit' : file.state;
      const isRead = ours === 'merged';
      const verdict = theirs[index]?.verdict ?? '';
      const expected = verdict === 'valid' || verdict === 'invalid';
      return isRead === expected && /^(?:valid|invalid|no YAML|no mapping)$/.test(verdict)
        ? []
        : [{ text, ours, verdict }];
    });
    expect(differing).toEqual([]);
    expect(new Set(theirs.map(({ verdict }) => verdict))).toEqual(
      new Set(['valid', 'invalid', 'no YAML', 'no mapping']),
    );
  });

  test.each(roots)('mean the same to %s', async (root) => {
    const samples = fc.sample(configurations, { numRuns: 600, seed: 20_261_126 });
    const theirs: readonly Evaluation[] = JSON.parse(runPython(evaluate, JSON.stringify(samples), root));
    const ours = await Promise.all(
      samples.map(async (text) => {
        const image = imageFrom({ '/etc/cloud/cloud.cfg': `cloud_init_modules: [ssh]\n${text}` });
        const { config, search } = await image.get(cloudInit);
        const { deletes, types } = cloudInitHostKeys({ config });
        const { keepsDefault, disablesRoot } = await image.get(cloudInitUsers);
        const preserves = config.bool('preserve_hostname', false);
        return {
          deletes,
          preserves,
          disablesRoot,
          types: types.map(keyType),
          keepsDefault,
          azure: search.result === 'azure',
        };
      }),
    );
    const differing = samples.flatMap((text, index) => {
      const { types, azure, keepsDefault, ...rest } = theirs[index] ?? nothing;
      // After an exception there is no data source and no user at all.
      const wanted = { ...rest, types: types.map(keyType), azure: azure === true, keepsDefault: keepsDefault === true };
      return isDeepStrictEqual(wanted, ours[index]) ? [] : [{ text, ours: ours[index], theirs: wanted }];
    });
    expect(differing.slice(0, 20)).toEqual([]);
  });

  test.each(roots)('have definitions of disks that %s takes', async (root) => {
    const definitions = fc.oneof(
      {
        arbitrary: fc.constantFrom('gpt', 'mbr', 'GPT', 'msdos', '1', '~').map((type) => `{table_type: ${type}}`),
        weight: 3,
      },
      fc.constantFrom(
        '{}',
        '{layout: true}',
        '{table_type: gpt, layout: [50, 50]}',
        'gpt',
        '[]',
        '~',
        'true',
        '{overwrite: true}',
      ),
    );
    const names = fc.constantFrom('ephemeral0', '/dev/sdc', 'table_type', 'layout', 'overwrite');
    const setups = fc
      .uniqueArray(fc.tuple(names, definitions), { minLength: 1, maxLength: 3, selector: ([name]) => name })
      .map((pairs) => `disk_setup:\n${pairs.map(([name, text]) => `  ${name}: ${text}\n`).join('')}`);
    const samples = fc.sample(setups, { numRuns: 150, seed: 20_261_127 });
    const theirs = validations(
      samples.map((text) => `#cloud-config\n${text}`),
      root,
    );
    for (const [index, text] of samples.entries()) {
      const { defects } = await imageFrom({ '/etc/cloud/cloud.cfg': text }).get(cloudInitDiskSetup);
      const ours = defects.map(({ key }) => key.replace(/^disk_setup\./, '')).sort();
      const wanted = [...new Set(theirs[index]?.places.map((place) => place.split('.')[1] ?? place))].sort();
      expect({ text, ours }).toEqual({ text, ours: wanted });
    }
  });
});
