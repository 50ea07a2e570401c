package penstock.frames;

import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** A column of numbers, read from the first to the last. */
final class Numbers {
  /** Ids below 256, perhaps as a function of another column's: what a later column may be a function of. */
  record SmallIds(int count, Supplier<Slice> bytes, byte[] map) {}

  /** Ids by number, and what they are to a later column (null: nothing). */
  record Ids(IdAt at, SmallIds small) {}

  interface IdAt {
    int at(int i);
  }

  final SmallIds small;
  /** Packed without a scale: what sizes of texts are. */
  final boolean packed;
  /** Packed with no bits: all are this one. */
  final Long constant;
  private final LongSupplier next;
  private int i;
  private long last;
  private long left;

  Numbers(Sections sections, int count, List<SmallIds> columns) {
    Bytes head = sections.head;
    int coding = head.unsigned(4), exponent = head.unsigned(9);
    if (exponent % 3 != 0) throw new FrameException("a scale that is none");
    long scale = 1;
    for (int e = 0; e < exponent; e++) scale *= 10;
    long factor = scale;
    SmallIds readSmall = null;
    Long same = null;
    LongSupplier read;
    switch (coding) {
      case 0 -> {
        long value = head.zigzag();
        read = () -> value;
      }
      case 1 -> {
        long least = head.zigzag();
        Ids ids = ids(sections, count, columns);
        if (ids.small() == null) throw new FrameException("numbers of a byte that are none");
        readSmall = ids.small();
        read = () -> least + ids.at().at(i++);
      }
      case 2 -> {
        long least = head.zigzag();
        int width = head.unsigned(64);
        if (width == 0) same = least;
        Supplier<Slice> bytes = sections.blob(((long) count * width + 7) / 8);
        read = () -> least + Bytes.unpack(bytes.get(), i++, width);
      }
      case 3 -> {
        last = head.zigzag();
        long least = head.zigzag();
        int width = head.unsigned(64);
        Supplier<Slice> bytes = sections.blob((((long) count - 1) * width + 7) / 8);
        read = () -> {
          if (i++ > 0) last += least + Bytes.unpack(bytes.get(), i - 2L, width);
          return last;
        };
      }
      default -> read = runs(sections, count);
    }
    small = readSmall;
    packed = coding == 2 && exponent == 0;
    constant = same;
    next = factor == 1 ? read : () -> read.getAsLong() * factor;
  }

  private LongSupplier runs(Sections sections, int count) {
    Bytes head = sections.head;
    int size = head.varintInt(Math.min(count, head.left()));
    long[] values = new long[size];
    long[] lengths = new long[size];
    long value = 0, total = 0;
    for (int r = 0; r < size; r++) {
      values[r] = value += head.zigzag();
      total += lengths[r] = head.varint(count - total);
      if (lengths[r] == 0) throw new FrameException("a run of nothing");
    }
    if (total != count) throw new FrameException("runs that are too short");
    i = -1;
    return () -> {
      if (left == 0) left = lengths[++i];
      left--;
      return values[i];
    };
  }

  long next() {
    return next.getAsLong();
  }

  int nextIndex(int most) {
    long value = next();
    if (value < 0 || value > most) throw new FrameException("a number is out of bounds");
    return (int) value;
  }

  static Ids ids(Sections sections, int count, List<SmallIds> columns) {
    Bytes head = sections.head;
    int coding = head.unsigned(2);
    if (coding == 1) {
      int width = head.unsigned(32);
      if (width == 0) throw new FrameException("ids of no bits");
      Supplier<Slice> bytes = sections.blob(((long) count * width + 7) / 8);
      return new Ids(i -> (int) Math.min(Bytes.unpack(bytes.get(), i, width), Integer.MAX_VALUE), null);
    }
    if (coding == 0) {
      Supplier<Slice> bytes = sections.blob(count);
      return new Ids(i -> bytes.get().at(i), new SmallIds(count, bytes, null));
    }
    int column = head.varintInt(Sections.COLUMNS_MAX);
    SmallIds base = column < columns.size() ? columns.get(column) : null;
    if (base == null || base.count() != count) throw new FrameException("ids are a function of no column");
    Slice own = head.slice(head.varintInt(256));
    byte[] map = new byte[256];
    for (int i = 0; i < 256; i++) {
      int of = base.map() == null ? i : base.map()[i] & 255;
      map[i] = of < own.size() ? (byte) own.at(of) : 0;
    }
    return new Ids(i -> map[base.bytes().get().at(i)] & 255, new SmallIds(count, base.bytes(), map));
  }
}
