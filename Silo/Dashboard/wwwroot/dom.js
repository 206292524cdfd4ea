// Elements without markup in strings: text never becomes HTML.

export function h(tag, props, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'class') el.className = value;
    else if (name === 'vars') for (const [k, v] of Object.entries(value)) el.style.setProperty(k, v);
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

// A table of records: columns say how a cell is made and brought up to date.
export function table(caption, columns, keyOf, empty) {
  const body = h('tbody');
  const none = h('p', { class: 'empty' }, empty);
  const el = h('div', { class: 'table' },
    h('table', null,
      h('caption', { class: 'sr' }, caption),
      h('thead', null, h('tr', null, columns.map(c => h('th', { scope: 'col', class: c.class }, c.name)))),
      body),
    none);
  const create = item => {
    const cells = columns.map((c, i) => c.make?.(item) ?? h('span'));
    return { cells, el: h('tr', null, columns.map((c, i) => h(i === 0 ? 'th' : 'td', { class: c.class, scope: i === 0 ? 'row' : null }, cells[i]))) };
  };
  const update = (row, item) => columns.forEach((c, i) => {
    const value = c.show(item, row.cells[i]);
    if (value !== undefined) text(row.cells[i], value);
  });
  return {
    el,
    set(items) {
      none.hidden = items.length > 0;
      el.classList.toggle('none', items.length === 0);
      keyed(body, items, keyOf, create, update);
    },
  };
}

export const section = (title, ...children) => h('section', { class: 'card' }, h('h2', null, title), children);

export const badge = state => h('span', { class: 'badge', 'data-state': state }, words(state));

export const setBadge = (el, state) => { attr(el, 'data-state', state); text(el, words(state)); };

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
