/** The pieces of an original, each appended to what is composed of them. */
import { refuse } from './bytes.js';
import { writeDecimal } from './digits.js';
import type { Output } from './output.js';
import { isPlain } from './plain-numbers.js';
import type { Column, Reading } from './reading.js';
import { isText, type Piece, type Shape, type Slot } from './shapes.js';
import type { Texts } from './texts.js';
import { TimeWriter, writeStructuredData } from './written.js';

export type WritePiece = (out: Output) => void;

/** @param texts its column, where it has one */
export function pieceWriter(piece: Piece, texts: Texts | undefined, reading: Reading): WritePiece {
  if (piece.kind === 'literal') return literalWriter(Buffer.from(piece.text, 'latin1'));
  if (piece.kind === 'column') return texts ? texts.write : () => refuse('a piece without a value');
  const { slot: i } = piece;
  if (piece.kind === 'structured data')
    return (out) => {
      const shared = reading.shared[i];
      if (shared) writeStructuredData(out, shared.bytes, 0, shared.bytes.length);
      else {
        // Before its place is taken: `out` may move.
        out.room(reading.size(i));
        writeStructuredData(out, out.bytes, out.start + (reading.from[i] as number), reading.size(i));
      }
    };
  if (piece.kind === 'slot') {
    return isText((reading.shape.slots[i] as Slot).kind)
      ? (out) => {
          const shared = reading.shared[i];
          if (shared) out.append(shared.bytes);
          else out.again(reading.from[i] as number, reading.to[i] as number);
        }
      : (out) => {
          const value = reading.plain(i) * reading.scale(i);
          writeDecimal(out, isPlain(value) ? value : reading.big(i), 0);
        };
  }
  const time = new TimeWriter(piece);
  return (out) => {
    const value = reading.plain(i);
    const scale = reading.scale(i);
    // Beyond 64 bits it is another time.
    if (Math.abs(value * scale) < 2 ** 63) time.write(out, value, scale);
    else time.writeBig(out, reading.big(i));
  };
}

export function literalWriter(bytes: Buffer): WritePiece {
  return (out) => out.append(bytes);
}

/** What a piece is in all events of its shape; undefined: it is not the same. */
export function constantPiece(piece: Piece, { slots }: Shape, columns: readonly Column[]): Buffer | undefined {
  if (piece.kind === 'literal') return Buffer.from(piece.text, 'latin1');
  if (piece.kind === 'column') return columns[piece.column]?.texts?.constant?.bytes;
  return piece.kind === 'slot' ? columns[(slots[piece.slot] as Slot).column]?.texts?.constant?.bytes : undefined;
}
