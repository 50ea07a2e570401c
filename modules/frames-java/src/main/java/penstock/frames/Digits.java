package penstock.frames;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/** Numbers as texts (docs/reference/frames.md, text codings 3 to 5). */
final class Digits {
  static final long[] POWERS = new long[19];
  /** 0 to 255 as text with a point behind it, the first character in the lowest byte. */
  private static final int[] OCTETS = new int[256];
  private static final int[] OCTET_SIZES = new int[256];
  /** 00 to 99, the first digit lower. */
  private static final short[] PAIRS = new short[100];

  static {
    POWERS[0] = 1;
    for (int i = 1; i < POWERS.length; i++) POWERS[i] = POWERS[i - 1] * 10;
    for (int i = 0; i < OCTETS.length; i++) {
      String text = i + ".";
      for (int c = text.length() - 1; c >= 0; c--) OCTETS[i] = OCTETS[i] << 8 | text.charAt(c);
      OCTET_SIZES[i] = text.length();
    }
    for (int i = 0; i < PAIRS.length; i++) PAIRS[i] = (short) ('0' + i % 10 << 8 | '0' + i / 10);
  }

  private Digits() {}

  /** In decimal, with so many digits after the point. */
  static void decimal(Output out, long value, int digits) {
    if (digits == 0 && value >= 0 && value <= Integer.MAX_VALUE) {
      small(out, (int) value);
      return;
    }
    if (value == Long.MIN_VALUE) {
      smallest(out, digits);
      return;
    }
    if (value < 0) out.unsigned('-');
    long rest = Math.abs(value), whole = digits == 0 ? rest : rest / POWERS[digits];
    int size = 1;
    while (size < POWERS.length && whole >= POWERS[size]) size++;
    lowest(out, whole, size);
    if (digits == 0) return;
    out.unsigned('.');
    lowest(out, rest % POWERS[digits], digits);
  }

  private static void small(Output out, int value) {
    int size = value < 10_000 ? value < 100 ? value < 10 ? 1 : 2 : value < 1_000 ? 3 : 4 : 5;
    while (size < 10 && size > 4 && value >= POWERS[size]) size++;
    int at = out.take(size) + size;
    byte[] bytes = out.array();
    for (; value >= 100; value /= 100) Bytes.SHORT.set(bytes, at -= 2, PAIRS[value % 100]);
    if (value >= 10) Bytes.SHORT.set(bytes, at - 2, PAIRS[value]);
    else bytes[at - 1] = (byte) ('0' + value);
  }

  /** Its last digits, so many: leading zeros among them. */
  static void fixed(Output out, long value, int digits) {
    if (value >= 0) {
      lowest(out, value, digits);
      return;
    }
    String text = Long.toUnsignedString(value);
    out.append(latin1(text.substring(text.length() - digits)));
  }

  static void ipv4(Output out, long value) {
    int first = (int) (value >> 24) & 255, second = (int) (value >> 16) & 255, third = (int) (value >> 8) & 255, last = (int) value & 255;
    int at = out.take(OCTET_SIZES[first] + OCTET_SIZES[second] + OCTET_SIZES[third] + OCTET_SIZES[last] - 1);
    byte[] bytes = out.array();
    // Four bytes each, whatever their sizes: there is room for more behind what is taken.
    Bytes.INT.set(bytes, at, OCTETS[first]);
    Bytes.INT.set(bytes, at += OCTET_SIZES[first], OCTETS[second]);
    Bytes.INT.set(bytes, at += OCTET_SIZES[second], OCTETS[third]);
    Bytes.INT.set(bytes, at + OCTET_SIZES[third], OCTETS[last]);
  }

  /** The lowest digits of what is not negative. */
  static void lowest(Output out, long value, int digits) {
    int from = out.take(digits);
    byte[] bytes = out.array();
    for (int i = from + digits - 1; i >= from; i--, value /= 10) bytes[i] = (byte) ('0' + value % 10);
  }

  private static void smallest(Output out, int digits) {
    StringBuilder text = new StringBuilder(BigInteger.valueOf(Long.MIN_VALUE).toString());
    if (digits > 0) text.insert(text.length() - digits, '.');
    out.append(latin1(text.toString()));
  }

  private static Slice latin1(String text) {
    return Slice.of(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
