import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  credentialFiles,
  ignitionPasswordLine,
  installerPasswordLine,
  lineMatching,
  privateKeyLine,
} from '../../src/formats/secret-text.ts';

describe('passwords in the answers of an installer', () => {
  test.each([
    'rootpw letmein',
    'rootpw --plaintext letmein',
    'rootpw --iscrypted $6$salt$Wn5c0bP9v1',
    'user --name=ops --password=letmein',
    'user --name=ops --password=$6$salt$Wn5c0bP9v1 --iscrypted',
    '<user_password>letmein</user_password>',
    'd-i passwd/root-password password letmein',
    'd-i passwd/user-password-crypted password $1$salt$Wn5c0bP9v1',
    '    password: "$6$salt$Wn5c0bP9v1"',
  ])('%s', (line) => expect(installerPasswordLine(`# first\n${line}\n`)).toBe(2));

  test.each([
    'rootpw --lock',
    'rootpw --lock --iscrypted locked',
    '#rootpw letmein',
    'rootpw --iscrypted !!',
    'rootpw --iscrypted *',
    'user --name=ops',
    '<user_password>!</user_password>',
    '<user_password></user_password>',
    'd-i passwd/root-login boolean false',
    'echo $1$2',
  ])('%s holds none', (line) => expect(installerPasswordLine(line)).toBeUndefined());
});

test.each([
  ['-----BEGIN OPENSSH PRIVATE KEY-----', 1],
  ['text\n-----BEGIN PRIVATE KEY-----', 2],
  ['-----BEGIN ENCRYPTED PRIVATE KEY-----', 1],
  ['-----BEGIN PGP PRIVATE KEY BLOCK-----', 1],
  ['PuTTY-User-Key-File-3: ssh-ed25519', 1],
  ['-----BEGIN CERTIFICATE-----', undefined],
  ['a line about -----BEGIN PRIVATE KEY-----', undefined],
])('%j has its private key on line %s', (text, line) => expect(privateKeyLine(text)).toBe(line));

test.each([
  ['.npmrc', '//r/:_authToken=npm_1', true],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: npm itself expands it.
  ['.npmrc', '//r/:_authToken=${NPM_TOKEN}', false],
  ['.docker/config.json', '{"auths":{"r":{"auth":"eA=="}}}', true],
  ['.docker/config.json', '{"auths":{"r":{}},"credsStore":"pass"}', false],
  ['.kube/config', 'clusters: []', false],
  ['.git-credentials', 'https://me:x@github.com', true],
  ['.git-credentials', 'https://github.com', false],
  ['.pgpass', '# a:b:c:d:e', false],
])('%s with %s', (path, text, isCredential) => {
  const { line } = credentialFiles.find((file) => file.path === path) ?? {};
  expect(lineMatching(text, line) !== undefined).toBe(isCredential);
});

test('no recogniser throws, and every line lies inside the text', () => {
  const finders = [installerPasswordLine, privateKeyLine, ignitionPasswordLine, (text: string) => lineMatching(text)];
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('rootpw ', '-', '$6$', 'a', '\n', '<password>', ' ') }), (text) => {
      for (const find of finders) {
        const line = find(text);
        if (line !== undefined) expect(line).toBeLessThanOrEqual(text.split('\n').length);
      }
    }),
  );
});
