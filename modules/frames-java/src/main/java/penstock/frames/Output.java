package penstock.frames;

import java.util.Arrays;

/** Bytes under construction, at most as many as one event may have. */
final class Output {
  /** Texts up to it are copied as so many bytes, whatever their size; there is room for them behind every event. */
  static final int SHORT = 32;

  private final int max;
  private byte[] bytes = new byte[1024];
  private int size;
  /** How large it may be until it has to grow. */
  private int limit;

  Output(long max) {
    this.max = (int) Math.min(max, Integer.MAX_VALUE - 4 * SHORT);
    limit = Math.min(this.max, bytes.length - SHORT);
  }

  int size() {
    return size;
  }

  void clear() {
    size = 0;
  }

  /** Takes room for more bytes, to be written into {@link #array} from the place that is returned. */
  int take(int more) {
    int from = size;
    if (more > limit - from) grow(more);
    size = from + more;
    return from;
  }

  private void grow(int more) {
    if (more > max - size) throw new FrameException("an event is larger than its header says");
    lengthen((int) Math.min(2L * (size + more), max));
  }

  private void lengthen(int most) {
    bytes = Arrays.copyOf(bytes, most + SHORT);
    limit = Math.min(max, most);
  }

  /** Where its bytes are, until more are taken. */
  byte[] array() {
    return bytes;
  }

  void append(Slice text) {
    append(text.bytes(), text.from(), text.size());
  }

  /** The same as what was written into it, which may be forgotten then; so many bytes are readable behind it that it is a short text where it is one. */
  Slice taken() {
    Slice text = new Slice(Arrays.copyOf(bytes, size + SHORT), 0, size);
    clear();
    return text;
  }

  /** Makes the array as large as what is about to be written, of which {@link #take} is told afterwards. @return where it begins */
  int room(int more) {
    if (more > bytes.length - SHORT - size) lengthen(Math.addExact(size, more));
    return size;
  }

  void append(byte[] source, int from, int count) {
    int at = take(count);
    copy(source, from, count, bytes, at);
  }

  /** Copies a text to a place behind which {@link #SHORT} bytes more may be overwritten. */
  static void copy(byte[] source, int from, int count, byte[] out, int at) {
    if (count > SHORT || source.length - from < SHORT) {
      System.arraycopy(source, from, out, at, count);
      return;
    }
    long first = (long) Bytes.LONG.get(source, from), second = (long) Bytes.LONG.get(source, from + 8);
    if (count > 16) {
      Bytes.LONG.set(out, at + 16, (long) Bytes.LONG.get(source, from + 16));
      Bytes.LONG.set(out, at + 24, (long) Bytes.LONG.get(source, from + 24));
    }
    Bytes.LONG.set(out, at, first);
    Bytes.LONG.set(out, at + 8, second);
  }

  void unsigned(int value) {
    int at = take(1);
    bytes[at] = (byte) value;
  }

  void varint(long value) {
    int at = take(varintSize(value));
    for (; (value & ~127L) != 0; value >>>= 7) bytes[at++] = (byte) (value & 127 | 128);
    bytes[at] = (byte) value;
  }

  void fixed64(long value) {
    int at = take(8);
    Bytes.LONG.set(bytes, at, value);
  }

  void text(Slice text) {
    varint(text.size());
    append(text);
  }

  byte[] copy() {
    return Arrays.copyOf(bytes, size);
  }

  Slice copied() {
    return Slice.of(copy());
  }

  /** What was written since there were so many bytes; it stays what it is until {@link #clear}. */
  Slice since(int from) {
    return new Slice(bytes, from, size - from);
  }

  static int varintSize(long value) {
    return (70 - Long.numberOfLeadingZeros(value | 1)) / 7;
  }
}
