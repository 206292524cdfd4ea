// Gets a package's tarball through the npm client as the user has configured it (registry, proxy, credentials).
import { spawn } from 'node:child_process';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { Failure } from './failure.mjs';

const waitMsMax = 15 * 60_000;

/** The path of `entry`'s tarball: from PIGRID_NATIVE_TARBALLS if that is set, else packed by npm into `folder`. */
export async function tarballOf(entry, folder) {
  const name = `${entry.name.replace(/^@/, '').replace('/', '-')}-${entry.version}.tgz`;
  const local = process.env.PIGRID_NATIVE_TARBALLS;
  if (local) {
    const tarball = path.resolve(local, name);
    await fs.access(tarball).catch(() => {
      throw new Failure('PIGRID103', `PIGRID_NATIVE_TARBALLS is set, but ${tarball} is not there. Put it there with 'npm pack ${entry.name}@${entry.version}' on a machine that reaches a registry, or unset the variable.`);
    });
    return tarball;
  }
  const { code, output } = await npm(['pack', `${entry.name}@${entry.version}`, '--ignore-scripts', '--loglevel=error'], folder);
  if (code !== 0) throw classify(entry, code, output);
  return path.join(folder, name);
}

function npm(args, cwd) {
  return new Promise((resolve, reject) => {
    // npm is a .cmd file on Windows, which only a shell starts; the arguments hold nothing that a shell would read.
    const child = spawn('npm', args, { cwd, shell: process.platform === 'win32', stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = chunk => { output = (output + chunk).slice(-16_384); };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const timer = setTimeout(() => { output += '\nETIMEDOUT'; child.kill(); }, waitMsMax);
    child.on('error', error => {
      clearTimeout(timer);
      reject(error.code === 'ENOENT' ? missing() : error);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code: code ?? signal, output });
    });
  });
}

function missing() {
  return new Failure('PIGRID101', 'npm was not found on PATH. Install Node.js 20 or later together with npm, or set PIGRID_NATIVE_TARBALLS to a folder with the packages\' tarballs, and build again.');
}

const unreachable = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ESOCKETTIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT|CERT_|SELF_SIGNED|UNABLE_TO_|EPROTO|E40[137]|E50\d|network/i;

/** What a failed `npm pack` means for the person who builds. */
export function classify(entry, code, output) {
  const what = `${entry.name}@${entry.version}`;
  const tail = output.trim().split('\n').filter(line => !/complete log of this run|A complete log/i.test(line)).slice(-6).join(' ');
  if (code === 127 || /is not recognized as an internal or external command/.test(output)) return missing();
  if (/EINTEGRITY/.test(output)) {
    return new Failure('PIGRID104', `npm refused ${what}: what arrived does not match its integrity hash. Run 'npm cache verify' and build again. npm said: ${tail}`);
  }
  if (/E404|ETARGET|notarget/i.test(output)) {
    return new Failure('PIGRID103', `the registry that npm is configured for does not carry ${what}. Point npm at one that does ('npm config get registry' shows the present one), or set PIGRID_NATIVE_TARBALLS. npm said: ${tail}`);
  }
  if (unreachable.test(output)) {
    return new Failure('PIGRID102', `the npm registry could not be reached for ${what}. Check the network and npm's settings ('npm ping' must answer), or set PIGRID_NATIVE_TARBALLS to a folder with the tarballs; then build again. npm said: ${tail}`);
  }
  return new Failure('PIGRID107', `'npm pack ${what}' failed (${code}). npm said: ${tail}`);
}
