import { derElements } from './der.ts';
import { type Certificate, distinguishedName, hexOf, parseCertificate } from './x509-name.ts';

/** Who signed a UEFI program, by the names in the signature; nothing is verified. */
export interface PeSignature {
  /** Name of the certificate that signed. */
  readonly signer: string | undefined;
  /** Name of the authority that issued it. */
  readonly issuer: string | undefined;
}

/** Where the certificate table of a PE file lies, in bytes of the file. */
export interface CertificateTable {
  readonly offset: number;
  readonly size: number;
}

const PKCS_SIGNED_DATA = 2;
/** Data directory 4, IMAGE_DIRECTORY_ENTRY_SECURITY, whose address is an offset in the file. */
const SECURITY_DIRECTORY = 4;
const HEADER = 8;

/**
 * The certificate table that the headers of a PE file name; undefined when it is unsigned or no PE file. PE format,
 * sections 3 and 5.9.
 */
export function parseCertificateTable(head: Uint8Array): CertificateTable | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < 64 || view.getUint16(0, true) !== 0x5a4d) return undefined;
  const optional = view.getUint32(0x3c, true) + 24;
  if (optional + 2 > head.length || view.getUint32(optional - 24, true) !== 0x4550) return undefined;
  const magic = view.getUint16(optional, true);
  const directories = optional + (magic === 0x20b ? 112 : 96);
  const entry = directories + SECURITY_DIRECTORY * 8;
  if ((magic !== 0x20b && magic !== 0x10b) || entry + 8 > head.length) return undefined;
  if (view.getUint32(directories - 4, true) <= SECURITY_DIRECTORY) return undefined;
  const [offset, size] = [view.getUint32(entry, true), view.getUint32(entry + 4, true)];
  return offset === 0 || size === 0 ? undefined : { offset, size };
}

/** Every signature in the bytes of a certificate table; entries of other kinds than PKCS #7 are left out. */
export function parsePeSignatures(table: Uint8Array): readonly PeSignature[] {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const signatures: PeSignature[] = [];
  for (let at = 0; at + HEADER <= table.length; ) {
    const length = view.getUint32(at, true);
    if (length < HEADER || at + length > table.length) break;
    if (view.getUint16(at + 6, true) === PKCS_SIGNED_DATA)
      signatures.push(...signersOf(table.subarray(at + HEADER, at + length)));
    at += Math.ceil(length / 8) * 8;
  }
  return signatures;
}

/** SignedData of PKCS #7 (RFC 2315, section 9): the certificates are its [0], the signers its last set. */
function signersOf(message: Uint8Array): readonly PeSignature[] {
  const [contentInfo] = derElements(message);
  const explicit = contentInfo && derElements(contentInfo.bytes).find(({ tag }) => tag === 0xa0);
  const [signedData] = explicit ? derElements(explicit.bytes) : [];
  const fields = signedData ? derElements(signedData.bytes) : [];
  const certificates = fields
    .filter(({ tag }) => tag === 0xa0)
    .flatMap(({ bytes }) => derElements(bytes))
    .flatMap(({ whole }) => parseCertificate(whole) ?? []);
  const signers = fields.at(-1);
  if (signers?.tag !== 0x31) return [];
  return derElements(signers.bytes).map(({ bytes }) => signatureOf(bytes, certificates));
}

function signatureOf(signer: Uint8Array, certificates: readonly Certificate[]): PeSignature {
  const [, reference] = derElements(signer);
  const [name, serial] = reference ? derElements(reference.bytes) : [];
  const issuer = name && distinguishedName(name.bytes);
  const number = serial && hexOf(serial.bytes);
  const own = certificates.find((candidate) => candidate.serial === number && candidate.issuer === issuer);
  return { signer: own?.subject, issuer };
}
