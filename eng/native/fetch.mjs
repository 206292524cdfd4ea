// Brings the native libraries that the build places beside the programs: ONNX Runtime's and libvips', taken out of the npm
// packages that packages.json pins, into a cache that all checkouts of a user share. Plain Node, no dependencies; the build
// runs it (eng/Native.targets), so a fresh clone needs no command of its own.
//
//   node fetch.mjs --rid linux-x64 --use onnxruntime,libvips --list FILE [--packages FILE]
//
// FILE gets the path of each library and of each licence text (these lie in folders named `licences`), one a line.
// PIGRID_NATIVE_CACHE overrides the cache folder; PIGRID_NATIVE_TARBALLS names a folder that holds the packages' tarballs
// under the names that `npm pack` gives them, for machines that reach no registry: npm is not called then.
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from './failure.mjs';
import { withLock } from './lock.mjs';
import { tarballOf } from './npm.mjs';
import { extract } from './tar.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

/** The user's cache for this project's libraries, by the platform's own custom. */
function cacheRoot(env = process.env) {
  if (env.PIGRID_NATIVE_CACHE) return path.resolve(env.PIGRID_NATIVE_CACHE);
  if (process.platform === 'win32') {
    return path.join(env.LOCALAPPDATA || path.join(os.homedir(), 'AppData', 'Local'), 'pigrid', 'native');
  }
  if (env.XDG_CACHE_HOME && path.isAbsolute(env.XDG_CACHE_HOME)) return path.join(env.XDG_CACHE_HOME, 'pigrid', 'native');
  const custom = process.platform === 'darwin' ? ['Library', 'Caches'] : ['.cache'];
  return path.join(os.homedir(), ...custom, 'pigrid', 'native');
}

/** Command line as `{ rid, use, list, packages }`. */
function parse(argv) {
  const given = new Map();
  for (let i = 0; i < argv.length; i += 2) given.set(argv[i], argv[i + 1]);
  const known = ['--rid', '--use', '--list', '--packages'];
  const unknown = [...given.keys()].filter(k => !known.includes(k));
  if (unknown.length || !given.get('--rid') || !given.get('--use') || !given.get('--list')) {
    throw new Failure('PIGRID109', `usage: fetch.mjs --rid RID --use NAME,NAME --list FILE [--packages FILE]${unknown.length ? `; unknown: ${unknown.join(' ')}` : ''}`);
  }
  return {
    rid: given.get('--rid'), use: given.get('--use').split(','), list: given.get('--list'),
    packages: given.get('--packages') ?? path.join(here, 'packages.json'),
  };
}

/** The one pinned package that serves `use` on `rid`. */
export function choose(packages, use, rid) {
  const serving = packages.filter(p => p.use === use);
  const chosen = serving.find(p => p.platforms[rid]);
  if (chosen) return chosen;
  const carried = [...new Set(serving.flatMap(p => Object.keys(p.platforms)))].sort();
  throw new Failure('PIGRID105', carried.length
    ? `no native ${use} library is packaged for the platform '${rid}'; it exists for ${carried.join(', ')}. Build for one of these (dotnet publish -r RID), or with -p:Engine=Orleans where a feed carries the official package.`
    : `packages.json names no package for '${use}'.`);
}

async function digest(file, algorithm, encoding) {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest(encoding);
}

/** Whether a file is, byte for byte, the one that was pinned. */
async function isPinned(file, pin) {
  const stat = await fs.stat(file).catch(() => null);
  return stat !== null && stat.isFile() && stat.size === pin.size && await digest(file, 'sha256', 'hex') === pin.sha256;
}

async function areAllPinned(folder, pins) {
  for (const pin of pins) if (!await isPinned(path.join(folder, pin.to), pin)) return false;
  return true;
}

/** Downloads, checks and unpacks one package into `folder`. */
async function bring(entry, pins, folder) {
  await sweep(path.dirname(folder));
  const scratch = path.join(path.dirname(folder), `.new-${process.pid}-${randomUUID()}`);
  await fs.mkdir(scratch, { recursive: true });
  try {
    const tarball = await tarballOf(entry, scratch);
    const found = 'sha512-' + await digest(tarball, 'sha512', 'base64');
    if (found !== entry.integrity) {
      throw new Failure('PIGRID104', `${entry.name}@${entry.version} does not match its pinned integrity hash (expected ${entry.integrity}, got ${found}); nothing of it was kept. Run 'npm cache verify' and build again; if it stays, the registry that npm is configured for serves something else than was published.`);
    }
    const unpacked = path.join(scratch, 'files');
    await extract(tarball, new Map(pins.map(pin => [pin.from, path.join(unpacked, pin.to)])));
    for (const pin of pins) {
      if (!await isPinned(path.join(unpacked, pin.to), pin)) {
        throw new Failure('PIGRID104', `${pin.from} in ${entry.name}@${entry.version} is not the file that packages.json pins by size and SHA-256. Correct packages.json together with the version.`);
      }
    }
    // The rename is what makes it appear whole or not at all; a damaged older folder steps aside first.
    await fs.rename(folder, path.join(scratch, 'damaged')).catch(ignoreMissing);
    await fs.rename(unpacked, folder);
  } finally {
    await fs.rm(scratch, { recursive: true, force: true });
  }
}

/** Removes what killed builds left half done. */
async function sweep(folder) {
  for (const name of await fs.readdir(folder)) {
    const file = path.join(folder, name);
    const stat = name.startsWith('.new-') ? await fs.stat(file).catch(() => null) : null;
    if (stat !== null && Date.now() - stat.mtimeMs > 3_600_000) await fs.rm(file, { recursive: true, force: true });
  }
}

function ignoreMissing(error) {
  if (error.code !== 'ENOENT') throw error;
}

/** The folder of the cache that holds `entry` for `rid`, filled and checked. */
async function ensure(entry, rid) {
  const pins = entry.platforms[rid];
  const folder = path.join(cacheRoot(), ...entry.name.split('/'), entry.version, rid);
  await fs.mkdir(path.dirname(folder), { recursive: true });
  if (!await areAllPinned(folder, pins)) {
    await withLock(`${folder}.lock`, async () => {
      if (await areAllPinned(folder, pins)) return; // another build brought it while this one waited
      console.log(`PiGrid: bringing ${entry.name}@${entry.version} for ${rid} by npm, once for this user`);
      await bring(entry, pins, folder);
    });
  }
  return folder;
}

async function main() {
  const { rid, use, list, packages } = parse(process.argv.slice(2));
  const pinned = JSON.parse(await fs.readFile(packages, 'utf8')).packages;
  const lines = [];
  for (const name of use) {
    const entry = choose(pinned, name, rid);
    const folder = await ensure(entry, rid);
    for (const pin of entry.platforms[rid]) lines.push(path.join(folder, pin.to));
    for (const text of entry.licences) lines.push(path.join(here, 'licences', text));
  }
  await fs.mkdir(path.dirname(list), { recursive: true });
  const fresh = `${list}.${process.pid}`;
  await fs.writeFile(fresh, lines.join('\n') + '\n');
  await fs.rename(fresh, list);
}

main().catch(error => {
  // MSBuild's own format for errors, so that the build shows the line as an error with its code.
  const failure = error instanceof Failure ? error : new Failure('PIGRID109', describe(error));
  console.error(`eng/native/fetch.mjs : error ${failure.code}: ${failure.message.replace(/\s*\n\s*/g, ' ')}`);
  process.exitCode = 1;
});

function describe(error) {
  if (error.code === 'ENOSPC') return `the disk is full while filling the cache of native libraries ${cacheRoot()}: free about 300 MB, or set PIGRID_NATIVE_CACHE to another disk.`;
  if (error.code === 'EACCES' || error.code === 'EPERM' || error.code === 'EROFS') return `cannot write ${error.path ?? cacheRoot()} (${error.code}): make it writable, or set PIGRID_NATIVE_CACHE to a folder that is.`;
  return String(error.stack ?? error);
}
