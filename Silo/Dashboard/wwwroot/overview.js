// The grid at a glance.
import { h, text, attr, section, table, badge, setBadge } from './dom.js';
import { bars, sparkline } from './charts.js';
import { count, rate, duration, ago } from './format.js';
import { get, poll } from './api.js';
import { jobColumns } from './jobs.js';

function figure(name, href) {
  const value = h('span', { class: 'figure-value' }, '–');
  const note = h('span', { class: 'figure-note' });
  const el = h(href ? 'a' : 'div', { class: 'figure', href }, h('span', { class: 'figure-name' }, name), value, note);
  return { el, set(v, n, state) { text(value, v); text(note, n ?? ''); attr(el, 'data-state', state); } };
}

function pace(title) {
  const now = h('span', { class: 'big' }, '–');
  const chart = sparkline(title);
  const cells = ['p50', 'p95', 'p99'].map(name => { const value = h('dd', null, '–'); return { value, el: h('div', null, h('dt', null, name), value) }; });
  const el = section(title, h('p', { class: 'pace' }, now, h('span', { class: 'unit' }, ' a second')), chart.el, h('dl', { class: 'quantiles' }, cells.map(c => c.el)));
  return {
    el,
    set(p) {
      text(now, rate(p.per_second));
      chart.set(p.history);
      [p.p50_ms, p.p95_ms, p.p99_ms].forEach((ms, i) => text(cells[i].value, duration(ms)));
    },
  };
}

export function overview({ live, signal }) {
  const online = figure('Nodes connected', '#/nodes'), slots = figure('Slots in use', '#/nodes'), jobs = figure('Jobs open', '#/jobs');
  const queue = figure('Replicas waiting'), models = figure('Models', '#/models'), incidents = figure('Incidents open', '#/incidents');
  const shards = pace('Accepted shards'), calls = pace('Answered calls');
  const states = bars('Nodes by state', name => `#/nodes?q=${encodeURIComponent(name)}`), tiers = bars('Connected by tier', name => `#/nodes?q=${encodeURIComponent(name)}`);
  const regions = bars('Connected by region', name => `#/nodes?q=${encodeURIComponent(name)}`), classes = bars('Connected by hardware', name => `#/nodes?q=${encodeURIComponent(name)}`);
  const reason = h('p', { class: 'notice', hidden: true });
  const latest = table('The newest jobs', jobColumns, job => job.id, 'No job yet. Submit one with "pigrid job submit" or POST /api/jobs.');
  const version = h('p', { class: 'note' });
  const el = h('div', null,
    h('h1', { tabindex: '-1' }, 'Overview'),
    h('div', { class: 'figures' }, online.el, slots.el, jobs.el, queue.el, models.el, incidents.el),
    reason,
    h('div', { class: 'grid two' }, shards.el, calls.el),
    h('div', { class: 'grid four' }, states.el, tiers.el, regions.el, classes.el),
    h('section', { class: 'card' }, h('h2', null, 'Newest jobs ', h('a', { href: '#/jobs' }, 'all jobs')), latest.el),
    version);

  live(o => {
    const n = o.nodes;
    const offline = Math.max(0, o.enrolled - n.known);
    online.set(count(n.connected), `of ${count(o.enrolled)} enrolled`);
    slots.set(count(n.slots - n.free_slots), `of ${count(n.slots)}`);
    jobs.set(count(o.jobs_open), `of ${count(o.jobs)}`);
    queue.set(count(o.queue.waiting), o.queue.oldest_ms === undefined ? 'nothing waits' : `oldest ${duration(o.queue.oldest_ms)}`, o.queue.oldest_ms > 60_000 ? 'warn' : null);
    models.set(count(o.models));
    incidents.set(count(o.incidents_open), o.incidents_open ? 'look into them' : 'all quiet', o.incidents_open ? 'bad' : null);
    const said = o.problem ? `The silo does not serve: ${o.problem}` : o.queue.reason ? `What waits longest: ${o.queue.reason}` : null;
    reason.hidden = !said;
    text(reason, said ?? '');
    shards.set(o.shards);
    calls.set(o.calls);
    const away = n.states.find(s => s.name === 'offline')?.nodes ?? 0;
    states.set([...n.states.filter(s => s.name !== 'offline'), ...(away + offline > 0 ? [{ name: 'offline', nodes: away + offline }] : [])]);
    tiers.set(n.tiers);
    regions.set(n.regions);
    classes.set(n.hardware_classes);
    text(version, `PiGrid ${o.version} · engine ${o.engine} · up ${duration(Date.parse(o.at) - Date.parse(o.started_at))} · throughput and latency are this silo's, over the last minute`);
  });

  poll(4000, signal, async () => {
    try { latest.set((await get('/api/jobs?limit=6', signal)).items); }
    catch (e) { if (!signal.aborted && e.status === 403) latest.el.replaceChildren(h('p', { class: 'empty' }, e.message)); }
  });
  return { el, title: 'Overview' };
}
