// The list of jobs.
import { h, badge, setBadge, table, text, notice } from './dom.js';
import { count, ago, short, duration } from './format.js';
import { get, poll } from './api.js';

export const progress = kind => h('span', { class: typeof kind === 'string' ? kind : 'progress' }, h('span', { class: 'done' }), h('span', { class: 'lost' }), h('span', { class: 'progress-text' }));

export function setProgress(el, job) {
  const [done, lost, said] = el.children;
  el.style.setProperty('--done', job.shards ? job.shards_accepted / job.shards : 0);
  el.style.setProperty('--lost', job.shards ? job.shards_failed / job.shards : 0);
  text(said, `${count(job.shards_accepted + job.shards_failed)} of ${count(job.shards)}`);
}

const took = job => duration((job.finished_at ? Date.parse(job.finished_at) : Date.now()) - Date.parse(job.accepted_at));

export const jobColumns = [
  { name: 'Job', make: job => h('a', { href: `#/jobs/${job.id}`, title: job.id }), show: job => job.name || short(job.id) },
  { name: 'State', make: job => badge(job.state), show: (job, el) => setBadge(el, job.state) },
  { name: 'Shards', make: progress, show: (job, el) => setProgress(el, job) },
  { name: 'Model', class: 'p2', show: job => job.model },
  { name: 'Replicas', class: 'num p3', show: job => count(job.replicas_issued) },
  { name: 'Took', class: 'num p3', show: took },
  { name: 'Accepted', class: 'num p2', show: job => ago(job.accepted_at) },
];

export function jobs({ signal }) {
  const list = table('Jobs, newest first', jobColumns, job => job.id, 'No job yet.');
  const more = h('button', { type: 'button', class: 'quiet', hidden: true }, 'Show more');
  const trouble = h('div');
  const el = h('div', null, h('h1', { tabindex: '-1' }, 'Jobs'), trouble, h('section', { class: 'card' }, list.el, more));
  let limit = 50;
  const refresh = poll(3000, signal, async () => {
    try {
      const page = await get(`/api/jobs?limit=${limit}`, signal);
      list.set(page.items);
      more.hidden = !page.next || limit >= 1000;
      trouble.replaceChildren();
    } catch (e) { if (!signal.aborted) trouble.replaceChildren(notice(e.message)); }
  });
  more.addEventListener('click', () => { limit = Math.min(1000, limit * 2); refresh(); });
  return { el, title: 'Jobs' };
}
