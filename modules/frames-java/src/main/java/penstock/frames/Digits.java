package penstock.frames;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/** Numbers as texts (docs/reference/frames.md, text codings 3 to 5). */
final class Digits {
  private static final int LONGEST = 20;

  private Digits() {}

  /** In decimal, with so many digits after the point. */
  static Slice decimal(long value, int digits) {
    if (digits > 0) return withPoint(value, digits);
    if (value < 0) return latin1(Long.toString(value));
    byte[] text = new byte[LONGEST];
    int from = LONGEST;
    for (long rest = value; from == LONGEST || rest > 0; rest /= 10) text[--from] = (byte) ('0' + rest % 10);
    return new Slice(text, from, LONGEST - from);
  }

  /** Its last digits, so many: leading zeros among them. */
  static Slice fixed(long value, int digits) {
    if (value < 0) {
      String text = Long.toUnsignedString(value);
      return latin1(text.substring(text.length() - digits));
    }
    byte[] text = new byte[digits];
    long rest = value;
    for (int i = digits - 1; i >= 0; i--, rest /= 10) text[i] = (byte) ('0' + rest % 10);
    return Slice.of(text);
  }

  static Slice ipv4(long value) {
    byte[] text = new byte[15];
    int size = 0;
    for (int shift = 24; shift >= 0; shift -= 8) {
      int part = (int) (value >> shift & 255);
      if (part > 99) text[size++] = (byte) ('0' + part / 100);
      if (part > 9) text[size++] = (byte) ('0' + part / 10 % 10);
      text[size++] = (byte) ('0' + part % 10);
      if (shift > 0) text[size++] = '.';
    }
    return new Slice(text, 0, size);
  }

  private static Slice withPoint(long value, int digits) {
    StringBuilder text = new StringBuilder(BigInteger.valueOf(value).abs().toString());
    while (text.length() <= digits) text.insert(0, '0');
    return latin1((value < 0 ? "-" : "") + text.insert(text.length() - digits, '.'));
  }

  private static Slice latin1(String text) {
    return Slice.of(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
