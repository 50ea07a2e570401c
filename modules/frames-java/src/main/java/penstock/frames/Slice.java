package penstock.frames;

import java.util.Arrays;

/** A part of an array; nothing is copied. */
record Slice(byte[] bytes, int from, int size) {
  static Slice of(byte[] bytes) {
    return new Slice(bytes, 0, bytes.length);
  }

  Slice part(int at, int length) {
    return new Slice(bytes, from + at, length);
  }

  Slice copied() {
    return of(Arrays.copyOfRange(bytes, from, from + size));
  }

  boolean is(byte[] other) {
    return Arrays.equals(bytes, from, from + size, other, 0, other.length);
  }

  int at(int i) {
    return bytes[from + i] & 255;
  }
}
