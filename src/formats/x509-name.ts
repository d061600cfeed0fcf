import { derElements } from './der.ts';

/** Contents of the object identifiers of X.520: commonName 2.5.4.3, organizationalUnitName 2.5.4.11, organizationName 2.5.4.10. */
const attributes = ['550403', '55040b', '55040a'] as const;
const UTF16_TAG = 0x1e;

/** The name by which people know a subject or issuer: its common name, else the name of its unit or organization. */
export function distinguishedName(name: Uint8Array): string | undefined {
  const values = new Map<string, string>();
  for (const set of derElements(name)) {
    for (const pair of derElements(set.bytes)) {
      const [type, value] = derElements(pair.bytes);
      if (type && value) values.set(hexOf(type.bytes), textOf(value.tag, value.bytes));
    }
  }
  return attributes.map((attribute) => values.get(attribute)).find((value) => value !== undefined && value !== '');
}

/** What a certificate says about itself. */
export interface Certificate {
  readonly subject: string | undefined;
  readonly issuer: string | undefined;
  /** Hexadecimal. */
  readonly serial: string;
}

/** Subject, issuer and serial number of an X.509 certificate (RFC 5280, section 4.1); undefined for bytes that are none. */
export function parseCertificate(bytes: Uint8Array): Certificate | undefined {
  const [certificate] = derElements(bytes);
  const [tbs] = certificate?.tag === 0x30 ? derElements(certificate.bytes) : [];
  if (tbs?.tag !== 0x30) return undefined;
  const fields = derElements(tbs.bytes);
  // The version is there from X.509 v2 on.
  const [serial, , issuer, , subject] = fields[0]?.tag === 0xa0 ? fields.slice(1) : fields;
  if (!serial || !issuer || !subject) return undefined;
  return {
    serial: hexOf(serial.bytes),
    issuer: distinguishedName(issuer.bytes),
    subject: distinguishedName(subject.bytes),
  };
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function textOf(tag: number, bytes: Uint8Array): string {
  return new TextDecoder(tag === UTF16_TAG ? 'utf-16be' : 'utf-8').decode(bytes);
}
