import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { derElements } from '../../src/formats/der.ts';
import { parseCertificateTable, parsePeSignatures } from '../../src/formats/pe-signatures.ts';
import { parseCertificate } from '../../src/formats/x509-name.ts';
import { describeOracle, oraclePath } from '../oracles/oracle.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('DER', () => {
  test('gives elements with short and long lengths', () => {
    const long = Uint8Array.of(0x04, 0x81, 0x80, ...new Uint8Array(128));
    const elements = derElements(Uint8Array.of(0x02, 0x01, 0x05, ...long));
    expect(elements.map(({ tag, bytes: { length } }) => [tag, length])).toEqual([
      [2, 1],
      [4, 128],
    ]);
  });

  test.each([
    ['a length beyond the end', bytes(0x30, 0x05, 0x00)],
    ['an indefinite length', bytes(0x30, 0x80, 0x00, 0x00)],
    ['a length of five octets', bytes(0x30, 0x85, 0, 0, 0, 0, 0)],
    ['a tag of several octets', bytes(0x1f, 0x01, 0x00)],
    ['one octet', bytes(0x30)],
  ])('ends at %s', (_name, input) => {
    expect(derElements(input)).toEqual([]);
  });

  test('never gives more than there is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (input) => {
        const total = derElements(input).reduce((sum, { whole }) => sum + whole.length, 0);
        expect(total).toBeLessThanOrEqual(input.length);
      }),
    );
  });
});

test('no bytes make the readers of signatures throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (input) => {
      expect(Array.isArray(parsePeSignatures(input))).toBe(true);
      expect(() => [parseCertificate(input), parseCertificateTable(input)]).not.toThrow();
    }),
  );
});

const shim = 'usr/lib/shim/shimx64.efi.signed';
const grub = 'usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed';

function signaturesOf(path: string) {
  const file = readFileSync(path);
  const table = parseCertificateTable(file);
  return table ? parsePeSignatures(file.subarray(table.offset, table.offset + table.size)) : [];
}

describeOracle('signed programs of Debian', 'shim-signed and grub-efi-amd64-signed', [shim, grub], () => {
  test.each([shim, grub])('%s has the issuers that sbverify lists', (path) => {
    const found = signaturesOf(oraclePath(path)).map(({ issuer }) => issuer);
    expect(found.length).toBeGreaterThan(0);
    const listed = spawnSync('sbverify', ['--list', oraclePath(path)], { encoding: 'utf8' });
    if (listed.error) return;
    const issuers = listed.stdout
      .split('\n')
      .flatMap((line, index, all) => (/^image signature issuers/.test(all[index - 1] ?? '') ? [line] : []))
      .map((line) => /CN=(.*)$/.exec(line)?.[1]);
    expect(found).toEqual(issuers);
  });

  test('names the signer of GRUB', () => {
    expect(signaturesOf(oraclePath(grub))[0]?.signer).toMatch(/^Debian Secure Boot Signer/);
  });

  test('finds its way through damaged tables', () => {
    const file = readFileSync(oraclePath(shim));
    const table = parseCertificateTable(file);
    const whole = Uint8Array.from(file.subarray(table?.offset, (table?.offset ?? 0) + (table?.size ?? 0)));
    for (let at = 0; at < 2000; at += 1) {
      const mutant = Uint8Array.from(whole);
      const place = (at * 7919) % mutant.length;
      mutant[place] = (mutant[place] ?? 0) ^ (1 << (at % 8));
      expect(() => parsePeSignatures(mutant.subarray(0, mutant.length - (at % 97)))).not.toThrow();
    }
  });
});
