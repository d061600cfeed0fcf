// Loads the scripts of the command line together with the code that V8 made of them in an earlier run: compiling them
// anew is a third of a short scan. CommonJS, because only a classic script can be given such a code cache on Node 20.
const {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

const dist = join(__dirname, '..', 'dist');
// Beside the scripts and not in a folder for temporary files: whoever can write here can change the program anyway.
const caches = join(dist, 'code-cache');
// A script and then its compiled code are read into the same memory: to touch a fresh page costs more than to fill it.
const memory = Buffer.allocUnsafeSlow(2 ** 22);

/** Loads a plugin: a script whose compiled code comes from a cache, as the program's does, cannot import. */
exports.importModule = (url) => import(url);

/** Whether the program has been built. */
exports.isBuilt = () => existsSync(join(dist, 'cli.cjs'));

/**
 * What a run is about, as far as its arguments tell: a directory, or a disk or archive. The latter calls much more of the
 * code, so each kind has a cache of its own. A wrong guess costs a few milliseconds.
 */
exports.kindOf = (argv) => (argv.some(isDirectory) ? 'directory' : 'file');

/**
 * What the command line exports, and `keepCode(isBroad)`, which keeps its compiled code for the next run of this kind: of
 * the functions that this one called. A run that called few must not decide for good what is compiled anew at every
 * start, so what it leaves serves only until one comes that is broad.
 */
exports.load = (kind = 'file') => {
  let later;
  const moduleOfLater = (name) => {
    later ??= start('later.cjs', kind, { prefix: 'main:', moduleOf: (other) => cli.exports.shared[other]() });
    return later.exports[name]();
  };
  const cli = start('cli.cjs', kind, { prefix: 'later:', moduleOf: moduleOfLater });
  const keepCode = (isBroad) => {
    cli.keepCode(isBroad);
    later?.keepCode(isBroad);
  };
  return { ...cli.exports, keepCode };
};

/** Runs a script of dist, whose names with the prefix are modules of the other script. */
function start(name, kind, other) {
  const path = join(dist, name);
  const source = read(path).toString('latin1');
  // V8 itself compares no more than the length of the text. The script opens with a hash of what follows.
  const stem = join(caches, `${process.version}-${process.arch}-${source.slice(2, 18)}`);
  const [cache, narrow] = [`${stem}-${kind}`, `${stem}-narrow`];
  const broad = readCache(cache);
  const cachedData = broad ?? readCache(`${stem}-${kind === 'file' ? 'directory' : 'file'}`) ?? readCache(narrow);
  const script = new Script(source, { filename: path, cachedData });
  const module = { exports: {} };
  const find = (id) => (id.startsWith(other.prefix) ? other.moduleOf(id.slice(other.prefix.length)) : require(id));
  script.runInThisContext()(module.exports, find, module, path, dist);
  // V8 refuses what was cut, and what it made under other options.
  const isCached = cachedData !== undefined && !script.cachedDataRejected;
  const keepCode = (isBroad) => {
    if (isCached && (broad || !isBroad)) return;
    writeCache(isBroad ? cache : narrow, script.createCachedData(), isBroad ? narrow : undefined);
  };
  return { exports: module.exports, keepCode };
}

function isDirectory(word) {
  try {
    return statSync(word).isDirectory();
  } catch {
    return false;
  }
}

function read(path) {
  const file = openSync(path);
  try {
    const { size } = fstatSync(file);
    const bytes = size > memory.length ? Buffer.allocUnsafeSlow(size) : memory;
    return bytes.subarray(0, readSync(file, bytes, 0, size, 0));
  } finally {
    closeSync(file);
  }
}

function readCache(cache) {
  try {
    return read(cache);
  } catch {
    // The first run of this version of Node.
    return undefined;
  }
}

function writeCache(cache, code, superseded) {
  try {
    mkdirSync(caches, { recursive: true });
    // Renamed into place, as another run may be reading.
    writeFileSync(`${cache}.${process.pid}`, code);
    renameSync(`${cache}.${process.pid}`, cache);
    if (superseded) rmSync(superseded, { force: true });
  } catch {
    // Installed where this user may not write: each run compiles.
  }
}
