// The list of nodes. A thousand of them are shown at once; the rows are made a few at a time so that the page answers in between.
import { h, badge, setBadge, table, text, notice } from './dom.js';
import { ago, count, percent, short } from './format.js';
import { get, poll } from './api.js';

const PageSize = 250, RowsAtOnce = 50;

const columns = [
  { name: 'Node', width: '16ch', make: n => h('a', { href: `#/nodes/${n.id}`, title: n.id }), show: n => short(n.id) },
  { name: 'State', width: '13ch', make: n => badge(n.state), show: (n, el) => { setBadge(el, n.state); if (el.title !== (n.reason ?? '')) el.title = n.reason ?? ''; } },
  { name: 'Tier', width: '12ch', make: () => badge(''), show: (n, el) => setBadge(el, n.operator ? 'operator' : n.tier ?? 'unknown') },
  { name: 'Owner', width: '18ch', class: 'p2', show: n => n.owner_name },
  { name: 'Region', width: '14ch', class: 'p2', show: n => n.region ?? '–' },
  { name: 'Hardware', width: '24ch', class: 'p3', show: n => n.hardware_class ?? '–' },
  { name: 'Work', width: '9ch', class: 'num p2', show: n => n.slots === undefined ? '–' : `${n.leases} / ${n.slots}` },
  { name: 'Load', width: '8ch', class: 'num p3', show: n => n.load === undefined ? '–' : percent(n.load) },
  { name: 'Seen', width: '12ch', class: 'num p3', show: n => ago(n.seen_at) },
];

const wordsOf = n => [n.id, n.state, n.operator ? 'operator' : n.tier, n.owner_name, n.region, n.hardware_class].join(' ').toLowerCase().replaceAll('_', ' ');

export function nodes({ live, signal, query }) {
  const list = table('Nodes, newest first', columns, n => n.id, 'No node matches.');
  const search = h('input', { type: 'search', id: 'search', placeholder: 'state, tier, region, owner…', value: query.get('q') ?? '', autocomplete: 'off', spellcheck: 'false' });
  const shown = h('span', { class: 'note', role: 'status' });
  const more = h('button', { type: 'button', class: 'quiet', hidden: true }, 'Show more');
  const trouble = h('div');
  const el = h('div', null, h('h1', { tabindex: '-1' }, 'Nodes'), trouble,
    h('section', { class: 'card' }, h('div', { class: 'tools' }, h('label', { for: 'search' }, 'Find'), search, shown), list.el, more));

  let all = [], wanted = 1000, known = '';
  const find = () => {
    const asked = search.value.trim().toLowerCase().replaceAll('_', ' ');
    const n = list.filter(all, node => wordsOf(node).includes(asked));
    text(shown, asked ? `${count(n)} of ${count(all.length)} nodes` : `${count(all.length)} nodes`);
  };
  const draw = async () => {
    find();
    await list.fill(all, RowsAtOnce, signal);
    find();
  };
  const refresh = poll(8000, signal, async () => {
    try {
      const next = [];
      let after = '';
      do {
        const page = await get(`/api/overview/nodes?limit=${PageSize}${after}`, signal);
        next.push(...page.items);
        after = page.next ? `&after=${page.next}` : '';
        if (next.length > all.length) { all = next.slice(); draw(); }
      } while (after && next.length < wanted);
      all = next;
      more.hidden = !after;
      trouble.replaceChildren();
      await draw();
    } catch (e) { if (!signal.aborted) trouble.replaceChildren(notice(e.message)); }
  });
  search.addEventListener('input', find);
  more.addEventListener('click', () => { wanted += 1000; refresh(); });
  live(o => {
    const now = `${o.nodes.known} ${JSON.stringify(o.nodes.states)}`;
    if (known && now !== known) refresh();
    known = now;
  });
  return { el, title: 'Nodes' };
}
