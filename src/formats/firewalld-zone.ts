/** A zone of firewalld. */
export interface FirewalldZone {
  /** What becomes of packets that nothing else decides: `default` rejects. */
  readonly target: string;
  readonly services: readonly string[];
  /** As written: `22`, `8000-8010`, with the protocol behind a slash. */
  readonly ports: readonly string[];
}

/**
 * Reads a zone file of firewalld (firewall/core/io/zone.py). The elements that matter here stand directly below `zone`;
 * those within a `rule` are limited to some senders and do not count. Comments are cut out; other XML is passed over.
 */
export function parseFirewalldZone(text: string): FirewalldZone {
  const services: string[] = [];
  const ports: string[] = [];
  let target = 'default';
  let depthInRule = 0;
  for (const [, closing, name, attributes = '', selfClosing] of text
    .replace(/<!--[\s\S]*?-->/g, '')
    .matchAll(/<(\/?)([a-z-]+)((?:\s+[a-zA-Z-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/g)) {
    const attribute = (key: string) =>
      new RegExp(`\\b${key}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`)
        .exec(attributes)
        ?.slice(1)
        .find((value) => value !== undefined);
    if (name === 'rule') depthInRule = Math.max(0, depthInRule + (closing ? -1 : selfClosing ? 0 : 1));
    if (closing || depthInRule > 0) continue;
    if (name === 'zone') target = attribute('target') ?? target;
    if (name === 'service') services.push(attribute('name') ?? '');
    if (name === 'port') ports.push(`${attribute('port') ?? ''}/${attribute('protocol') ?? ''}`);
  }
  return { target, services, ports };
}
