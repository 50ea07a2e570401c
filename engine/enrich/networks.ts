/** Addresses and networks as numbers; networks within each other as a list of ranges. */

export interface Network {
  readonly v6: boolean;
  readonly first: bigint;
  /** Of its prefix. */
  readonly bits: number;
  readonly entry: number;
}

/** An address: 4 or 16 bytes as a number; IPv4 in its IPv6 form is IPv4. undefined: it is none. */
export function parseAddress(text: string): { v6: boolean; value: bigint } | undefined {
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (v4) {
    const parts = v4.slice(1).map(Number);
    if (parts.some((part, i) => part > 255 || (v4[i + 1] as string).length !== String(part).length)) return undefined;
    return { v6: false, value: BigInt((parts as number[]).reduce((all, part) => all * 256 + part, 0)) };
  }
  const groups = groupsOf(text);
  if (groups === undefined) return undefined;
  const value = groups.reduce((all, group) => (all << 16n) | BigInt(group), 0n);
  return value >> 32n === 0xffffn ? { v6: false, value: value & 0xffffffffn } : { v6: true, value };
}

function groupsOf(text: string): number[] | undefined {
  if (!/^[\da-f:.]{2,45}$/i.test(text) || !text.includes(':')) return undefined;
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted) {
    const tail = parseAddress(dotted[2] as string);
    if (tail === undefined || tail.v6) return undefined;
    return groupsOf(`${dotted[1]}${(tail.value >> 16n).toString(16)}:${(tail.value & 0xffffn).toString(16)}`);
  }
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [before = [], after = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - before.length - after.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array<string>(halves.length === 1 ? 0 : missing).fill('0'), ...after];
  if (groups.some((group) => !/^[\da-f]{1,4}$/i.test(group))) return undefined;
  return groups.map((group) => Number.parseInt(group, 16));
}

/** 16 bytes, IPv4 as ::ffff:a.b.c.d. */
export function addressBytes({ v6, value }: { v6: boolean; value: bigint }): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, v6 ? value >> 64n : 0n);
  view.setBigUint64(8, v6 ? value & 0xffffffffffffffffn : (0xffffn << 32n) | value);
  return bytes;
}

/** `address/bits`; a full prefix is an address. undefined: it is none. */
export function parseNetwork(text: string): Omit<Network, 'entry'> | undefined {
  const [address = '', prefix, ...more] = text.split('/');
  const parsed = parseAddress(address);
  if (parsed === undefined || more.length > 0) return undefined;
  const width = parsed.v6 ? 128 : 32;
  const mapped = !parsed.v6 && address.includes(':') ? 96 : 0;
  const bits = prefix === undefined ? width : /^\d{1,3}$/.test(prefix) ? Number(prefix) - mapped : -1;
  if (bits < 0 || bits > width) return undefined;
  const host = BigInt(width - bits);
  return { v6: parsed.v6, first: (parsed.value >> host) << host, bits };
}

/** Ranges in order: from `start` to the next one's the smallest network there is, or none. */
export function flatten(
  networks: readonly Network[],
  width: 32 | 128,
): { readonly start: bigint; readonly entry: number | null }[] {
  const sorted = [...networks].sort((a, b) => (a.first === b.first ? a.bits - b.bits : a.first < b.first ? -1 : 1));
  const ranges: { start: bigint; entry: number | null }[] = [];
  const open: { end: bigint; entry: number }[] = [];
  const put = (start: bigint, entry: number | null) => {
    if (ranges.at(-1)?.start === start) ranges.pop();
    ranges.push({ start, entry });
  };
  const close = (until: bigint) => {
    for (let top = open.at(-1); top !== undefined && top.end <= until; top = open.at(-1)) {
      open.pop();
      put(top.end, open.at(-1)?.entry ?? null);
    }
  };
  for (const { first, bits, entry } of sorted) {
    close(first);
    put(first, entry);
    open.push({ end: first + (1n << BigInt(width - bits)), entry });
  }
  close(1n << 128n);
  return ranges.filter(({ start }) => start < 1n << BigInt(width));
}
