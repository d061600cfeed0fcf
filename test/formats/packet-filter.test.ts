import { describe, expect, test } from '@jest/globals';
import { property, assert as propertyHolds, string } from 'fast-check';
import { parseAptConf } from '../../src/formats/apt-conf.ts';
import { parseFirewalldDirect, parseFirewalldPolicy } from '../../src/formats/firewalld.ts';
import { parseIptablesTables } from '../../src/formats/iptables-rules.ts';
import { ipv4Contains } from '../../src/formats/ipv4.ts';
import { parseNftables } from '../../src/formats/nftables.ts';
import { blockingOf } from '../../src/formats/packet-filter.ts';

const wireServer = { address: '168.63.129.16', port: 80 };

describe('ipv4Contains', () => {
  test.each([
    ['168.63.129.16', true],
    ['168.63.129.16/32', true],
    ['168.63.129.0/24', true],
    ['168.63.0.0/255.255.0.0', true],
    ['0.0.0.0/0', true],
    ['168.63.129.1-168.63.129.20', true],
    ['168.63.129.17', false],
    ['10.0.0.0/8', false],
    ['168.63.129.17-168.63.129.20', false],
    ['256.0.0.0/8', undefined],
    ['168.63.129.16/33', undefined],
    ['10.0.0.0/255.0.255.0', undefined],
    ['host.example', undefined],
    ['::1', undefined],
  ])('%s: %s', (network, expected) => {
    expect(ipv4Contains(network, wireServer.address)).toBe(expected);
  });
});

describe('rules of iptables', () => {
  const lineOf = (rules: string) => {
    const filter = parseIptablesTables(`*filter\n:OUTPUT ACCEPT [0:0]\n:own - [0:0]\n${rules}\nCOMMIT\n`).get('filter');
    return filter && blockingOf(filter, 'OUTPUT', wireServer)?.line;
  };

  test.each([
    ['-A OUTPUT -j DROP', 4],
    ['-A OUTPUT -d 168.63.129.16 -j REJECT --reject-with icmp-port-unreachable', 4],
    ['[3:180] -A OUTPUT --destination 168.63.129.0/24 --protocol tcp --destination-port 80 --jump DROP', 4],
    ['-A OUTPUT -p tcp -m multiport --dports 22,80:90 -m comment --comment "no -j ACCEPT here" -j DROP', 4],
    ['-A OUTPUT ! -d 10.0.0.0/8 -j DROP', 4],
    ['-A OUTPUT -d ! 10.0.0.0/8 -j DROP', 4],
    ['-A OUTPUT -m owner ! --uid-owner 1000 -j DROP', 4],
    ['-A OUTPUT -m owner --uid-owner 0-999 -j DROP', 4],
    ['-A OUTPUT -m conntrack --ctstate NEW,INVALID -j DROP', 4],
    ['-A OUTPUT -o eth0 -j DROP', 4],
    ['-A own -j DROP\n-A OUTPUT -j own', 4],
    ['-A OUTPUT -j DROP\n-I OUTPUT -d 10.0.0.1 -j ACCEPT', 4],
    ['-A OUTPUT -j MARK --set-mark 1\n-A OUTPUT -j DROP', 5],
  ])('%j drops', (rules, line) => {
    expect(lineOf(rules)).toBe(line);
  });

  test.each([
    ['-A OUTPUT -d 10.0.0.0/8 -j DROP'],
    ['-A OUTPUT -p udp -j DROP'],
    ['-A OUTPUT -p tcp --dport 25 -j DROP'],
    ['-A OUTPUT -o lo -j DROP'],
    ['-A OUTPUT -o docker0 -j DROP'],
    ['-A OUTPUT -i eth0 -j DROP'],
    ['-A OUTPUT -m owner --uid-owner 1000 -j DROP'],
    ['-A OUTPUT -m state --state INVALID -j DROP'],
    ['-A OUTPUT -m limit --limit 1/s -j DROP'],
    ['-A OUTPUT -s 10.0.0.0/8 -j DROP'],
    ['-A OUTPUT -d 168.63.129.16 -j ACCEPT\n-A OUTPUT -j DROP'],
    ['-A OUTPUT -m set --match-set allowed dst -j ACCEPT\n-A OUTPUT -j DROP'],
    ['-A OUTPUT -j DROP\n-I OUTPUT -j ACCEPT'],
    ['-A own -j RETURN\n-A own -j DROP\n-A OUTPUT -j own'],
    ['-A own -j OUTPUT\n-A OUTPUT -j own'],
    ['-A INPUT -j DROP'],
    ['-A OUTPUT -j LOG'],
    ['# -A OUTPUT -j DROP'],
    ['-A OUTPUT __proto__ --constructor -j toString'],
  ])('%j lets through', (rules) => {
    expect(lineOf(rules)).toBeUndefined();
  });

  test('chains that call each other many times are looked at once', () => {
    const calls = (name: string) => `-A ${name} -j a\n-A ${name} -j b\n`.repeat(50);
    expect(lineOf(`${['OUTPUT', 'a', 'b'].map(calls).join('')}-A b -j DROP`)).toBe(304);
    const row = Array.from({ length: 50_000 }, (_, index) => `-A c${index} -j c${index + 1}\n`).join('');
    expect(lineOf(`-A OUTPUT -j c0\n${row}`)).toBeUndefined();
  });

  test('a policy drops what no rule takes', () => {
    const filter = parseIptablesTables('*filter\n:OUTPUT DROP [0:0]\n-A OUTPUT -d 10.0.0.1 -j ACCEPT\n').get('filter');
    expect(filter && blockingOf(filter, 'OUTPUT', wireServer)).toEqual({
      by: 'policy',
      line: 2,
      text: ':OUTPUT DROP [0:0]',
    });
    expect(filter && blockingOf(filter, 'OUTPUT', { address: '10.0.0.1', port: 1 })).toBeUndefined();
  });
});

describe('rules of nftables', () => {
  const blocking = (text: string) =>
    parseNftables(text).outputs.flatMap(({ name, table }) => blockingOf(table, name, wireServer)?.line ?? []);
  const chain = (rules: string, policy = 'accept') =>
    `table inet filter {\n chain output {\n  type filter hook output priority filter; policy ${policy};\n${rules}\n }\n chain own {\n  drop\n }\n}\n`;

  test.each([
    [chain('drop'), [4]],
    [chain('ip daddr 168.63.129.16 tcp dport 80 counter packets 0 bytes 0 drop'), [4]],
    [chain('ip daddr { 10.0.0.1, 168.63.129.16 } reject with icmp type admin-prohibited'), [4]],
    [chain('ip daddr != 10.0.0.0/8 log prefix "accept " level info drop comment "accept"'), [4]],
    [chain('meta skuid 0 drop'), [4]],
    [chain('ct state { new, invalid } drop'), [4]],
    [chain('ct state new,invalid drop'), [4]],
    [chain('jump own'), [7]],
    [chain('oifname "eth*" drop'), [4]],
    [chain('ct state vmap { established : accept, related : accept }', 'drop'), [3]],
    [chain('oif "lo" accept', 'drop'), [3]],
    [
      'define bad = 168.63.129.16\ntable ip f {\n chain o {\n type filter hook output priority 0\n ip daddr $bad drop\n }\n}',
      [5],
    ],
    ['add table ip f\nadd chain ip f o { type filter hook output priority 0 ; policy drop ; }', [2]],
    ['add chain f o { type filter hook output priority 0 ; }\nadd rule f o ip daddr 168.63.129.16 drop', [2]],
  ])('%j drops', (text, lines) => {
    expect(blocking(text)).toEqual(lines);
  });

  test.each([
    [chain('ip daddr 10.0.0.1 drop')],
    [chain('ip daddr 168.63.129.16 accept', 'drop')],
    [chain('ip daddr @allowed accept', 'drop')],
    [chain('udp dport 53 drop')],
    [chain('ip6 daddr fe80::/10 drop')],
    [chain('iif "eth0" drop')],
    [chain('limit rate over 10/second drop')],
    [chain('meta skuid != 0 drop')],
    [chain('ct state invalid drop')],
    [chain('# drop')],
    [chain('__proto__ constructor drop')],
    ['table ip6 f { chain o { type filter hook output priority 0; policy drop; } }'],
    ['table inet f { chain i { type filter hook input priority 0; policy drop; } }'],
    ['table ip nat { chain o { type nat hook output priority 0; policy drop; } }'],
    ['add rule f o drop'],
  ])('%j lets through', (text) => {
    expect(blocking(text)).toEqual([]);
  });

  test('names what it includes', () => {
    expect(parseNftables('#!/usr/sbin/nft -f\ninclude "/etc/nftables/*.nft"\ninclude "x.nft";\n').includes).toEqual([
      '/etc/nftables/*.nft',
      'x.nft',
    ]);
  });
});

describe('rules of firewalld', () => {
  const direct = (content: string) => {
    const table = parseFirewalldDirect(`<direct>\n${content}\n</direct>`).get('filter');
    return table && blockingOf(table, 'OUTPUT', wireServer)?.line;
  };

  test.each([
    ['<rule ipv="ipv4" table="filter" chain="OUTPUT" priority="0">-j DROP</rule>', 2],
    [
      "<rule priority='5' ipv='ipv4' table='filter' chain='OUTPUT'>-m comment --comment &quot;x&quot; -j DROP</rule>",
      2,
    ],
    ['<passthrough ipv="ipv4">-t filter -I OUTPUT -d 168.63.129.16 -j DROP</passthrough>', 2],
    ['<rule ipv="ipv6" table="filter" chain="OUTPUT" priority="0">-j DROP</rule>', undefined],
    ['<!--\n<rule ipv="ipv4" table="filter" chain="OUTPUT" priority="0">-j DROP</rule>-->', undefined],
    [
      '<rule ipv="ipv4" table="filter" chain="OUTPUT" priority="1">-j DROP</rule>\n<rule ipv="ipv4" table="filter" chain="OUTPUT" priority="0">-j ACCEPT</rule>',
      undefined,
    ],
  ])('%s', (content, line) => {
    expect(direct(content)).toBe(line);
  });

  const policy = (target: string, content: string, zone = 'HOST') => {
    const chain = parseFirewalldPolicy(
      `<policy target="${target}">\n<ingress-zone name="${zone}"/>\n${content}\n</policy>`,
    );
    return chain && blockingOf(new Map([['p', chain]]), 'p', wireServer)?.line;
  };

  test.each([
    ['DROP', '', 1],
    ['CONTINUE', '<rule family="ipv4"><destination address="168.63.129.16"/><drop/></rule>', 3],
    ['CONTINUE', '<rule><destination address="10.0.0.0/8" invert="true"/><reject/></rule>', 3],
    ['DROP', '<port port="443" protocol="tcp"/>', 1],
    ['DROP', '<port port="80" protocol="tcp"/>', undefined],
    ['DROP', '<service name="http"/>', undefined],
    ['DROP', '<rule family="ipv4"><destination address="168.63.129.16"/><accept/></rule>', undefined],
    ['CONTINUE', '<rule family="ipv6"><drop/></rule>', undefined],
    ['CONTINUE', '', undefined],
  ])('policy %s with %s', (target, content, line) => {
    expect(policy(target, content)).toBe(line);
  });

  test('a policy for what other machines send does not count', () => {
    expect(policy('DROP', '', 'ANY')).toBeUndefined();
  });
});

describe('parseAptConf', () => {
  test.each([
    ['Acquire::http::Proxy "http://p:1";', [['Acquire::http::Proxy', 'http://p:1', 1]]],
    [
      '/* a\n*/ Acquire\n{ http { Proxy "p"; };\n https::Proxy "q";\n};',
      [
        ['Acquire::http::Proxy', 'p', 3],
        ['Acquire::https::Proxy', 'q', 4],
      ],
    ],
    ['// A "x";\n# A "x";\nA x;', [['A', 'x', 3]]],
    [
      'APT::Periodic { Enable "1"; }\nB "2";',
      [
        ['APT::Periodic::Enable', '1', 1],
        ['B', '2', 2],
      ],
    ],
    ['A "http://x/y";', [['A', 'http://x/y', 1]]],
  ])('%j', (text, settings) => {
    expect(parseAptConf(text).map(({ name, value, line }) => [name, value, line])).toEqual(settings);
  });
});

test('any text is read', () => {
  propertyHolds(
    property(string({ unit: 'binary' }), string({ unit: 'grapheme-ascii' }), (first, second) => {
      const text = `${first}\n${second}`;
      for (const { table, name } of parseNftables(`table ip f { chain o { ${text}`).outputs)
        blockingOf(table, name, wireServer);
      parseNftables(text);
      for (const tables of [
        parseIptablesTables(`*filter\n-A OUTPUT ${second}\n${text}`),
        parseFirewalldDirect(`<rule ipv="ipv4">${text}`),
      ]) {
        for (const table of tables.values()) blockingOf(table, 'OUTPUT', wireServer);
      }
      parseFirewalldPolicy(text);
      const lines = text.split('\n').length;
      for (const { line } of parseAptConf(text)) expect(line).toBeLessThanOrEqual(lines);
    }),
  );
});
