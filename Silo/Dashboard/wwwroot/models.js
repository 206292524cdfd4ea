// The models that jobs and calls may use, or not yet.
import { h, badge, notice, facts } from './dom.js';
import { ago, bytes, duration, short } from './format.js';
import { get, poll } from './api.js';

const shape = t => `${t.name}: ${t.type} [${t.shape.map(n => n < 0 ? '?' : n).join(', ')}]`;

function card(m) {
  const report = m.report;
  return h('article', { class: 'card' },
    h('h2', null, m.ref, ' ', badge(m.state)),
    m.reason ? h('p', { class: m.state === 'rejected' ? 'error' : 'note' }, m.reason) : null,
    facts([
      ['Category', m.manifest.category],
      ['Publisher', m.manifest.publisher],
      ['Licence', m.manifest.licence],
      ['Model file', m.manifest.model ? `${m.manifest.model.file}, ${bytes(m.manifest.model.size)}` : 'none: a pipeline without a model'],
      ['Output', m.manifest.postprocess?.kind],
      ['One input takes', report?.input_ms ? `${duration(report.input_ms)} on an operator node` : null],
      ['Inputs', report?.inputs?.map(shape).join('; ')],
      ['Outputs', report?.outputs?.map(shape).join('; ')],
      ['Published', ago(m.published_at)],
      ['Manifest', h('code', { title: m.manifest_digest }, short(m.manifest_digest))],
    ]).el);
}

export function models({ signal }) {
  const list = h('div', { class: 'grid two' });
  const trouble = h('div');
  let shown = '';
  poll(4000, signal, async () => {
    try {
      const page = await get('/api/models?limit=200', signal);
      const now = JSON.stringify(page.items);
      if (now !== shown) list.replaceChildren(...(page.items.length ? page.items.map(card) : [h('p', { class: 'empty' }, 'No model yet. Publish one with "pigrid model push".')]));
      shown = now;
      trouble.replaceChildren();
    } catch (e) { if (!signal.aborted) trouble.replaceChildren(notice(e.message)); }
  });
  return { el: h('div', null, h('h1', { tabindex: '-1' }, 'Models'), trouble, list), title: 'Models' };
}
