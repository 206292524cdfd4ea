// A lock between processes, by a file that only one can create. It saves a second download when several projects or builds
// need the same package at once. Correctness does not hang on it: what it guards ends in an atomic rename, so two holders (after
// a stale lock was broken twice) would do the same work twice and nothing worse.
import * as fs from 'node:fs/promises';
import os from 'node:os';
import { randomUUID } from 'node:crypto';
import { Failure } from './failure.mjs';

const refreshMs = 2_000;
const staleMs = 30_000;
const pollMs = 200;
const waitMsMax = 20 * 60_000;

/** Runs `work` while this process alone holds `file`. A lock that its holder no longer refreshes is broken. */
export async function withLock(file, work) {
  await acquire(file);
  const beat = setInterval(() => { const now = new Date(); fs.utimes(file, now, now).catch(() => {}); }, refreshMs);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await fs.rm(file, { force: true });
  }
}

async function acquire(file) {
  const until = Date.now() + waitMsMax;
  for (let isFirst = true; ; isFirst = false) {
    try {
      await fs.writeFile(file, `${process.pid} ${os.hostname()}\n`, { flag: 'wx' });
      return;
    } catch (error) {
      // Windows answers EPERM while a deleted lock is still open somewhere.
      if (error.code !== 'EEXIST' && !(error.code === 'EPERM' && process.platform === 'win32')) throw error;
    }
    if (await isAbandoned(file)) {
      await fs.rename(file, `${file}.${randomUUID()}`).then(() => sweep(file), () => {});
      continue;
    }
    if (Date.now() > until) throw new Failure('PIGRID106', `another build has held ${file} for 20 minutes; if none is running, delete that file.`);
    if (isFirst) console.log(`PiGrid: waiting for another build that is bringing the same library (${file})`);
    await new Promise(resolve => setTimeout(resolve, pollMs));
  }
}

async function isAbandoned(file) {
  const stat = await fs.stat(file).catch(() => null);
  if (stat === null) return false;
  if (Date.now() - stat.mtimeMs > staleMs) return true;
  const [pid, host] = (await fs.readFile(file, 'utf8').catch(() => '')).trim().split(' ');
  if (!pid || host !== os.hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

async function sweep(file) {
  const folder = file.slice(0, Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')));
  const name = file.slice(folder.length + 1);
  for (const other of await fs.readdir(folder)) {
    if (other.startsWith(`${name}.`)) await fs.rm(`${folder}/${other}`, { force: true });
  }
}
