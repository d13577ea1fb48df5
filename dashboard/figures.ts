const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];
const numbers = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** A number for people: `12,345`. */
export function formatCount(count: number): string {
  return numbers.format(count);
}

/** A number a second for people: `0.3`, `1,250`. */
export function formatRate(rate: number): string {
  return `${numbers.format(rate >= 10 ? Math.round(rate) : rate)}/s`;
}

/** Bytes for people: `12.5 MiB`, `100 MiB`. */
export function formatBytes(bytes: number): string {
  let at = 0;
  for (; bytes >= 1024 && at < UNITS.length - 1; at++) bytes /= 1024;
  return `${numbers.format(bytes >= 100 ? Math.round(bytes) : bytes)} ${UNITS[at]}`;
}

/** How long for people, in at most two units: `350 ms`, `12 s`, `3 min 4 s`, `2 d 5 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = Math.floor(ms / 1000);
  const [d, h, min, s] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  if (d > 0) return h > 0 ? `${d} d ${h} h` : `${d} d`;
  if (h > 0) return min > 0 ? `${h} h ${min} min` : `${h} h`;
  if (min > 0) return s > 0 ? `${min} min ${s} s` : `${min} min`;
  return `${s} s`;
}
