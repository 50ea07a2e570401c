/** The page at / of the admin server: what compression does, live. One file, nothing from elsewhere; only its own script may run. */
import { createHash } from 'node:crypto';
import { panelScript } from './panel-script.js';

const style = `
:root { color-scheme: light dark; font: 14px/1.4 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 960px; padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1rem; margin: 1.4rem 0 .3rem; }
svg { display: block; width: 100%; height: 100px; background: color-mix(in srgb, currentColor 4%, transparent); border-radius: 6px; }
.grid { stroke: currentColor; opacity: .15; } .tick { font-size: 11px; text-anchor: end; fill: currentColor; opacity: .6; }
.now { float: right; font-weight: 600; } .now span { margin-left: 1rem; } .line { fill: none; stroke-width: 1.6; }
path.line0 { stroke: #2b7de9; } path.line1 { stroke: #e0762b; } .now .line0 { color: #2b7de9; } .now .line1 { color: #e0762b; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); vertical-align: top; }
#state { float: right; opacity: .6; } .wide { overflow-x: auto; }
`;

export const panelPage = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Penstock: compression</title>
<style>${style}</style></head><body>
<h1>Penstock: compression <span id="state">…</span></h1>
<h2>Ratio: bytes in over bytes out, of each second <span class="now" id="ratio-now"></span></h2><svg id="ratio" role="img" aria-label="compression ratio, the last five minutes"></svg>
<h2>Level: the lowest of the workers <span class="now" id="level-now"></span></h2><svg id="level" role="img" aria-label="compression level, the last five minutes"></svg>
<h2>Share of the workers' time <span class="now" id="share-now"></span></h2><svg id="share" role="img" aria-label="CPU share, the last five minutes"></svg>
<h2>Routes, since the start</h2>
<div class="wide"><table><thead><tr><th>route</th><th>in</th><th>out</th><th>ratio</th><th>level</th><th>time a byte</th><th>dictionary</th><th>batches left as they were</th></tr></thead>
<tbody id="routes"></tbody></table></div>
<p><a href="metrics">/metrics</a> · <a href="health/ready">/health/ready</a></p>
<script>${panelScript}</script></body></html>
`;

const scriptHash = createHash('sha256').update(panelScript).digest('base64');

export const panelHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${scriptHash}'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};
