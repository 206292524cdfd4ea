// Numbers and times for people.

const whole = new Intl.NumberFormat('en');
const day = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short' });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

export const count = n => n === null || n === undefined ? '–' : whole.format(n);

export const rate = n => n === 0 ? '0' : n < 10 ? n.toFixed(1) : whole.format(Math.round(n));

// Money is whole micro-units; a credit has a million.
export const credits = micros => `${micros / 1e6} credits`;

export const percent = share => `${Math.round(share * 100)} %`;

export function duration(ms) {
  if (ms === null || ms === undefined) return '–';
  if (ms < 1) return `${ms.toFixed(2)} ms`;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.floor(ms / 1000) % 60} s`;
  if (ms < 86_400_000) return `${Math.floor(ms / 3_600_000)} h ${Math.floor(ms / 60_000) % 60} min`;
  return `${Math.floor(ms / 86_400_000)} d ${Math.floor(ms / 3_600_000) % 24} h`;
}

export function ago(at) {
  if (!at) return 'never';
  const ms = Date.now() - Date.parse(at);
  return ms < 2000 ? 'now' : ms < 60_000 ? `${Math.floor(ms / 1000)} s ago` : ms < 3_600_000 ? `${Math.floor(ms / 60_000)} min ago`
    : ms < 86_400_000 ? `${Math.floor(ms / 3_600_000)} h ago` : day.format(new Date(at));
}

export function instant(at) {
  if (!at) return '–';
  const date = new Date(at);
  return date.toDateString() === new Date().toDateString() ? clock.format(date) : `${day.format(date)} ${clock.format(date)}`;
}

export const bytes = n => n < 1024 ? `${n} B` : n < 1 << 20 ? `${(n / 1024).toFixed(1)} KiB` : n < 1 << 30 ? `${(n / (1 << 20)).toFixed(1)} MiB` : `${(n / (1 << 30)).toFixed(2)} GiB`;

// The start of a long id tells it from others; the whole is in its title.
export const short = id => id.length > 14 ? `${id.slice(0, 12)}…` : id;


