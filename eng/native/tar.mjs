// Takes single files out of a .tgz while streaming it: the packages are over 100 MB and one file of them is wanted.
import { createReadStream, createWriteStream } from 'node:fs';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { once } from 'node:events';
import { createGunzip } from 'node:zlib';
import { Failure } from './failure.mjs';

const blockBytes = 512;

/** Writes each member named in `wanted` (name in the archive -> path) and fails when one of them is missing. */
export async function extract(tarball, wanted) {
  const left = new Map(wanted);
  const reader = new Reader(createReadStream(tarball).pipe(createGunzip()));
  while (left.size > 0) {
    const header = await reader.take(blockBytes);
    if (header === null || header.every(byte => byte === 0)) break;
    const { name, size, isFile } = parseHeader(header);
    const target = isFile ? left.get(name) : undefined;
    if (target !== undefined) {
      await fs.mkdir(path.dirname(target), { recursive: true });
      const sink = createWriteStream(target);
      await reader.copy(size, sink);
      sink.end();
      await finished(sink);
      left.delete(name);
    } else {
      await reader.copy(size, null);
    }
    await reader.copy((blockBytes - size % blockBytes) % blockBytes, null);
  }
  reader.close();
  if (left.size > 0) throw new Failure('PIGRID104', `${path.basename(tarball)} lacks ${[...left.keys()].join(', ')}: packages.json does not fit this version of the package.`);
}

function parseHeader(block) {
  const text = (from, length) => block.toString('utf8', from, from + length).replace(/\0.*$/s, '');
  const size = parseInt(text(124, 12).trim() || '0', 8);
  if (!Number.isSafeInteger(size) || size < 0) throw new Failure('PIGRID104', 'the tarball has a member without a valid size.');
  const prefix = text(345, 155);
  const type = block[156];
  return { name: prefix ? `${prefix}/${text(0, 100)}` : text(0, 100), size, isFile: type === 0 || type === 0x30 };
}

/** Reads a stream in pieces of the sizes that the format dictates. */
class Reader {
  constructor(stream) {
    this.stream = stream;
    this.chunks = stream[Symbol.asyncIterator]();
    this.rest = Buffer.alloc(0);
  }

  async fill() {
    if (this.rest.length > 0) return true;
    const { value, done } = await this.chunks.next();
    if (done) return false;
    this.rest = value;
    return true;
  }

  /** `count` bytes, or null at the end of the stream. */
  async take(count) {
    const parts = [];
    for (let have = 0; have < count;) {
      if (!await this.fill()) return null;
      const part = this.rest.subarray(0, count - have);
      this.rest = this.rest.subarray(part.length);
      parts.push(part);
      have += part.length;
    }
    return Buffer.concat(parts);
  }

  /** Moves `count` bytes to `sink`, or drops them. */
  async copy(count, sink) {
    for (let left = count; left > 0;) {
      if (!await this.fill()) throw new Failure('PIGRID104', 'the tarball ends in the middle of a file.');
      const part = this.rest.subarray(0, left);
      this.rest = this.rest.subarray(part.length);
      left -= part.length;
      if (sink !== null && !sink.write(part)) await once(sink, 'drain');
    }
  }

  close() {
    this.stream.destroy();
  }
}
