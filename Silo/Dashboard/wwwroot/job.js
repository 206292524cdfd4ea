// One job: how far it is, its shards as a map, and one shard at a time in full.
import { h, badge, setBadge, facts, notice, text, attr, keyed, words } from './dom.js';
import { ago, count, credits, duration, instant, percent, short } from './format.js';
import { get, poll, stream } from './api.js';
import { progress, setProgress } from './jobs.js';
import { shardPanel } from './shard.js';

const PageSize = 500;
const Modes = { stage: 'State', issued: 'Replicas issued', node_ms: 'Time on the node' };

const toneOf = s => s.stage === 'open' && s.running > 0 ? 'running' : s.stage === 'accepted' && s.inputs_failed > 0 ? 'partly' : s.stage;

const allowed = p => p ? [
  p.regions.length ? `region ${p.regions.join(' or ')}` : null, p.privacy_class === 'public' ? null : p.privacy_class,
  p.price_limit === undefined ? null : `at most ${credits(p.price_limit)} an hour of a slot`,
].filter(x => x).join(', ') || null : null;

function describe(s) {
  const parts = [`Shard ${s.index}`, words(toneOf(s) === 'partly' ? 'accepted with failed inputs' : toneOf(s))];
  if (s.issued) parts.push(`${s.issued} ${s.issued === 1 ? 'replica' : 'replicas'}`);
  if (s.node_ms !== undefined) parts.push(duration(s.node_ms));
  return parts.join(', ');
}

// The map is one stop of the tab key; the arrow keys move inside it.
function heatMap(onPick) {
  const el = h('div', { class: 'heat', role: 'group', 'aria-label': 'Shards: arrow keys move, Enter opens' });
  let shards = [], mode = 'stage', at = 0, picked = null;
  const cellAt = index => el.querySelector(`[data-index="${index}"]`);
  const columns = () => { const top = el.children[0]?.offsetTop; let n = 0; while (n < el.children.length && el.children[n].offsetTop === top) n++; return Math.max(1, n); };
  const focus = index => {
    const cell = cellAt(index);
    if (!cell) return;
    cellAt(at)?.setAttribute('tabindex', '-1');
    at = index;
    cell.setAttribute('tabindex', '0');
    cell.focus();
  };
  el.addEventListener('keydown', e => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns(), ArrowUp: -columns() }[e.key];
    const to = step ? at + step : e.key === 'Home' ? shards[0]?.index : e.key === 'End' ? shards.at(-1)?.index : undefined;
    if (to === undefined) return;
    e.preventDefault();
    focus(to);
  });
  el.addEventListener('click', e => { const cell = e.target.closest('[data-index]'); if (cell) { at = Number(cell.dataset.index); onPick(at); } });
  const draw = () => {
    if (!shards.some(s => s.index === at)) at = shards[0]?.index ?? 0;
    attr(el, 'data-size', shards.length <= 64 ? 'few' : shards.length <= 200 ? 'some' : 'many');
    const most = Math.max(1, ...shards.map(s => s[mode] ?? 0));
    keyed(el, shards, s => s.index, s => ({ el: h('button', { type: 'button', class: 'cell', 'data-index': s.index, tabindex: '-1' }) }), ({ el: cell }, s) => {
      const said = describe(s);
      attr(cell, 'data-state', mode === 'stage' ? toneOf(s) : s[mode] ? 'heat' : 'waiting');
      if (mode !== 'stage') cell.style.setProperty('--share', ((s[mode] ?? 0) / most).toFixed(3));
      attr(cell, 'aria-label', said);
      attr(cell, 'title', said);
      attr(cell, 'aria-pressed', s.index === picked ? 'true' : 'false');
      attr(cell, 'tabindex', s.index === at ? '0' : '-1');
    });
  };
  return {
    el,
    set(next) { shards = next; draw(); },
    mode(next) { mode = next; draw(); },
    pick(index) { picked = index; at = index ?? at; draw(); },
  };
}

const legend = () => h('ul', { class: 'legend' }, [['waiting', 'waiting'], ['open', 'wants a node'], ['running', 'on a node'], ['accepted', 'accepted'], ['partly', 'with failed inputs'], ['given_up', 'given up']]
  .map(([state, name]) => h('li', null, h('span', { class: 'cell', 'data-state': state, 'aria-hidden': 'true' }), name)));

export function job({ signal, id, shard, go }) {
  const name = h('span'), state = badge(''), bar = progress('progress long');
  const about = facts([]);
  const reason = h('p', { class: 'notice', hidden: true });
  const trouble = h('div');
  const panel = shardPanel(id, signal);
  const map = heatMap(index => go(`#/jobs/${id}/shards/${index}`));
  const mode = h('select', { id: 'heat-mode' }, Object.entries(Modes).map(([value, label]) => h('option', { value }, label)));
  mode.addEventListener('change', () => map.mode(mode.value));
  const range = h('span', { class: 'note', role: 'status' });
  const back = h('button', { type: 'button', class: 'quiet' }, 'Earlier'), on = h('button', { type: 'button', class: 'quiet' }, 'Later');
  const el = h('div', null,
    h('p', { class: 'crumbs' }, h('a', { href: '#/jobs' }, 'Jobs')),
    h('h1', { tabindex: '-1' }, name, ' ', state),
    trouble, reason, bar,
    h('div', { class: 'grid job' },
      h('section', { class: 'card' }, h('h2', null, 'Shards'),
        h('div', { class: 'tools' }, h('label', { for: 'heat-mode' }, 'Colour by'), mode, back, range, on), map.el, legend()),
      h('section', { class: 'card' }, h('h2', null, 'Job'), about.el)),
    panel.el);

  const events = new AbortController();
  signal.addEventListener('abort', () => events.abort());
  let from = 0, total = 0, over = false, picked = null;
  const show = index => {
    picked = index;
    map.pick(index);
    panel.show(index);
    if (index !== null && (index < from || index >= from + PageSize)) { from = Math.floor(index / PageSize) * PageSize; over = false; refresh(); }
  };
  const refresh = poll(2500, signal, async () => {
    if (over) return;
    try {
      const [status, page] = await Promise.all([get(`/api/jobs/${id}`, signal), get(`/api/jobs/${id}/shards?from=${from}&limit=${PageSize}`, signal)]);
      trouble.replaceChildren();
      total = page.total;
      text(name, status.name || short(id));
      setBadge(state, status.state);
      setProgress(bar, status);
      const why = status.error ?? status.queue_reason;
      reason.hidden = !why;
      text(reason, why ?? '');
      about.set([
        ['Job', h('span', { class: 'id' }, id)], ['Model', status.model], ['Policy', status.policy], ['Nodes allowed', allowed(status.placement)], ['Accepted', instant(status.accepted_at)],
        ['Took', duration(Date.parse(status.finished_at ?? new Date().toISOString()) - Date.parse(status.accepted_at))], ['Deadline', status.deadline ? instant(status.deadline) : null],
        ['Inputs', status.inputs_failed ? `${count(status.inputs)}, ${count(status.inputs_failed)} failed` : count(status.inputs)],
        ['Shards', `${count(status.shards_accepted)} accepted, ${count(status.shards_failed)} given up, of ${count(status.shards)}`],
        ['Replicas', status.shards_accepted ? `${count(status.replicas_issued)}, ${(status.replicas_issued / Math.max(1, status.shards_accepted + status.shards_failed)).toFixed(2)} a shard` : count(status.replicas_issued)],
        ['Being checked', status.shards_checking ? count(status.shards_checking) : null],
        ['Expected wrong', status.expected_wrong === undefined ? null : `at most ${(status.expected_wrong * 100).toPrecision(2)} %`],
        ['Corrected since', status.shards_corrected ? count(status.shards_corrected) : null],
        ['Retry of', status.retry_of ? h('a', { href: `#/jobs/${status.retry_of}` }, short(status.retry_of)) : null],
      ]);
      map.set(page.shards);
      text(range, total ? `${count(from)}–${count(Math.min(total, from + PageSize) - 1)} of ${count(total)}` : 'none');
      back.hidden = from === 0;
      on.hidden = from + PageSize >= total;
      const ended = status.state !== 'running';
      if (picked === null && page.shards.some(s => s.stage === 'accepted')) show(page.shards.find(s => s.stage === 'accepted').index);
      else if (picked !== null) panel.refresh(page.shards.find(s => s.index === picked));
      over = ended;
      if (over) events.abort();
    } catch (e) { if (!signal.aborted) trouble.replaceChildren(notice(e.message)); }
  });
  const page = by => { from = Math.max(0, from + by); over = false; refresh(); };
  back.addEventListener('click', () => page(-PageSize));
  on.addEventListener('click', () => page(PageSize));

  // What happens to the job says when to look again.
  let due = 0;
  stream(`/api/jobs/${id}/events`, { signal: events.signal, onData: () => { if (!due && !over) due = setTimeout(() => { due = 0; refresh(); }, 300); } });
  if (shard !== null) show(shard);
  return { el, title: `Job ${short(id)}`, update: params => { if (params.shard !== null) show(params.shard); } };
}
