// The list of nodes. A thousand of them are shown at once; the rows are made a hundred at a time so that the page stays quick.
import { h, badge, setBadge, table, text, notice } from './dom.js';
import { ago, count, percent, short } from './format.js';
import { get, poll } from './api.js';

const PageSize = 250, RowsAtOnce = 100;

const columns = [
  { name: 'Node', make: n => h('a', { href: `#/nodes/${n.id}`, title: n.id }), show: n => short(n.id) },
  { name: 'State', make: n => badge(n.state), show: (n, el) => { setBadge(el, n.state); el.title = n.reason ?? ''; } },
  { name: 'Tier', make: () => badge(''), show: (n, el) => setBadge(el, n.operator ? 'operator' : n.tier ?? 'unknown') },
  { name: 'Owner', class: 'p2 clip', show: n => n.owner_name },
  { name: 'Region', class: 'p2', show: n => n.region ?? '–' },
  { name: 'Hardware', class: 'p3', show: n => n.hardware_class ?? '–' },
  { name: 'Work', class: 'num p2', show: n => n.slots === undefined ? '–' : `${n.leases} / ${n.slots}` },
  { name: 'Load', class: 'num p3', show: n => n.load === undefined ? '–' : percent(n.load) },
  { name: 'Seen', class: 'num p3', show: n => ago(n.seen_at) },
];

const wordsOf = n => [n.id, n.state, n.operator ? 'operator' : n.tier, n.owner_name, n.region, n.hardware_class].join(' ').toLowerCase();

const frame = () => new Promise(done => requestAnimationFrame(done));

export function nodes({ live, signal, query }) {
  const list = table('Nodes, newest first', columns, n => n.id, 'No node matches.');
  const search = h('input', { type: 'search', id: 'search', placeholder: 'state, tier, region, owner…', value: query.get('q') ?? '', autocomplete: 'off', spellcheck: 'false' });
  const shown = h('span', { class: 'note', role: 'status' });
  const more = h('button', { type: 'button', class: 'quiet', hidden: true }, 'Show more');
  const trouble = h('div');
  const el = h('div', null, h('h1', { tabindex: '-1' }, 'Nodes'), trouble,
    h('section', { class: 'card' }, h('div', { class: 'tools' }, h('label', { for: 'search' }, 'Find'), search, shown), list.el, more));

  let all = [], wanted = 1000, drawing = null, known = '';
  const draw = async () => {
    const mine = drawing = {};
    const asked = search.value.trim().toLowerCase().replaceAll('_', ' ');
    const rows = all.filter(n => wordsOf(n).replaceAll('_', ' ').includes(asked));
    text(shown, asked ? `${count(rows.length)} of ${count(all.length)} nodes` : `${count(all.length)} nodes`);
    for (let n = Math.max(RowsAtOnce, list.rows ?? 0); ; n += RowsAtOnce) {
      list.set(rows.slice(0, n));
      list.rows = Math.min(n, rows.length);
      if (n >= rows.length) return;
      await frame();
      if (drawing !== mine || signal.aborted) return;
    }
  };
  const refresh = poll(8000, signal, async () => {
    try {
      const next = [];
      let after = '';
      do {
        const page = await get(`/api/overview/nodes?limit=${PageSize}${after}`, signal);
        next.push(...page.items);
        after = page.next ? `&after=${page.next}` : '';
        if (all.length === 0 || next.length > all.length) { all = next.slice(); await draw(); }
      } while (after && next.length < wanted);
      all = next;
      more.hidden = !after;
      trouble.replaceChildren();
      await draw();
    } catch (e) { if (!signal.aborted) trouble.replaceChildren(notice(e.message)); }
  });
  search.addEventListener('input', draw);
  more.addEventListener('click', () => { wanted += 1000; refresh(); });
  live(o => {
    const now = `${o.nodes.known} ${JSON.stringify(o.nodes.states)}`;
    if (known && now !== known) refresh();
    known = now;
  });
  return { el, title: 'Nodes' };
}
