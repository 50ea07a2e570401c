import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lagSeconds, writeProcessFigures } from './process-figures.js';
import { PrometheusText } from './prometheus.js';

test("the event loop's lag is how late it was, not how often it is looked at", () => {
  assert.equal(lagSeconds(100e6), 0);
  assert.equal(lagSeconds(350e6), 0.25);
  assert.equal(lagSeconds(99e6), 0);
  assert.equal(lagSeconds(511), 0); // what a histogram that has seen nothing gives
});

test('a scrape right after another says that there was no lag', () => {
  const scrape = () => {
    const text = new PrometheusText();
    writeProcessFigures(text, 0);
    return text.toString();
  };
  scrape();
  assert.match(scrape(), /^nodejs_eventloop_lag_seconds\{quantile="0\.5"\} 0$/m);
});
