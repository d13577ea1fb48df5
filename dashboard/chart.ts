import { type Html, html } from "./html.ts";
import { formatRate } from "./figures.ts";

/** A line of a chart. */
export interface Series {
  /** What it shows. */
  readonly label: string;
  /** Its values, the latest last. */
  readonly values: readonly number[];
  /** Which colour it has: a class of the style sheet. */
  readonly tone: "good" | "new" | "bad" | "busy" | "calm";
}

const WIDTH = 240;
const HEIGHT = 48;
const POINTS = 120;

/** Draws rates, or what `format` writes, as lines with their last values beside. */
export function chart(
  title: string,
  series: readonly Series[],
  { format = formatRate }: { format?: (value: number) => string } = {},
): Html {
  const peak = Math.max(1, ...series.flatMap(({ values }) => values));
  const legend = series.map(({ label, values, tone }) =>
    html`<li class="${tone}"><i></i>${label} <b>${format(values.at(-1) ?? 0)}</b></li>`
  );
  return html`
    <figure class="card chart">
      <figcaption>
        <h2>${title}</h2>
        <ul>${legend}</ul>
      </figcaption>
      <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
    ${series.map((each) => line(each, peak))}</svg>
      <p class="scale"><span>2 min ago</span><span>peak ${format(peak)}</span><span>now</span></p>
    </figure>
  `;
}

function line({ values, tone }: Series, peak: number): Html {
  const recent = values.slice(-POINTS);
  if (recent.length < 2 || recent.every((value) => value === 0)) return html``;
  const step = WIDTH / (POINTS - 1);
  const start = WIDTH - (recent.length - 1) * step;
  const points = recent.map((value, i) => {
    const [x, y] = [start + i * step, HEIGHT - 2 - value / peak * (HEIGHT - 4)];
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  const area = [`${start.toFixed(1)},${HEIGHT}`, ...points, `${WIDTH},${HEIGHT}`].join(" ");
  return html`
    <g class="${tone}">
      <polygon points="${area}" />
      <polyline points="${points.join(" ")}" />
    </g>
  `;
}
