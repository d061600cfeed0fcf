/** Number of an address in dotted form; undefined for anything else. */
export function ipv4Number(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (!parts || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

/**
 * Whether an address lies in a network: `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `10.0.0.1-10.0.0.9`, or one address.
 * Undefined when the text is none of these, such as a host name.
 */
export function ipv4Contains(network: string, address: string): boolean | undefined {
  const wanted = ipv4Number(address);
  if (wanted === undefined) return undefined;
  const range = /^([\d.]+)-([\d.]+)$/.exec(network);
  if (range) {
    const [first, last] = [ipv4Number(range[1] ?? ''), ipv4Number(range[2] ?? '')];
    return first === undefined || last === undefined ? undefined : first <= wanted && wanted <= last;
  }
  const [base = '', mask = '32'] = network.split('/');
  const start = ipv4Number(base);
  const prefix = prefixLength(mask);
  if (start === undefined || prefix === undefined) return undefined;
  const size = 2 ** (32 - prefix);
  return Math.floor(start / size) === Math.floor(wanted / size);
}

function prefixLength(mask: string): number | undefined {
  if (/^\d{1,2}$/.test(mask)) return Number(mask) <= 32 ? Number(mask) : undefined;
  const bits = ipv4Number(mask)?.toString(2).padStart(32, '0');
  return bits !== undefined && /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : undefined;
}
