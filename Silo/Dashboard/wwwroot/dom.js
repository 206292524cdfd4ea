// Elements without markup in strings: text never becomes HTML.

export function h(tag, props, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'class') el.className = value;
    else if (name === 'vars') for (const [k, v] of Object.entries(value ?? {})) el.style.setProperty(k, v);
    else if (name.startsWith('on')) el.addEventListener(name.slice(2), value);
    else el.setAttribute(name, value === true ? '' : value);
  }
  el.append(...children.flat().filter(c => c !== null && c !== undefined && c !== false));
  return el;
}

export function svg(tag, props, ...children) {
  const el = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(props ?? {})) el.setAttribute(name, value);
  el.append(...children);
  return el;
}

export const text = (el, value) => { if (el.textContent !== value) el.textContent = value; };

export const attr = (el, name, value) => {
  if (value === null || value === undefined) el.removeAttribute(name);
  else if (el.getAttribute(name) !== String(value)) el.setAttribute(name, value);
};

// Brings the children of a parent up to date with a list: each item keeps its element, so focus and selection survive.
export function keyed(parent, items, keyOf, create, update) {
  const known = parent.known ??= new Map();
  const seen = new Set();
  let at = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    seen.add(key);
    let row = known.get(key);
    if (!row) known.set(key, row = create(item));
    update(row, item);
    if (row.el === at) at = at.nextElementSibling;
    else parent.insertBefore(row.el, at);
  }
  for (const [key, row] of known) {
    if (!seen.has(key)) { row.el.remove(); known.delete(key); }
  }
}

const frame = () => new Promise(done => requestAnimationFrame(done));

// A table of records: columns say how a cell is made and brought up to date. With widths each row is laid out for itself and only while it can be seen, which long tables need to
// stay quick; that it is a table is then said by roles.
export function table(caption, columns, keyOf, empty) {
  const isFixed = columns.some(c => c.width);
  const role = name => isFixed ? name : null;
  const wide = c => c.width ? { flex: `1 1 ${c.width}` } : null;
  const body = h('tbody', { role: role('rowgroup') });
  const none = h('p', { class: 'empty' }, empty);
  const el = h('div', { class: isFixed ? 'table fixed' : 'table' },
    h('table', { role: role('table'), 'aria-label': role(caption) },
      isFixed ? null : h('caption', { class: 'sr' }, caption),
      h('thead', { role: role('rowgroup') }, h('tr', { role: role('row') }, columns.map(c => h('th', { scope: 'col', role: role('columnheader'), class: c.class, vars: wide(c) }, c.name)))),
      body),
    none);
  const create = item => {
    const cells = columns.map(c => c.make?.(item) ?? h('span'));
    return { cells, shown: [], el: h('tr', { role: role('row') }, columns.map((c, i) => h(i === 0 ? 'th' : 'td', { class: c.class, scope: i === 0 ? 'row' : null, role: role(i === 0 ? 'rowheader' : 'cell'), vars: wide(c) }, cells[i]))) };
  };
  const update = (row, item) => columns.forEach((c, i) => {
    const value = c.show(item, row.cells[i]);
    if (value !== undefined && row.shown[i] !== value) row.cells[i].textContent = row.shown[i] = value;
  });
  const note = any => { none.hidden = any; el.classList.toggle('none', !any); };
  let filling = null;
  return {
    el,
    set(items) {
      note(items.length > 0);
      keyed(body, items, keyOf, create, update);
    },
    // As set, with so many new rows a frame that the page answers in between. The newest call wins.
    async fill(items, atOnce, signal) {
      const mine = filling = {};
      note(items.length > 0);
      const known = body.known ?? new Map();
      let fresh = items.filter(item => !known.has(keyOf(item))).length;
      keyed(body, fresh > atOnce ? items.filter(item => known.has(keyOf(item))) : items, keyOf, create, update);
      for (let from = 0; fresh > atOnce && from < items.length; ) {
        await frame();
        if (filling !== mine || signal.aborted) return;
        // New ones usually follow the known: a part of them is put in place, the rest of the rows is not looked at.
        const part = document.createDocumentFragment();
        let made = 0, before = null;
        for (; from < items.length && made < atOnce; from++) {
          const key = keyOf(items[from]), there = body.known.get(key);
          if (there) {
            if (made) { before = there.el; break; }
            continue;
          }
          const row = create(items[from]);
          update(row, items[from]);
          body.known.set(key, row);
          part.append(row.el);
          made++;
        }
        before ??= items.slice(from).map(item => body.known.get(keyOf(item))?.el).find(Boolean) ?? null;
        body.insertBefore(part, before);
      }
    },
    // Shows the rows whose items pass; how many these are.
    filter(items, passes) {
      let n = 0;
      for (const item of items) {
        const row = body.known?.get(keyOf(item)), pass = passes(item);
        n += pass ? 1 : 0;
        if (row && row.el.hidden === pass) row.el.hidden = !pass;
      }
      note(n > 0);
      return n;
    },
  };
}

export const section = (title, ...children) => h('section', { class: 'card' }, h('h2', null, title), children);

export const badge = state => h('span', { class: 'badge', 'data-state': state }, words(state));

export const setBadge = (el, state) => {
  if (el.shown === state) return;
  el.shown = state;
  attr(el, 'data-state', state);
  text(el, words(state));
};

export const words = name => (name ?? '').replaceAll('_', ' ');

// Facts as a list of terms.
export function facts(pairs) {
  const el = h('dl', { class: 'facts' });
  const set = next => {
    el.replaceChildren(...next.filter(([, value]) => value !== null && value !== undefined && value !== '')
      .map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value))));
  };
  set(pairs);
  return { el, set };
}

export const notice = message => h('p', { class: 'notice', role: 'status' }, message);
