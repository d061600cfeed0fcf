import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseFirewalldZone } from '../../src/formats/firewalld-zone.ts';
import { parseIptablesSave } from '../../src/formats/iptables-save.ts';

describe('zones of firewalld', () => {
  test('services, ports and target directly below the zone', () => {
    const zone = parseFirewalldZone(
      '<?xml version="1.0"?>\n<zone target=\'ACCEPT\'>\n<short>X</short>\n<service name="ssh"/>\n<port port="8000-8010" protocol="tcp"/>\n<!-- <service name="http"/> -->\n</zone>\n',
    );
    expect(zone).toEqual({ target: 'ACCEPT', services: ['ssh'], ports: ['8000-8010/tcp'] });
  });

  test('what stands in a rule is limited to some senders', () => {
    const rule = '<rule family="ipv4"><source address="10.0.0.0/8"/><service name="ssh"/><accept/></rule>';
    expect(parseFirewalldZone(`<zone>${rule}<service name="http"/></zone>`).services).toEqual(['http']);
    expect(parseFirewalldZone('').target).toBe('default');
  });

  test('no text makes it throw', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseFirewalldZone(text);
        parseFirewalldZone(`<zone>${text}<service name="ssh"/>`);
      }),
      { seed: 3 },
    );
  });
});

describe('files for iptables-restore', () => {
  test.each([
    [
      '-A INPUT -p tcp -m state --state NEW -m tcp --dport 22 -j ACCEPT',
      { target: 'ACCEPT', ports: ['22'], isPlain: true },
    ],
    [
      '-A INPUT -p tcp -m multiport --dports 22,80,443 -j ACCEPT',
      { target: 'ACCEPT', ports: ['22', '80', '443'], isPlain: true },
    ],
    ['-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT', { target: 'ACCEPT', isPlain: false }],
    ['-A INPUT -i lo -j ACCEPT', { target: 'ACCEPT', isPlain: false }],
    ['-A INPUT -p icmp -j ACCEPT', { target: 'ACCEPT', isPlain: false }],
    ['-A INPUT -s 10.0.0.0/8 -p tcp --dport 22 -j ACCEPT', { target: 'ACCEPT', ports: ['22'], isPlain: false }],
    ['-A INPUT ! -s 10.0.0.0/8 -j DROP', { target: 'DROP', isPlain: false }],
    ['-A INPUT -j REJECT --reject-with icmp-host-prohibited', { target: 'REJECT', isPlain: true }],
  ])('%s', (text, expected) => {
    expect(parseIptablesSave(`*filter\n:INPUT ACCEPT [0:0]\n${text}\nCOMMIT\n`).input).toEqual([
      { line: 3, text, ...expected },
    ]);
  });

  test('other tables and chains have no say', () => {
    const found = parseIptablesSave(
      '*nat\n:INPUT DROP [0:0]\n-A INPUT -j DROP\nCOMMIT\n*filter\n:INPUT ACCEPT [1:2]\n-A FORWARD -d 168.63.129.16/32 -p tcp --dport 80 -j DROP\nCOMMIT\n',
    );
    expect(found).toEqual({ policy: 'ACCEPT', input: [], ruleCount: 2 });
  });

  test('no text makes it throw, and every line lies in it', () => {
    fc.assert(
      fc.property(fc.string(), (tail) => {
        const text = `-A INPUT ${tail}`;
        for (const { line } of parseIptablesSave(text).input) expect(line).toBeLessThanOrEqual(text.split('\n').length);
      }),
      { seed: 4 },
    );
  });
});
