package penstock.frames;

import java.util.Arrays;

/** Bytes under construction, at most as many as one event may have. */
final class Output {
  private final int max;
  private byte[] bytes = new byte[1024];
  private int size;

  Output(long max) {
    this.max = (int) Math.min(max, Integer.MAX_VALUE - 16);
  }

  int size() {
    return size;
  }

  void clear() {
    size = 0;
  }

  private void room(int more) {
    if (more > max - size) throw new FrameException("an event is larger than its header says");
    if (size + more > bytes.length) bytes = Arrays.copyOf(bytes, (int) Math.min(2L * (size + more), max));
  }

  void append(Slice text) {
    room(text.size());
    System.arraycopy(text.bytes(), text.from(), bytes, size, text.size());
    size += text.size();
  }

  void unsigned(int value) {
    room(1);
    bytes[size++] = (byte) value;
  }

  void varint(long value) {
    room(varintSize(value));
    for (; (value & ~127L) != 0; value >>>= 7) bytes[size++] = (byte) (value & 127 | 128);
    bytes[size++] = (byte) value;
  }

  void fixed64(long value) {
    room(8);
    Bytes.LONG.set(bytes, size, value);
    size += 8;
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

  static int varintSize(long value) {
    int size = 1;
    for (; (value & ~127L) != 0; value >>>= 7) size++;
    return size;
  }
}
