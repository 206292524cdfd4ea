// What went wrong lately.
import { h, badge, setBadge, table, notice } from './dom.js';
import { ago, instant, short, duration } from './format.js';
import { get, poll } from './api.js';

const hrefOf = i => i.kind === 'node_suspended' ? `#/nodes/${i.subject}` : i.kind === 'job_failed' ? `#/jobs/${i.subject}` : i.kind.startsWith('model') ? '#/models' : null;

const columns = [
  { name: 'What', show: i => i.kind.replaceAll('_', ' ') },
  { name: 'State', make: () => badge('open'), show: (i, el) => setBadge(el, i.closed_at ? 'closed' : 'open') },
  { name: 'Where', make: i => hrefOf(i) ? h('a', { href: hrefOf(i), title: i.subject }) : h('span', { title: i.subject }), show: i => short(i.subject) },
  { name: 'Detail', class: 'wide', show: i => i.times > 1 ? `${i.detail} (${i.times} times)` : i.detail },
  { name: 'Since', class: 'num p2', make: i => h('span', { title: instant(i.opened_at) }), show: i => ago(i.opened_at) },
  { name: 'Lasted', class: 'num p3', show: i => i.closed_at && i.closed_at === i.opened_at ? '–' : duration(Date.parse(i.closed_at ?? new Date().toISOString()) - Date.parse(i.opened_at)) },
];

export function incidents({ signal }) {
  const list = table('Incidents, open ones first', columns, i => `${i.kind} ${i.subject} ${i.opened_at}`, 'Nothing went wrong lately.');
  const trouble = h('div');
  poll(3000, signal, async () => {
    try {
      list.set((await get('/api/incidents?limit=200', signal)).items);
      trouble.replaceChildren();
    } catch (e) { if (!signal.aborted) trouble.replaceChildren(notice(e.message)); }
  });
  return { el: h('div', null, h('h1', { tabindex: '-1' }, 'Incidents'), trouble, h('section', { class: 'card' }, list.el)), title: 'Incidents' };
}
