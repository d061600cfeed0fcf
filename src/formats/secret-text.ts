/**
 * Recognisers for secrets in the text of files that are known to hold them. Each gives the line of the first secret,
 * counted from 1, and never the secret.
 */

/** Files below a home directory, by relative path, with what a line with a credential looks like. */
interface CredentialFile {
  /** Relative to the home; `*` stands for anything in a file name. */
  readonly path: string;
  /** What the file holds, as a noun phrase. */
  readonly what: string;
  /** Left out: any content at all. */
  readonly line?: RegExp;
}

export const credentialFiles: readonly CredentialFile[] = [
  {
    path: '.aws/credentials',
    what: 'keys of Amazon Web Services',
    line: /^\s*aws_(?:secret_access_key|session_token)\s*=\s*\S/,
  },
  { path: '.azure/accessTokens.json', what: 'tokens of the Azure CLI', line: /"(?:accessToken|refreshToken)"/ },
  { path: '.azure/msal_token_cache.*', what: 'tokens of the Azure CLI' },
  { path: '.azure/service_principal_entries.*', what: 'credentials of an Azure service principal' },
  { path: '.config/gcloud/credentials.db', what: 'credentials of Google Cloud' },
  { path: '.config/gcloud/access_tokens.db', what: 'tokens of Google Cloud' },
  { path: '.config/gcloud/application_default_credentials.json', what: 'credentials of Google Cloud' },
  {
    path: '.docker/config.json',
    what: 'a login to a container registry',
    line: /"(?:auth|identitytoken|registrytoken|password)"\s*:\s*"[^"]/,
  },
  {
    path: '.config/containers/auth.json',
    what: 'a login to a container registry',
    line: /"(?:auth|identitytoken)"\s*:\s*"[^"]/,
  },
  { path: '.git-credentials', what: 'passwords of Git servers', line: /^\s*\w+:\/\/[^/@\s]*:[^/@\s]+@/ },
  { path: '.netrc', what: 'passwords of network services', line: /\bpassword\s+\S/ },
  {
    path: '.kube/config',
    what: 'credentials of a Kubernetes cluster',
    line: /^\s*(?:token|client-key-data|password)\s*:\s*\S/,
  },
  {
    path: '.npmrc',
    what: 'a token of a package registry',
    line: /(?:_authToken|_password|_auth)\s*=\s*(?!["']?\$\{)\S/,
  },
  { path: '.pypirc', what: 'a password of a package index', line: /^\s*password\s*[=:]\s*\S/ },
  { path: '.my.cnf', what: 'a database password', line: /^\s*password\s*=\s*\S/ },
  { path: '.pgpass', what: 'a database password', line: /^[^#:]+:[^:]*:[^:]*:[^:]*:./ },
  { path: '.vault-token', what: 'a token of HashiCorp Vault' },
  { path: '.config/gh/hosts.yml', what: 'a token of GitHub', line: /^\s*oauth_token\s*:\s*\S/ },
  { path: '.terraform.d/credentials.tfrc.json', what: 'a token of Terraform', line: /"token"\s*:\s*"[^"]/ },
];

/** Line of the first match; without a pattern the first line that is not blank. */
export function lineMatching(text: string, pattern: RegExp = /\S/): number | undefined {
  const index = text.split('\n').findIndex((line) => pattern.test(line));
  return index < 0 ? undefined : index + 1;
}

/** PEM and OpenSSH private keys, also encrypted ones, and PuTTY's. */
export function privateKeyLine(text: string): number | undefined {
  return lineMatching(text, /^-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|^PuTTY-User-Key-File-\d/);
}

const cryptHash = /\$(?:1|2[abxy]|5|6|7|g?y)\$[./0-9A-Za-z$=,]{8,}/;
const kickstartPassword =
  /^\s*rootpw\s+(?!.*--lock\b)(?:--\S+\s+)*(?!--)["']?[^\s!*"'#]|^\s*(?:user|sshpw)\b.*--password[= ]["']?[^\s!*"']/;
const autoYastPassword = /<(?:user_password|password)(?:\s[^>]*)?>\s*[^\s<!*]/;
const preseedPassword = /\bpasswd\/(?:root|user)-password(?:-again|-crypted)?\s+password\s+[^\s!*]/;

/** A password or its hash in the answers that an installer was given: kickstart, AutoYaST, preseed or autoinstall. */
export function installerPasswordLine(text: string): number | undefined {
  const index = text.split('\n').findIndex((line) => {
    if (/^\s*#/.test(line)) return false;
    return [cryptHash, kickstartPassword, autoYastPassword, preseedPassword].some((pattern) => pattern.test(line));
  });
  return index < 0 ? undefined : index + 1;
}

/** A password hash in an Ignition configuration. */
export function ignitionPasswordLine(text: string): number | undefined {
  return lineMatching(text, /"passwordHash"\s*:\s*"[^"!*]/);
}
