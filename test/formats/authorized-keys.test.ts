import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseAuthorizedKeys } from '../../src/formats/authorized-keys.ts';

const blob = 'AAAAC3NzaC1lZDI1NTE5AAAAIabc';
const notice =
  'no-port-forwarding,command="echo \'Please login as the user \\"azureuser\\" rather than the user \\"root\\".\';echo;sleep 10;exit 142"';

test.each([
  [`ssh-ed25519 ${blob} me@host`, 'ssh-ed25519', 'me@host', ''],
  [`  ecdsa-sha2-nistp256\t${blob}=`, 'ecdsa-sha2-nistp256', '', ''],
  [`sk-ssh-ed25519@openssh.com ${blob} a b\r`, 'sk-ssh-ed25519@openssh.com', 'a b', ''],
  [`from="10.0.0.1, 10.0.0.2",no-pty ssh-rsa ${blob} me`, 'ssh-rsa', 'me', 'from="10.0.0.1, 10.0.0.2",no-pty'],
  [`command="say \\"ssh-rsa x\\"" ssh-rsa ${blob}`, 'ssh-rsa', '', 'command="say \\"ssh-rsa x\\""'],
  [`cert-authority ssh-rsa ${blob}`, 'ssh-rsa', '', 'cert-authority'],
])('%s', (line, type, comment, options) => {
  expect(parseAuthorizedKeys(`# keys\n${line}\n`)).toEqual([{ type, comment, options, forcedNotice: false, line: 2 }]);
});

test.each([
  '',
  '# ssh-rsa AAAAB3Nza me',
  'ssh-rsa',
  'ssh-rsa not base64!',
  `command="open ssh-rsa ${blob}`,
  'here goes your ssh-rsa key',
  `ssh-unknown ${blob}`,
])('%j is no key', (line) => expect(parseAuthorizedKeys(line)).toEqual([]));

test('a forced command that only names the right user is a notice', () => {
  expect(parseAuthorizedKeys(`${notice} ssh-rsa ${blob} me\n`)).toMatchObject([{ forcedNotice: true, line: 1 }]);
  expect(parseAuthorizedKeys(`command="/bin/sh" ssh-rsa ${blob} Please login as the user x\n`)).toMatchObject([
    { forcedNotice: false },
  ]);
});

test('never throws, and every line lies inside the text', () => {
  const parts = fc.constantFrom('ssh-rsa', ' ', '"', '\\', ',', blob, 'command=', '\n', '#', '\0');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(parts).map((list) => list.join('')),
      ),
      (text) => {
        for (const { line } of parseAuthorizedKeys(text)) expect(line).toBeLessThanOrEqual(text.split('\n').length);
      },
    ),
  );
});
