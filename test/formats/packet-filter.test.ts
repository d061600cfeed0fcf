import { describe, expect, test } from '@jest/globals';
import { property, assert as propertyHolds, string } from 'fast-check';
import { parseAptConf } from '../../src/formats/apt-conf.ts';
import { parseFirewalldDirect, parseFirewalldPolicy } from '../../src/formats/firewalld.ts';
import { parseFirewalldZone } from '../../src/formats/firewalld-zone.ts';
import { parseIptablesSave } from '../../src/formats/iptables-save.ts';
import { ipv4Contains } from '../../src/formats/ipv4.ts';
import { parseNftables } from '../../src/formats/nftables.ts';
import { type Connection, type Fate, type FilterTable, fateOf } from '../../src/formats/packet-filter.ts';

const wireServer = { direction: 'out', address: '168.63.129.16', port: 80 } as const;
const ssh = { direction: 'in', port: 22 } as const;

/** The line that keeps the connection from getting through. */
function blockingLine(table: FilterTable | undefined, chain: string, connection: Connection): number | undefined {
  const fate = table && fateOf(table, chain, connection);
  return fate?.verdict === 'drop' || fate?.verdict === 'reject' ? fate.decided?.line : undefined;
}

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
    const { tables } = parseIptablesSave(`*filter\n:OUTPUT ACCEPT [0:0]\n:own - [0:0]\n${rules}\nCOMMIT\n`);
    return blockingLine(tables.get('filter'), 'OUTPUT', wireServer);
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

  const fate = (text: string, connection: Connection): Fate | undefined => {
    const filter = parseIptablesSave(text).tables.get('filter');
    return filter && fateOf(filter, connection.direction === 'in' ? 'INPUT' : 'OUTPUT', connection);
  };

  test('a policy drops what no rule takes', () => {
    const text = '*filter\n:OUTPUT DROP [0:0]\n-A OUTPUT -d 10.0.0.1 -j ACCEPT\nCOMMIT\n';
    expect(fate(text, wireServer)).toEqual({
      verdict: 'drop',
      decided: { by: 'policy', line: 2, text: ':OUTPUT DROP [0:0]' },
    });
    expect(fate(text, { direction: 'out', address: '10.0.0.1', port: 1 })?.verdict).toBe('accept');
  });

  test.each([
    ['-A INPUT -p tcp -m state --state NEW -m tcp --dport 22 -j ACCEPT', 'accept'],
    ['-A INPUT -p tcp -m multiport --dports 80,20:25 -j ACCEPT', 'accept'],
    ['-A INPUT -p tcp --syn --dport 22 -j ACCEPT', 'accept'],
    ['-A INPUT -i eth0 -s 0.0.0.0/0 -p tcp --destination-port ssh -j ACCEPT', 'accept'],
    ['-A INPUT -m addrtype --dst-type LOCAL -j ACCEPT', 'accept'],
    ['-A open -j ACCEPT\n-A INPUT -p tcp --dport 22 -j open', 'accept'],
    ['-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT', 'drop'],
    ['-A INPUT -i lo -j ACCEPT', 'drop'],
    ['-A INPUT -o eth0 -j ACCEPT', 'drop'],
    ['-A INPUT -p icmp -j ACCEPT', 'drop'],
    ['-A INPUT -m owner --uid-owner 0 -j ACCEPT', 'drop'],
    ['-A INPUT -s 10.0.0.0/8 -p tcp --dport 22 -j ACCEPT', 'drop'],
    ['-A INPUT -p tcp --dport 80 -j ACCEPT', 'drop'],
    ['-A INPUT ! -s 10.0.0.0/8 -j REJECT', 'reject'],
    ['-A INPUT -p tcp --dport 22 -m recent --update --seconds 30 -j DROP\n-A INPUT -j ACCEPT', 'accept'],
    ['-A INPUT -p tcp --dport 22 -m limit --limit 3/min -j ACCEPT', 'undecided'],
    ['-A INPUT -p tcp -d 10.0.2.15 --dport 22 -j ACCEPT', 'undecided'],
    ['-A INPUT -j LOG', 'drop'],
  ])('%j: somebody who connects to port 22 meets %s', (rules, verdict) => {
    expect(fate(`*filter\n:INPUT DROP [0:0]\n${rules}\nCOMMIT\n`, ssh)?.verdict).toBe(verdict);
  });

  test('a table counts when its COMMIT is reached, and nothing outside of a table', () => {
    const { tables, ruleCount } = parseIptablesSave(
      '-A INPUT -j DROP\n*filter\n-A INPUT -j DROP\n-A FORWARD -j DROP\nCOMMIT\n-A INPUT -j DROP\n*mangle\n-A INPUT -j DROP\n',
    );
    expect([...tables.keys()]).toEqual(['filter']);
    expect(ruleCount).toBe(2);
  });
});

describe('rules of nftables', () => {
  const blocking = (text: string) =>
    parseNftables(text).baseChains.flatMap(({ name, hook, table }) =>
      hook === 'output' ? (blockingLine(table, name, wireServer) ?? []) : [],
    );
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

  test.each([
    ['tcp dport { 22, 443 } accept', 'accept'],
    ['iifname "eth0" tcp dport ssh accept', 'accept'],
    ['ct state new tcp dport 22 counter packets 1 bytes 2 accept', 'accept'],
    ['iif lo accept', 'drop'],
    ['oifname "eth0" accept', 'drop'],
    ['icmp type echo-request accept', 'drop'],
    ['ip saddr 10.0.0.0/8 tcp dport 22 accept', 'drop'],
    ['meta skuid 0 accept', 'drop'],
    ['reject with icmp type admin-prohibited', 'reject'],
    ['tcp dport 22 limit rate 3/minute accept', 'undecided'],
  ])('%s: somebody who connects to port 22 meets %s', (rule, verdict) => {
    const text = `table inet f {\n chain i {\n type filter hook input priority 0; policy drop;\n ${rule}\n }\n}\n`;
    const [chain] = parseNftables(text).baseChains;
    expect(chain && [chain.hook, fateOf(chain.table, chain.name, ssh).verdict]).toEqual(['input', verdict]);
  });

  test('names what it includes, and counts its rules', () => {
    expect(parseNftables('table ip6 a {\n chain b {\n drop\n }\n}\nadd rule f o accept\n').ruleCount).toBe(2);
    expect(parseNftables('#!/usr/sbin/nft -f\ninclude "/etc/nftables/*.nft"\ninclude "x.nft";\n').includes).toEqual([
      '/etc/nftables/*.nft',
      'x.nft',
    ]);
  });
});

describe('rules of firewalld', () => {
  const direct = (content: string) => {
    const tables = parseFirewalldDirect(`<direct>\n${content}\n</direct>`);
    return blockingLine(tables.get('filter'), 'OUTPUT', wireServer);
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
    return chain && blockingLine(new Map([['p', chain]]), 'p', wireServer);
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
      for (const connection of [wireServer, ssh]) {
        for (const { table, name } of parseNftables(`table ip f { chain o { type filter hook input; ${text}`)
          .baseChains)
          fateOf(table, name, connection);
      }
      parseNftables(text);
      for (const tables of [
        parseIptablesSave(`*filter\n-A OUTPUT ${second}\n${text}\nCOMMIT\n`).tables,
        parseFirewalldDirect(`<rule ipv="ipv4">${text}`),
      ]) {
        for (const table of tables.values()) {
          fateOf(table, 'OUTPUT', wireServer);
          fateOf(table, 'OUTPUT', ssh);
        }
      }
      parseFirewalldPolicy(text);
      parseFirewalldZone(text);
      parseFirewalldZone(`<zone>${text}<service name="ssh"/>`);
      const lines = text.split('\n').length;
      for (const { line } of parseAptConf(text)) expect(line).toBeLessThanOrEqual(lines);
    }),
  );
});
