/**
 * The panel's own code, run by the browser: asks for the figures once a second and draws the last five minutes. Plain JavaScript, because
 * it is sent as it stands; what comes from outside is only ever set as text.
 */
export const panelScript = `
'use strict';
const seconds = 300;
const charts = {
  ratio: { unit: '', floor: 0, series: { ratio: [] } },
  level: { unit: '', floor: -5, ceiling: 6, ticks: [-5, 1, 6], step: true, series: { level: [] } },
  share: { unit: '%', floor: 0, ceiling: 100, series: { busy: [], compressing: [] } },
};
let last = null;

function draw(name) {
  const { unit, floor, ceiling, ticks, step, series } = charts[name];
  const values = Object.values(series).flat().filter((value) => value !== null);
  const top = ceiling ?? Math.max(1, ...values) * 1.1;
  const y = (value) => 94 - (86 * (Math.min(top, Math.max(floor, value)) - floor)) / (top - floor);
  const svg = document.getElementById(name);
  // A unit is a pixel: text is as large on a narrow screen as on a wide one.
  const right = Math.max(200, svg.clientWidth) - 8;
  svg.setAttribute('viewBox', '0 0 ' + (right + 8) + ' 100');
  svg.replaceChildren();
  const legend = document.getElementById(name + '-now');
  legend.replaceChildren();
  const add = (tag, attributes, text) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    svg.append(element);
  };
  for (const value of ticks ?? [floor, (floor + top) / 2, top]) {
    add('line', { x1: 40, x2: right, y1: y(value), y2: y(value), class: 'grid' });
    add('text', { x: 36, y: y(value) + 4, class: 'tick' }, (Math.round(value * 10) / 10) + unit);
  }
  Object.entries(series).forEach(([label, points], index) => {
    let path = '';
    let before = null;
    points.forEach((value, i) => {
      if (value === null) { before = null; return; }
      const x = right - ((points.length - 1 - i) * (right - 40)) / seconds;
      path += before === null ? 'M' + x + ' ' + y(value) : (step ? 'H' + x : '') + (step ? 'V' + y(value) : 'L' + x + ' ' + y(value));
      before = value;
    });
    add('path', { d: path, class: 'line line' + index });
    const now = points.filter((value) => value !== null).at(-1);
    const name = document.createElement('span');
    name.className = 'line' + index;
    name.textContent = label + (now === undefined ? '' : ' ' + Math.round(now * 10) / 10 + unit);
    legend.append(name);
  });
}

function push(chart, label, value) {
  const points = charts[chart].series[label];
  points.push(value);
  if (points.length > seconds) points.shift();
}

function sum(list, key) { return list.reduce((total, each) => total + each[key], 0); }

function bytes(count) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let i = 0;
  while (count >= 1024 && i < units.length - 1) { count /= 1024; i++; }
  return (Math.round(count * 10) / 10) + ' ' + units[i];
}

/** The texts of a route's row; dictionaries by the name of their file. */
function cells(route) {
  const gain = route.dictionaryBytesIn === 0 ? '' : ' (' + Math.round(100 - (100 * route.dictionaryBytesOut) / route.dictionaryBytesIn) + '% saved)';
  return [route.route, bytes(route.bytesIn), bytes(route.bytesOut), route.bytesOut === 0 ? '' : (route.bytesIn / route.bytesOut).toFixed(2),
    String(route.level), route.packedBytesIn === 0 ? '' : (route.nanoseconds / route.packedBytesIn).toFixed(2) + ' ns',
    route.dictionary === 0 ? 'none' : route.dictionary.toString(16).padStart(8, '0') + gain,
    'small ' + route.skippedSmall + ', incompressible ' + route.skippedIncompressible + ', gain ' + route.skippedGain];
}

function table(routes) {
  const body = document.getElementById('routes');
  body.replaceChildren(...routes.map((route) => {
    const row = document.createElement('tr');
    row.append(...cells(route).map((text) => { const cell = document.createElement('td'); cell.textContent = text; return cell; }));
    return row;
  }));
}

async function tick() {
  let now = null;
  try { now = await (await fetch('compression.json', { cache: 'no-store' })).json(); } catch { /* shown as a gap */ }
  document.getElementById('state').textContent = now === null ? 'no answer' : 'live';
  if (now !== null) {
    const [bytesIn, bytesOut] = [sum(now.routes, 'bytesIn'), sum(now.routes, 'bytesOut')];
    const moved = last !== null && bytesOut > last.bytesOut;
    push('ratio', 'ratio', moved ? (bytesIn - last.bytesIn) / (bytesOut - last.bytesOut) : null);
    push('level', 'level', Math.min(...now.workers.map((worker) => worker.level)));
    push('share', 'busy', (100 * sum(now.workers, 'busy')) / now.workers.length);
    push('share', 'compressing', (100 * sum(now.workers, 'packing')) / now.workers.length);
    last = { bytesIn, bytesOut };
    table(now.routes);
  } else {
    for (const [name, { series }] of Object.entries(charts)) for (const label of Object.keys(series)) push(name, label, null);
  }
  for (const name of Object.keys(charts)) draw(name);
}
tick();
setInterval(tick, 1000);
`;
