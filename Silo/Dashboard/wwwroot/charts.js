// Small charts. Each says in words what it shows, for those who do not see it.
import { h, svg, attr, text, keyed } from './dom.js';
import { count, percent } from './format.js';

// A line over the last minutes, drawn into a box of 100 by 30.
export function sparkline(label) {
  const area = svg('path', { class: 'area' });
  const line = svg('path', { class: 'line' });
  const top = h('span', { class: 'top-value' });
  const picture = svg('svg', { viewBox: '0 0 100 30', preserveAspectRatio: 'none', class: 'spark', role: 'img' }, area, line);
  const set = values => {
    // Seconds are noisy: the mean of three of them is drawn.
    const smooth = values.map((_, i) => { const part = values.slice(Math.max(0, i - 2), i + 1); return part.reduce((a, b) => a + b, 0) / part.length; });
    const most = Math.max(1, ...smooth);
    const points = smooth.map((v, i) => `${(i / (smooth.length - 1) * 100).toFixed(2)},${(29 - v / most * 27).toFixed(2)}`).join('L');
    attr(line, 'd', `M${points}`);
    attr(area, 'd', `M0,30L${points}L100,30Z`);
    attr(picture, 'aria-label', `${label}: at most ${count(Math.round(most))} a second in the last two minutes`);
    text(top, values.some(v => v > 0) ? `up to ${count(Math.round(most))} a second` : '');
  };
  return { el: h('div', { class: 'spark-box' }, picture, top), set };
}

// Kinds and how many there are of each.
export function bars(title, hrefOf) {
  const list = h('ul', { class: 'bars' });
  const empty = h('p', { class: 'empty' }, 'None yet.');
  const set = counts => {
    const most = Math.max(1, ...counts.map(c => c.nodes));
    empty.hidden = counts.length > 0;
    keyed(list, counts, c => c.name, c => {
      const name = hrefOf ? h('a', { class: 'name', href: hrefOf(c.name), title: c.name }) : h('span', { class: 'name', title: c.name });
      const bar = h('span', { class: 'bar', 'data-state': c.name, 'aria-hidden': 'true' });
      const value = h('span', { class: 'value' });
      return { el: h('li', null, name, h('span', { class: 'track' }, bar), value), name, bar, value };
    }, (row, c) => {
      text(row.name, c.name.replaceAll('_', ' '));
      row.bar.style.setProperty('--share', (c.nodes / most).toFixed(4));
      text(row.value, count(c.nodes));
    });
  };
  return { el: h('section', { class: 'card' }, h('h2', null, title), list, empty), set };
}

const Days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

// The share of each hour of the week: 7 rows, 24 columns.
export function week(shares) {
  if (shares.length === 0) return h('p', { class: 'empty' }, 'Nothing is known yet.');
  const row = (name, d) => h('tr', null, h('th', { scope: 'row' }, name), Array.from({ length: 24 }, (_, hour) => {
    const share = shares[d * 24 + hour];
    const said = `${name} ${hour} h: ${share < 0 ? 'not known' : percent(share)}`;
    return h('td', { title: said, class: share < 0 ? 'unknown' : null, vars: { '--share': Math.max(0, share) } }, h('span', { class: 'sr' }, said));
  }));
  return h('table', { class: 'week' },
    h('caption', { class: 'sr' }, 'Share of the time that the node was connected, by hour of the week in UTC'),
    h('thead', null, h('tr', null, h('th', null, h('span', { class: 'sr' }, 'Day')), Array.from({ length: 24 }, (_, hour) => h('th', { scope: 'col' }, hour % 6 === 0 ? String(hour) : h('span', { class: 'sr' }, String(hour)))))),
    h('tbody', null, Days.map(row)));
}

// Reputation day by day: checks passed as a line, the tier as a strip beneath it.
export function reputation(days) {
  if (days.length === 0) return h('p', { class: 'empty' }, 'Nothing is known yet.');
  const most = Math.max(1, ...days.map(d => d.passed));
  const x = i => days.length === 1 ? 50 : i / (days.length - 1) * 100;
  const points = (days.length === 1 ? [[0, days[0].passed], [100, days[0].passed]] : days.map((d, i) => [x(i), d.passed]))
    .map(([at, v]) => `${at.toFixed(2)},${(38 - v / most * 34).toFixed(2)}`).join('L');
  const picture = svg('svg', { viewBox: '0 0 100 40', preserveAspectRatio: 'none', class: 'spark tall', role: 'img', 'aria-label': `Checks passed over ${days.length} days: ${days.at(-1).passed.toFixed(1)} now` },
    svg('path', { class: 'area', d: `M0,40L${points}L100,40Z` }), svg('path', { class: 'line', d: `M${points}` }));
  const strip = h('div', { class: 'strip', 'aria-hidden': 'true' }, days.map(d => h('span', { 'data-state': d.tier, title: `${d.at.slice(0, 10)}: ${d.tier}` })));
  const rows = days.map(d => h('tr', null, h('th', { scope: 'row' }, d.at.slice(0, 10)), h('td', null, d.tier), h('td', null, d.passed.toFixed(1)), h('td', null, d.wrong.toFixed(1)), h('td', null, d.errors.toFixed(1)), h('td', null, d.timeouts.toFixed(1))));
  return h('div', null, picture, strip, h('details', null, h('summary', null, 'As a table'), h('div', { class: 'table' }, h('table', null,
    h('thead', null, h('tr', null, ['Day', 'Tier', 'Passed', 'Wrong', 'Errors', 'Timeouts'].map(name => h('th', { scope: 'col' }, name)))), h('tbody', null, rows)))));
}
