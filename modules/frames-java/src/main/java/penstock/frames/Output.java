package penstock.frames;

import java.util.Arrays;

/** Bytes under construction, at most as many as one event may have. */
final class Output {
  /** Texts up to it are copied as so many bytes, whatever their size; there is room for them behind every event. */
  private static final int SHORT = 16;

  private final int max;
  private byte[] bytes = new byte[1024];
  private int size;

  Output(long max) {
    this.max = (int) Math.min(max, Integer.MAX_VALUE - 4 * SHORT);
  }

  int size() {
    return size;
  }

  void clear() {
    size = 0;
  }

  /** Takes room for more bytes, to be written into {@link #array} from the place that is returned. */
  int take(int more) {
    if (more > max - size) throw new FrameException("an event is larger than its header says");
    if (more > bytes.length - SHORT - size) bytes = Arrays.copyOf(bytes, (int) Math.min(2L * (size + more), max) + SHORT);
    int from = size;
    size += more;
    return from;
  }

  /** Where its bytes are, until more are taken. */
  byte[] array() {
    return bytes;
  }

  void append(Slice text) {
    append(text.bytes(), text.from(), text.size());
  }

  void append(byte[] more) {
    append(more, 0, more.length);
  }

  private void append(byte[] source, int from, int count) {
    int at = take(count);
    if (count > SHORT || source.length - from < SHORT) {
      System.arraycopy(source, from, bytes, at, count);
      return;
    }
    Bytes.LONG.set(bytes, at, (long) Bytes.LONG.get(source, from));
    Bytes.LONG.set(bytes, at + 8, (long) Bytes.LONG.get(source, from + 8));
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

  boolean holds(Slice text) {
    return text.bytes() == bytes;
  }

  static int varintSize(long value) {
    return (70 - Long.numberOfLeadingZeros(value | 1)) / 7;
  }
}
