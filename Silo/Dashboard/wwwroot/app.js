// The frame around the pages: the session, which page is shown, the live stream that they share.
import { text, attr } from './dom.js';
import { count } from './format.js';
import { session, stream, get, ApiError } from './api.js';
import { overview } from './overview.js';
import { jobs } from './jobs.js';
import { job } from './job.js';
import { nodes } from './nodes.js';
import { node } from './node.js';
import { models } from './models.js';
import { incidents } from './incidents.js';

const byId = id => document.getElementById(id);
const view = byId('view'), form = byId('sign-in'), field = byId('key'), wrong = byId('sign-in-error');
const AnnounceEvery = 10_000;

const routes = [
  [/^\/?$/, 'overview', overview],
  [/^\/jobs$/, 'jobs', jobs],
  [/^\/jobs\/(?<id>[^/]+)(\/shards\/(?<shard>\d+))?$/, 'jobs', job],
  [/^\/nodes$/, 'nodes', nodes],
  [/^\/nodes\/(?<id>[^/]+)$/, 'nodes', node],
  [/^\/models$/, 'models', models],
  [/^\/incidents$/, 'incidents', incidents],
];

let shown = null;
let connection = null;
let newest = null;
const watchers = new Set();

function route() {
  const [path, query] = location.hash.slice(1).split('?');
  for (const [pattern, page, make] of routes) {
    const match = pattern.exec(path || '/');
    if (match) return { page, make, id: match.groups?.id, shard: match.groups?.shard === undefined ? null : Number(match.groups.shard), query: new URLSearchParams(query) };
  }
  return { page: 'overview', make: overview, query: new URLSearchParams() };
}

function show() {
  const next = route();
  if (shown && shown.make === next.make && shown.id === next.id && shown.result.update) { shown.result.update(next); return; }
  shown?.over.abort();
  const over = new AbortController();
  const live = act => {
    watchers.add(act);
    over.signal.addEventListener('abort', () => watchers.delete(act));
    if (newest) act(newest);
  };
  const isFirst = !shown;
  const result = next.make({ ...next, live, signal: over.signal, go: hash => { location.hash = hash; } });
  shown = { ...next, over, result };
  view.replaceChildren(result.el);
  document.title = `${result.title} · PiGrid`;
  for (const a of document.querySelectorAll('#nav a')) attr(a, 'aria-current', a.dataset.page === next.page ? 'page' : null);
  if (!isFirst) { window.scrollTo(0, 0); view.querySelector('h1')?.focus({ preventScroll: true }); }
}

// Said for those who listen: only what changed, and not every second.
let said = '', saidAt = 0;
function announce(o) {
  const now = `${count(o.nodes.connected)} nodes connected, ${count(o.queue.waiting)} replicas waiting, ${count(o.incidents_open)} incidents open`;
  if (now === said || Date.now() - saidAt < AnnounceEvery) return;
  [said, saidAt] = [now, Date.now()];
  text(byId('announce'), now);
}

function hear(o) {
  newest = o;
  for (const act of watchers) act(o);
  const open = byId('incidents-open');
  open.hidden = !o.incidents_open;
  text(open, o.incidents_open ? ` ${count(o.incidents_open)}` : '');
  announce(o);
}

function connect() {
  connection?.abort();
  connection = new AbortController();
  stream('/api/overview/events', {
    signal: connection.signal,
    onData: hear,
    onState(state, problem) {
      attr(byId('live'), 'data-state', state);
      text(byId('live-text'), state === 'live' ? 'live' : 'connecting again');
      if (problem?.status === 401) signOut(problem.message);
    },
  });
}

function begin() {
  form.hidden = true;
  byId('nav').hidden = false;
  byId('session').hidden = false;
  byId('sign-out').hidden = session.anonymous && !session.key;
  connect();
  show();
}

function signOut(reason) {
  session.key = null;
  connection?.abort();
  shown?.over.abort();
  shown = newest = null;
  view.replaceChildren();
  byId('nav').hidden = byId('session').hidden = true;
  form.hidden = false;
  document.title = 'PiGrid';
  text(wrong, reason ?? '');
  field.value = '';
  field.focus();
}

form.addEventListener('submit', async e => {
  e.preventDefault();
  text(wrong, '');
  session.key = field.value.trim();
  try {
    hear(await get('/api/overview'));
    begin();
    view.querySelector('h1')?.focus();
  } catch (problem) {
    signOut(problem instanceof ApiError ? problem.message : 'Signing in failed.');
  }
});

byId('sign-out').addEventListener('click', () => signOut());
byId('skip').addEventListener('click', e => { e.preventDefault(); byId('main').focus(); });
window.addEventListener('hashchange', () => { if (form.hidden) show(); });

// A page that nobody looks at asks for nothing.
document.addEventListener('visibilitychange', () => {
  if (!form.hidden) return;
  if (document.hidden) connection?.abort(); else connect();
});

if (session.key || session.anonymous) begin(); else { form.hidden = false; field.focus(); }
