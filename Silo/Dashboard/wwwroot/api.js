// The way to the grid. The key is kept for this tab alone and sent as a header: no cookie, so no other page can use it.

const Place = 'pigrid.key';

export const session = {
  get key() { return sessionStorage.getItem(Place); },
  set key(value) { if (value) sessionStorage.setItem(Place, value); else sessionStorage.removeItem(Place); },
  get anonymous() { return document.querySelector('meta[name=pigrid-anonymous]').content === 'true'; },
};

export class ApiError extends Error {
  constructor(status, message) { super(message); this.status = status; }
}

const headers = more => session.key ? { ...more, Authorization: `Bearer ${session.key}` } : { ...more };

async function ask(path, signal, more) {
  let response;
  try {
    response = await fetch(path, { signal, headers: headers(more), cache: 'no-store', credentials: 'omit', redirect: 'error' });
  } catch (e) {
    if (signal?.aborted) throw e;
    throw new ApiError(0, 'The grid does not answer. Trying again.');
  }
  if (response.ok) return response;
  let message = `The grid answered ${response.status}.`;
  try { message = (await response.json()).error.message; } catch { /* it says no more than its status */ }
  throw new ApiError(response.status, message);
}

export const get = async (path, signal) => (await ask(path, signal)).json();

export const getBytes = async (path, signal) => {
  const response = await fetch(path, { signal, headers: headers(), credentials: 'omit' });
  if (!response.ok) throw new ApiError(response.status, 'The bytes are not there any more.');
  return new Uint8Array(await response.arrayBuffer());
};

// Server-sent events by fetch, which unlike EventSource can send the key. Opens the next stream when one ends, until the signal.
export async function stream(path, { signal, onData, onState }) {
  let last = null;
  for (let wait = 0; !signal.aborted;) {
    try {
      const response = await ask(path, signal, last ? { 'Last-Event-ID': last } : {});
      onState?.('live');
      await read(response.body, event => {
        wait = 0;
        if (event.id) last = event.id;
        if (event.data) onData(JSON.parse(event.data));
      });
      if (signal.aborted) return;
      wait = 1000;
    } catch (e) {
      if (signal.aborted) return;
      onState?.('lost', e);
      if (e.status === 401 || e.status === 403 || e.status === 404) return;
      wait = Math.min(15_000, Math.max(500, wait * 2));
    }
    await new Promise(done => { setTimeout(done, wait); signal.addEventListener('abort', done, { once: true }); });
  }
}

async function read(body, each) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  while (true) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + value).split('\n\n');
    rest = parts.pop();
    for (const part of parts) {
      const event = {};
      for (const line of part.split('\n')) {
        if (line.startsWith('data: ')) event.data = line.slice(6);
        else if (line.startsWith('id: ')) event.id = line.slice(4);
      }
      each(event);
    }
  }
}

// Calls again and again while the page is looked at; the next call begins when the last has ended.
export function poll(period, signal, act) {
  let timer = 0, busy = false, again = false;
  const run = async () => {
    clearTimeout(timer);
    if (busy) { again = true; return; }
    busy = true;
    try { if (!document.hidden) await act(); } finally { busy = false; }
    if (signal.aborted) return;
    timer = setTimeout(run, again ? 250 : period);
    again = false;
  };
  signal.addEventListener('abort', () => clearTimeout(timer));
  run();
  return run;
}
