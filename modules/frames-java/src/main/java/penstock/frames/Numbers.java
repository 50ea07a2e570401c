package penstock.frames;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** A column of numbers, read from the first to the last; a few are unpacked ahead. */
final class Numbers {
  private static final int AHEAD = 64;

  /** Ids below 256, perhaps as a function of another column's: what a later column may be a function of. */
  record SmallIds(int count, Supplier<Slice> bytes, byte[] map) {}

  /** Ids by number. */
  static final class Ids {
    /** What they are to a later column; null: nothing. */
    final SmallIds small;
    private final Supplier<Slice> section;
    private final int width;
    private final byte[] map;
    private Slice bytes;

    private Ids(SmallIds small, Supplier<Slice> section, int width) {
      this.small = small;
      this.section = section;
      this.width = width;
      map = small == null ? null : small.map();
    }

    /** So many, from the i-th on. */
    void read(int i, long[] out, int count) {
      if (bytes == null) bytes = section.get();
      if (width != 0) Bytes.unpack(bytes, i, width, out, count);
      else if (map == null) for (int k = 0; k < count; k++) out[k] = bytes.at(i + k);
      else for (int k = 0; k < count; k++) out[k] = map[bytes.at(i + k)] & 255;
    }
  }

  final SmallIds small;
  /** Packed without a scale: what sizes of texts are. */
  final boolean packed;
  /** Packed with no bits: all are this one. */
  final Long constant;
  /** What all are by their coding; null: they may differ. */
  final Long always;
  private final int coding;
  private final int count;
  private final long scale;
  private long least;
  private int width;
  private Supplier<Slice> section;
  private Ids ids;
  private long[] runs, lengths;
  private int run = -1;
  private long last;
  private long left;
  private final long[] ahead;
  private int unpacked, at, end;

  Numbers(Sections sections, int count, List<SmallIds> columns) {
    this.count = count;
    ahead = new long[Math.min(AHEAD, count)];
    Bytes head = sections.head;
    coding = head.unsigned(4);
    int exponent = head.unsigned(9);
    if (exponent % 3 != 0) throw new FrameException("a scale that is none");
    long factor = 1;
    for (int e = 0; e < exponent; e++) factor *= 10;
    scale = factor;
    switch (coding) {
      case 0 -> least = head.zigzag();
      case 1 -> {
        least = head.zigzag();
        ids = ids(sections, count, columns);
        if (ids.small == null) throw new FrameException("numbers of a byte that are none");
      }
      case 2 -> {
        least = head.zigzag();
        width = head.unsigned(64);
        section = sections.blob(((long) count * width + 7) / 8);
      }
      case 3 -> {
        last = head.zigzag();
        least = head.zigzag();
        width = head.unsigned(64);
        section = sections.blob((((long) count - 1) * width + 7) / 8);
      }
      default -> readRuns(head);
    }
    small = coding == 1 ? ids.small : null;
    packed = coding == 2 && exponent == 0;
    constant = coding == 2 && width == 0 ? least : null;
    always = coding == 0 ? least * scale : null;
  }

  private void readRuns(Bytes head) {
    int size = head.varintInt(Math.min(count, head.left()));
    runs = new long[size];
    lengths = new long[size];
    long value = 0, total = 0;
    for (int r = 0; r < size; r++) {
      runs[r] = value += head.zigzag();
      total += lengths[r] = head.varint(count - total);
      if (lengths[r] == 0) throw new FrameException("a run of nothing");
    }
    if (total != count) throw new FrameException("runs that are too short");
  }

  long next() {
    if (at == end) unpackAhead();
    return ahead[at++];
  }

  /** How many values are unpacked ahead, at least one. */
  int ready() {
    if (at == end) unpackAhead();
    return end - at;
  }

  private void unpackAhead() {
    int from = unpacked, values = Math.min(ahead.length, count - from);
    if (values <= 0) throw new FrameException("a column has too few values");
    switch (coding) {
      case 0 -> Arrays.fill(ahead, least);
      case 1 -> {
        ids.read(from, ahead, values);
        for (int i = 0; i < values; i++) ahead[i] += least;
      }
      case 2 -> {
        Slice bytes = section.get();
        Bytes.unpack(bytes, from, width, ahead, values);
        for (int i = 0; i < values; i++) ahead[i] += least;
      }
      case 3 -> {
        Slice bytes = section.get();
        // The first has no difference.
        Bytes.unpack(bytes, Math.max(from - 1L, 0), width, ahead, from == 0 ? values - 1 : values);
        if (from == 0) System.arraycopy(ahead, 0, ahead, 1, values - 1);
        for (int i = 0; i < values; i++) {
          if (from + i > 0) last += least + ahead[i];
          ahead[i] = last;
        }
      }
      default -> {
        for (int i = 0; i < values; i++) {
          if (left == 0) left = lengths[++run];
          left--;
          ahead[i] = runs[run];
        }
      }
    }
    if (scale != 1) for (int i = 0; i < values; i++) ahead[i] *= scale;
    unpacked += values;
    at = 0;
    end = values;
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
      return new Ids(null, sections.blob(((long) count * width + 7) / 8), width);
    }
    if (coding == 0) {
      Supplier<Slice> bytes = sections.blob(count);
      return new Ids(new SmallIds(count, bytes, null), bytes, 0);
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
    return new Ids(new SmallIds(count, base.bytes(), map), base.bytes(), 0);
  }
}
