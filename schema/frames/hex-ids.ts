/** Event ids as hex: ids of one ring follow each other, and but their last bytes are the same. */

const prefixBytes = 15;
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export class HexIds {
  #prefix = '';
  #prefixHex = '';

  /** @param id a character a byte */
  hex(id: string): string {
    if (!id.startsWith(this.#prefix) || this.#prefix === '') {
      this.#prefix = id.slice(0, prefixBytes);
      this.#prefixHex = Buffer.from(this.#prefix, 'latin1').toString('hex');
    }
    if (id.length !== this.#prefix.length + 3) return Buffer.from(id, 'latin1').toString('hex');
    return `${this.#prefixHex}${hex[id.charCodeAt(15)]}${hex[id.charCodeAt(16)]}${hex[id.charCodeAt(17)]}`;
  }
}
