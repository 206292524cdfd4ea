// One shard in full: its replicas, its receipt, its inputs with what was found in them.
import { h, badge, setBadge, facts, table, text, notice, words } from './dom.js';
import { bytes, duration, instant, percent, short } from './format.js';
import { get, getBytes } from './api.js';

const PictureBytesMax = 16 << 20, ItemsAtOnce = 12, Hues = [212, 28, 142, 340, 270, 185, 55, 0];

const replicaColumns = [
  { name: 'Node', make: r => r.node ? h('a', { href: `#/nodes/${r.node}`, title: r.node }) : h('span'), show: r => r.node ? short(r.node) : 'none yet' },
  { name: 'State', make: r => badge(r.state ?? 'waiting'), show: (r, el) => { setBadge(el, r.state ?? 'waiting'); el.title = r.reason ?? ''; } },
  { name: 'Verdict', make: () => badge(''), show: (r, el) => { el.hidden = !r.verdict; setBadge(el, r.verdict ?? ''); } },
  { name: 'Why', class: 'p2', show: r => r.audit ? 'audit' : r.hedge ? 'hedge' : 'replica' },
  { name: 'Hardware', class: 'p3', show: r => r.hardware_class ?? '–' },
  { name: 'Region', class: 'p3', show: r => r.region },
  { name: 'On the node', class: 'num p2', show: r => duration(r.node_ms) },
  { name: 'Changed', class: 'num p3', show: r => instant(r.changed_at) },
];

function kindOf(b) {
  const starts = (...signature) => signature.every((value, i) => b[i] === value);
  return starts(0xff, 0xd8, 0xff) ? 'image/jpeg' : starts(0x89, 0x50, 0x4e, 0x47) ? 'image/png' : starts(0x47, 0x49, 0x46) ? 'image/gif'
    : starts(0x42, 0x4d) ? 'image/bmp' : starts(0x52, 0x49, 0x46, 0x46) && b[8] === 0x57 ? 'image/webp' : null;
}

const findings = output => !output ? null
  : output.error ? h('p', { class: 'error' }, `${words(output.error.code)}: ${output.error.message}`)
  : output.detections ? (output.detections.length ? h('ul', { class: 'found' }, output.detections.map(d => h('li', { vars: { '--hue': Hues[d.class % Hues.length] } }, d.label, ' ', h('span', { class: 'score' }, percent(d.score))))) : h('p', { class: 'empty' }, 'Nothing found.'))
  : output.labels ? h('ul', { class: 'found' }, output.labels.slice(0, 5).map(l => h('li', null, l.label, ' ', h('span', { class: 'score' }, percent(l.score)))))
  : output.text ? h('blockquote', null, output.text.text)
  : output.tensors ? h('ul', { class: 'found' }, output.tensors.map(t => h('li', null, `${t.name}: ${t.type} [${t.shape.join(', ')}]`)))
  : null;

// Boxes are in the picture's own pixels; as shares of its size they fit however large it is shown.
async function picture(input, output, signal, urls) {
  const data = await getBytes(`/api/blobs/${input.blob.sha256}`, signal);
  const type = kindOf(data);
  if (!type) return null;
  const url = URL.createObjectURL(new Blob([data], { type }));
  urls.push(url);
  const image = h('img', { src: url, alt: input.name });
  await image.decode();
  const [w, ht] = [image.naturalWidth, image.naturalHeight];
  const boxes = (output?.detections ?? []).map(d => h('span', {
    class: 'box', 'data-label': d.label,
    vars: { '--x': d.box[0] / w, '--y': d.box[1] / ht, '--w': (d.box[2] - d.box[0]) / w, '--h': (d.box[3] - d.box[1]) / ht, '--hue': Hues[d.class % Hues.length] },
  }, h('span', { class: 'box-label' }, `${d.label} ${percent(d.score)}`)));
  return h('div', { class: 'picture', vars: { '--ratio': w / ht } }, image, h('div', { 'aria-hidden': 'true' }, boxes));
}

function item(input, index, output, signal, urls) {
  const place = h('div');
  const el = h('figure', { class: 'item' }, place, h('figcaption', null,
    h('span', { class: 'item-name' }, input.name), h('span', { class: 'note' }, ` input ${index}${input.blob ? `, ${bytes(input.blob.size)}` : ''}`), findings(output)));
  if (input.blob && input.blob.size <= PictureBytesMax) {
    picture(input, output, signal, urls).then(shown => shown && place.replaceChildren(shown)).catch(e => { if (!signal.aborted) place.replaceChildren(h('p', { class: 'note' }, e.message || 'The picture cannot be shown.')); });
  }
  return el;
}

export function shardPanel(job, signal) {
  const title = h('h2', { tabindex: '-1' });
  const state = badge('');
  const reason = h('p', { class: 'notice', hidden: true });
  const replicas = table('Replicas of the shard', replicaColumns, r => `${r.node} ${r.given_at} ${r.audit} ${r.index}`, 'No replica yet.');
  const receipt = facts([]);
  const items = h('div', { class: 'items' });
  const more = h('button', { type: 'button', class: 'quiet', hidden: true }, 'Show more inputs');
  const trouble = h('div');
  const el = h('section', { class: 'card shard', hidden: true, 'aria-label': 'Shard' }, h('div', { class: 'tools' }, title, state), trouble, reason, replicas.el,
    h('div', { class: 'outcome' }, h('div', null, h('h3', null, 'Inputs and outputs'), items, more), h('div', null, h('h3', null, 'Receipt'), receipt.el)));
  let shown = null, seen = '', drawn = '', detail = null, limit = ItemsAtOnce;
  const urls = [];
  const release = () => { for (const url of urls.splice(0)) URL.revokeObjectURL(url); };
  signal.addEventListener('abort', release);

  const drawItems = () => {
    release();
    items.replaceChildren(...detail.inputs.slice(0, limit).map((input, i) => item(input, detail.first_input + i, detail.outputs?.[i], signal, urls)));
    more.hidden = detail.inputs.length <= limit;
  };
  more.addEventListener('click', () => { limit += ItemsAtOnce; drawItems(); });

  async function load() {
    const index = shown;
    try {
      const d = await get(`/api/jobs/${job}/shards/${index}`, signal);
      if (index !== shown) return;
      trouble.replaceChildren();
      text(title, `Shard ${index}`);
      setBadge(state, d.shard.stage);
      reason.hidden = !d.shard.reason;
      text(reason, d.shard.reason ?? '');
      replicas.set(d.shard.replicas.map((r, i) => ({ ...r, index: i })));
      const r = d.receipt;
      receipt.set(!r ? [['', 'None yet.']] : [
        ['Receipt', h('span', { class: 'id' }, r.id)], ['Accepted', instant(r.accepted_at)], ['Agreed', `${r.replicas.filter(x => x.agreed).length} of ${r.replicas.length} results`],
        ['Credibility', r.credibility === undefined ? null : `at least ${(r.credibility * 100).toFixed(3)} %`], ['Decided by', d.shard.audited ? 'an operator node' : 'agreement'],
        ['Output', h('code', { title: r.output }, short(r.output))], ['Model file', r.model_file ? h('code', { title: r.model_file }, short(r.model_file)) : null],
      ]);
      detail = d;
      const now = JSON.stringify([index, d.inputs, d.outputs]);
      if (now !== drawn) { drawn = now; limit = ItemsAtOnce; drawItems(); }
    } catch (e) { if (!signal.aborted) trouble.replaceChildren(notice(e.message)); }
  }

  return {
    el,
    show(index) {
      if (index === null || index === shown) return;
      shown = index;
      el.hidden = false;
      load();
    },
    // The cell of the shown shard: when it has changed, so has the rest.
    refresh(cell) {
      const now = JSON.stringify(cell);
      if (shown === null || now === seen) return;
      seen = now;
      load();
    },
  };
}
