import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readNetplan } from '../../src/facts/first-nic/netplan.ts';
import type { PlacedValue } from '../../src/facts/first-nic/nic.ts';
import { parseNetworkd } from '../../src/formats/networkd.ts';
import { imageFrom } from '../../src/testing/image.ts';
import { describeOracle, oracleRoot, runPython } from './oracle.ts';

/**
 * Texts by file name, laid down together: the *.network files that netplan's generator writes for systemd-networkd, or
 * its complaint. One process for all, since each definition stands for itself.
 */
const generate = `
import json, os, subprocess, tempfile
root = ${JSON.stringify(oracleRoot)}
libraries = [root + '/usr/lib/' + name for name in ('x86_64-linux-gnu', 'aarch64-linux-gnu')]
loader = next(p + '/' + n for p, n in zip(libraries, ('ld-linux-x86-64.so.2', 'ld-linux-aarch64.so.1')) if os.path.exists(p + '/' + n))
with tempfile.TemporaryDirectory() as folder:
    os.makedirs(folder + '/etc/netplan')
    for name, text in json.load(sys.stdin).items():
        path = folder + '/etc/netplan/' + name
        with open(path, 'w', newline='') as file: file.write(text)
        os.chmod(path, 0o600)
    run = subprocess.run([loader, '--library-path', ':'.join(libraries), root + '/usr/libexec/netplan/generate', '--root-dir', folder], capture_output=True, text=True)
    made = folder + '/run/systemd/network'
    names = sorted(os.listdir(made)) if os.path.isdir(made) else []
    files = {name: open(made + '/' + name).read() for name in names if name.endswith('.network')}
    print(json.dumps(files if run.returncode == 0 else run.stderr))
`;

const indented = (depth: number, lines: readonly string[]) =>
  lines.map((line) => `${'  '.repeat(depth)}${line}\n`).join('');
const bool = fc.constantFrom('true', 'yes', 'on', 'false', 'no', 'Off', 'YES');
const address = fc.constantFrom('10.0.0.5/24', '10.0.0.6/24', '192.168.7.9/16');
const mac = fc.constantFrom('52:54:00:12:34:56', '00:0d:3a:1b:2c:3d');
const setting = fc.oneof(
  bool.map((value) => [`dhcp4: ${value}`]),
  bool.map((value) => [`dhcp6: ${value}`]),
  fc.uniqueArray(address, { minLength: 1, maxLength: 2 }).map((list) => [`addresses: [${list.join(', ')}]`]),
  fc.constant(['gateway4: 10.0.0.1']),
  fc.constant(['routes:', '  - to: 10.9.0.0/16', '    via: 10.0.0.1']),
  fc.constant(['routes:', '  - to: default', '    via: 10.0.0.254']),
  fc.constant(['nameservers:', '  addresses: [1.1.1.1, 8.8.8.8]']),
  fc.constant(['# dhcp4: true', 'optional: true']),
);
const match = fc.oneof(
  fc.constant<string[]>([]),
  fc.constant(['match: {name: "e*"}']),
  mac.map((value) => ['match:', `  macaddress: ${value}`]),
  fc.constant(['match: {driver: hv_netvsc}']),
  mac.map((value) => [`match: {macaddress: "${value}", driver: hv_netvsc}`, 'set-name: eth0']),
  fc.constant(['match:', '  driver: [hv_netvsc, "mlx5*"]']),
);
const device = fc
  .tuple(
    fc.constantFrom('eth0', 'ens160', 'nic'),
    match,
    fc.uniqueArray(setting, { maxLength: 4, selector: ([first]) => first?.split(':')[0] }),
  )
  .map(([id, matches, settings]) => ({ id, lines: [...matches, ...settings.flat()] }));
const file = fc
  .uniqueArray(device, { minLength: 1, maxLength: 3, selector: ({ id }) => id })
  .map(
    (devices) =>
      `network:\n  version: 2\n  ethernets:\n${devices
        .map(({ id, lines }) => (lines.length > 0 ? `    ${id}:\n${indented(3, lines)}` : `    ${id}: {}\n`))
        .join('')}`,
  );
/** One or two files that may speak of the same interface. */
const sample = fc.array(file, { minLength: 1, maxLength: 2 });

const values = (list: readonly PlacedValue[] | readonly { value: string }[]) =>
  [...new Set(list.map(({ value }) => value))].sort();

/** What both say of one interface. */
interface Described {
  readonly dhcp4: boolean;
  readonly addresses: readonly string[];
  readonly hardwareAddresses: readonly string[];
  readonly drivers: readonly string[];
  readonly gateways: readonly string[];
  readonly routes: readonly string[];
  readonly nameServers: readonly string[];
}

function ours(tree: Readonly<Record<string, string>>): Record<string, Described> {
  const paths = Object.fromEntries(Object.entries(tree).map(([name, text]) => [`/etc/netplan/${name}`, text]));
  const { definitions } = readNetplan(imageFrom(paths).rootFs, ['systemd-networkd']);
  return Object.fromEntries(
    definitions.map(({ id, profile }) => [
      `10-netplan-${id}.network`,
      {
        dhcp4: profile.addressing === 'dhcp',
        addresses: values(profile.addresses),
        hardwareAddresses: values(profile.hardwareAddresses),
        drivers: values(profile.drivers),
        gateways: values(profile.gateways),
        routes: values(profile.routes),
        nameServers: values(profile.nameServers),
      },
    ]),
  );
}

function theirs(generated: Readonly<Record<string, string>>): Record<string, Described> {
  return Object.fromEntries(
    Object.entries(generated).map(([name, text]) => {
      const { profile, dhcp4 } = parseNetworkd(text);
      return [
        name,
        {
          dhcp4,
          addresses: values(profile.addresses),
          hardwareAddresses: values(profile.hardwareAddresses),
          drivers: values(profile.drivers),
          gateways: values(profile.gateways),
          routes: values(profile.routes),
          nameServers: values(profile.nameServers),
        },
      ];
    }),
  );
}

describeOracle('netplan files', 'generate of netplan.io', ['usr/libexec/netplan/generate'], () => {
  test('mean to us what netplan hands to systemd-networkd', () => {
    const samples = fc.sample(sample, { numRuns: 300, seed: 11 });
    const tree = Object.fromEntries(
      samples.flatMap((texts, index) =>
        texts.map((text, part) => {
          const number = String(index).padStart(3, '0');
          // Interfaces of different samples must not be one.
          return [`${number}-${part}.yaml`, text.replace(/^ {4}(\w+):/gm, `    $1n${number}:`)];
        }),
      ),
    );
    // Our own program's output: files by name, or a complaint.
    const answer = JSON.parse(runPython(generate, JSON.stringify(tree))) as Record<string, string> | string;
    if (typeof answer === 'string') throw new Error(answer);
    expect(ours(tree)).toEqual(theirs(answer));
    expect(Object.keys(answer).length).toBeGreaterThan(300);
  });
});
