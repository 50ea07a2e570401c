package penstock.frames;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/** Numbers as texts (docs/reference/frames.md, text codings 3 to 5). */
final class Digits {
  private static final long[] POWERS = new long[19];
  /** 0 to 255 as text. */
  private static final byte[][] OCTETS = new byte[256][];

  static {
    POWERS[0] = 1;
    for (int i = 1; i < POWERS.length; i++) POWERS[i] = POWERS[i - 1] * 10;
    for (int i = 0; i < OCTETS.length; i++) OCTETS[i] = Integer.toString(i).getBytes(StandardCharsets.ISO_8859_1);
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
    int size = 1;
    for (long most = 10; value >= most; most *= 10) size++;
    int from = out.take(size);
    byte[] bytes = out.array();
    for (int i = from + size - 1, rest = value; i >= from; i--, rest /= 10) bytes[i] = (byte) ('0' + rest % 10);
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
    for (int shift = 24; shift >= 0; shift -= 8) {
      byte[] text = OCTETS[(int) (value >> shift & 255)];
      int at = out.take(text.length + (shift > 0 ? 1 : 0));
      byte[] bytes = out.array();
      for (byte digit : text) bytes[at++] = digit;
      if (shift > 0) bytes[at] = '.';
    }
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
