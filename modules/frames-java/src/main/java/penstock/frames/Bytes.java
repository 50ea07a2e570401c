package penstock.frames;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Reads bytes of a frame from the front; every read is checked, whatever the bytes say. */
final class Bytes {
  /** Eight bytes of an array at any place, the first the lowest. */
  static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] bytes;
  private final int end;
  int at;

  Bytes(Slice slice) {
    bytes = slice.bytes();
    at = slice.from();
    end = slice.from() + slice.size();
  }

  int left() {
    return end - at;
  }

  int unsigned(int most) {
    if (at >= end) throw new FrameException("it ends too early");
    int value = bytes[at++] & 255;
    if (value > most) throw new FrameException("a byte is out of bounds");
    return value;
  }

  /** All 64 bits of it. */
  long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int next = unsigned(shift == 63 ? 1 : 255);
      value |= (long) (next & 127) << shift;
      if (next < 128) return value;
    }
    throw new FrameException("a number is too long");
  }

  long varint(long most) {
    long value = varint();
    if (value < 0 || value > most) throw new FrameException("a number is out of bounds");
    return value;
  }

  int varintInt(int most) {
    return (int) varint(Math.max(most, 0));
  }

  long zigzag() {
    long value = varint();
    return value >>> 1 ^ -(value & 1);
  }

  long fixed64() {
    Slice eight = slice(8);
    return (long) LONG.get(eight.bytes(), eight.from());
  }

  /** Past the value of a protobuf field of that wire type. */
  void skip(int wire) {
    switch (wire) {
      case 0 -> varint();
      case 1 -> slice(8);
      case 2 -> text();
      case 5 -> slice(4);
      default -> throw new FrameException("an event that is no LogEvent");
    }
  }

  Slice slice(int size) {
    if (size > left()) throw new FrameException("it ends too early");
    at += size;
    return new Slice(bytes, at - size, size);
  }

  Slice text() {
    return slice(varintInt(left()));
  }

  /** The i-th of the numbers of {@code width} bits (at most 64), packed one after the other. */
  static long unpack(Slice packed, long i, int width) {
    if (width == 0) return 0;
    long bit = i * width;
    int from = (int) (bit >>> 3), shift = (int) (bit & 7);
    long low = 0;
    if (from >= 0 && from + 8 <= packed.size()) low = (long) LONG.get(packed.bytes(), packed.from() + from);
    else for (int k = 7; k >= 0; k--) low = low << 8 | byteAt(packed, from + k);
    long value = low >>> shift;
    if (shift + width > 64) value |= (long) byteAt(packed, from + 8) << 64 - shift;
    return width == 64 ? value : value & (1L << width) - 1;
  }

  /** So many of the numbers from the i-th on, each as {@link #unpack(Slice, long, int)} gives it. */
  static void unpack(Slice packed, long i, int width, long[] out, int count) {
    byte[] bytes = packed.bytes();
    long bit = i * width, mask = (1L << width) - 1;
    // Where eight bytes are readable at each and hold all of it.
    boolean simple = width > 0 && width <= 56 && bit >= 0 && (bit + (long) count * width >>> 3) + 8 <= packed.size();
    if (!simple) {
      for (int k = 0; k < count; k++) out[k] = unpack(packed, i + k, width);
      return;
    }
    for (int k = 0, from = packed.from(); k < count; k++, bit += width)
      out[k] = (long) LONG.get(bytes, from + (int) (bit >>> 3)) >>> (int) (bit & 7) & mask;
  }

  private static int byteAt(Slice slice, int i) {
    return i < slice.size() ? slice.bytes()[slice.from() + i] & 255 : 0;
  }
}
