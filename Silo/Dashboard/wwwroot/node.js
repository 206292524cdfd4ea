// One node: who it is, when it is there, how far it is believed, what it works on.
import { h, badge, setBadge, facts, section, table, text, notice } from './dom.js';
import { week, reputation } from './charts.js';
import { ago, count, credits, duration, instant, percent, short } from './format.js';
import { get, poll } from './api.js';

const leaseColumns = [
  { name: 'Shard', make: l => l.shard.startsWith('j_') ? h('a', { href: `#/jobs/${l.shard.replace('/', '/shards/')}`, title: l.shard }) : h('span', { title: l.shard }),
    show: l => { const [job, index] = l.shard.split('/'); return `${short(job)}/${index}`; } },
  { name: 'State', make: l => badge(l.state), show: (l, el) => setBadge(el, l.state) },
  { name: 'Model', class: 'p2', show: l => l.model ?? '–' },
  { name: 'Inputs', class: 'num', show: l => l.inputs === undefined ? '–' : `${l.done} / ${l.inputs}` },
  { name: 'Since', class: 'num p2', show: l => ago(l.since) },
  { name: 'Ends', class: 'num p3', show: l => instant(l.deadline) },
];

const familyColumns = [
  { name: 'Models', show: f => f.family },
  { name: 'Tier', make: f => badge(f.tier), show: (f, el) => setBadge(el, f.tier) },
  { name: 'Passed', class: 'num', show: f => f.passed.toFixed(1) },
  { name: 'Wrong', class: 'num', show: f => f.wrong.toFixed(1) },
  { name: 'Errors', class: 'num p2', show: f => f.errors.toFixed(1) },
  { name: 'Timeouts', class: 'num p2', show: f => f.timeouts.toFixed(1) },
];

const paceColumns = [
  { name: 'Model', show: p => p.model },
  { name: 'One input', class: 'num', show: p => duration(p.input_ms) },
  { name: 'Replicas', class: 'num', show: p => count(p.replicas) },
];

// Changes a part only when what it shows has changed.
const part = make => {
  const el = h('div');
  let shown;
  return { el, set(value) { const now = JSON.stringify(value); if (now !== shown) { shown = now; el.replaceChildren(make(value)); } } };
};

export function node({ signal, id }) {
  const state = badge('');
  const reason = h('p', { class: 'notice', hidden: true });
  const who = facts([]), machine = facts([]), tally = facts([]);
  const there = part(week), history = part(reputation);
  const leases = table('Leases that the node holds', leaseColumns, l => l.lease, 'It works on nothing now.');
  const families = table('Reputation by model family', familyColumns, f => f.family, 'No checked work yet.');
  const paces = table('Pace by model', paceColumns, p => p.model, 'Nothing measured yet.');
  const trouble = h('div');
  const el = h('div', null,
    h('p', { class: 'crumbs' }, h('a', { href: '#/nodes' }, 'Nodes')),
    h('h1', { tabindex: '-1' }, h('span', { class: 'id' }, id), ' ', state),
    trouble, reason,
    h('div', { class: 'grid two' }, section('Node', who.el), section('Machine', machine.el)),
    section('Work in hand', leases.el),
    h('div', { class: 'grid two' },
      section('Availability by hour of week', h('p', { class: 'note' }, 'UTC; the darker, the more of that hour it was connected.'), there.el),
      section('Reputation', h('p', { class: 'note' }, 'Checks passed, which fade, day by day; the tier beneath.'), history.el)),
    h('div', { class: 'grid two' }, section('Results', tally.el, h('h3', null, 'By model family'), families.el), section('Pace', paces.el)));

  poll(3000, signal, async () => {
    try {
      const n = await get(`/api/nodes/${id}`, signal);
      const p = n.profile, beat = n.heartbeat, r = n.reputation;
      trouble.replaceChildren();
      setBadge(state, n.state);
      reason.hidden = !n.reason;
      text(reason, n.reason ?? '');
      who.set([
        ['Owner', n.owner_name], ['Owner id', h('span', { class: 'id' }, n.owner)], ['Kind', n.operator ? 'operator node' : 'volunteer'],
        ['Tier', r ? badge(r.tier) : null], ['Suspended until', r?.until ? instant(r.until) : null], ['Last wrong result', r?.last_wrong],
        ['Enrolled', ago(n.enrolled_at)], ['Seen', ago(n.seen_at)], ['Stays another hour', n.stays_an_hour === undefined ? null : percent(n.stays_an_hour)],
      ]);
      machine.set(!p ? [['', 'It has not connected since the silo started.']] : [
        ['System', `${p.os} ${p.architecture}, agent ${p.agent_version}`], ['Hardware class', p.hardware_class], ['Region', p.region],
        ['Price', `${credits(p.price_per_hour)} an hour of a slot`],
        ['Processors', count(p.cores)], ['Memory', `${count(p.memory_mib)} MiB`], ['Slots', `${n.leases.length} of ${p.slots} in use`],
        ['Load', beat ? percent(beat.load) : null], ['Temperature', beat?.temperature_c === undefined ? null : `${Math.round(beat.temperature_c)} °C`],
        ['Library', p.library], ['Providers', p.providers.filter(x => x.usable).map(x => x.name).join(', ')],
      ]);
      tally.set([['Accepted', count(n.tally.accepted)], ['Wrong', count(n.tally.wrong)], ['Invalid', count(n.tally.invalid)], ['Failed', count(n.tally.failed)], ['Expired', count(n.tally.expired)]]);
      leases.set(n.work);
      families.set(r?.families ?? []);
      paces.set(n.paces);
      there.set(n.availability);
      history.set(n.reputation_days);
    } catch (e) { if (!signal.aborted) trouble.replaceChildren(notice(e.message)); }
  });
  return { el, title: `Node ${short(id)}` };
}
