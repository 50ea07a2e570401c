/** Vendors' messages of Splunk Connect for Syslog: is each known for whose it is? */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Explainer, flatten } from '../../engine/formats/explain.js';
import { loadFormats } from '../../engine/formats/load.js';
import { projectRoot } from '../../native/load.js';

const folder = join(projectRoot, 'test/data/conformance/sc4s');
export const reachedPath = join(folder, 'reached.json');
const receivedNs = BigInt(Date.UTC(2026, 5, 1)) * 1_000_000n;

interface Message {
  /** Splunk's source type; the vendor where there is none of its own. */
  readonly product: string;
  /** What observer.vendor, or event.module where a program has no vendor, may be. */
  readonly vendors: readonly string[];
  readonly message: string;
}

export interface Reached {
  readonly messages: number;
  readonly recognised: number;
  readonly products: number;
  /** Products of which every message is recognised. */
  readonly products_recognised: number;
  /** The others. */
  readonly missed: readonly string[];
}

export function recogniseVendors(): Reached {
  const explainer = new Explainer(loadFormats(null));
  const messages = readFileSync(join(folder, 'messages.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Message);
  const missed = messages.filter((message) => !isRecognised(explainer, message));
  const products = new Set(messages.map(({ product }) => product));
  const missedProducts = [...new Set(missed.map(({ product }) => product))].sort();
  return {
    messages: messages.length,
    recognised: messages.length - missed.length,
    products: products.size,
    products_recognised: products.size - missedProducts.length,
    missed: missedProducts,
  };
}

function isRecognised(explainer: Explainer, { message, vendors }: Message): boolean {
  const { pack, event } = explainer.explain(Buffer.from(message), { json: message.startsWith('{'), receivedNs });
  if (pack === null) return false;
  const flat = flatten(event);
  const names = [flat['observer.vendor'], flat['event.module']].map((name) => String(name).toLowerCase());
  return vendors.some((vendor) => names.includes(vendor.toLowerCase()));
}

export function readReached(): Reached {
  return JSON.parse(readFileSync(reachedPath, 'utf8')) as Reached;
}
