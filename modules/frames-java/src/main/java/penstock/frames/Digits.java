package penstock.frames;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/** Numbers as texts (docs/reference/frames.md, text codings 3 to 5). */
final class Digits {
  static final long[] POWERS = new long[19];
  /** 0 to 255 as text with a point behind it, the first character in the lowest byte. */
  private static final int[] OCTETS = new int[256];
  private static final int[] OCTET_SIZES = new int[256];
  /** 00 to ff, the first digit lower. */
  private static final short[] HEXADECIMAL = new short[256];
  /** For the text of a number: a sign, 19 digits, a point, a zero before it. */
  static final int PLACE = 32;
  private static final long EIGHT_DIGITS = 100_000_000, ZEROS = 0x3030303030303030L;

  static {
    POWERS[0] = 1;
    for (int i = 1; i < POWERS.length; i++) POWERS[i] = POWERS[i - 1] * 10;
    for (int i = 0; i < OCTETS.length; i++) {
      String text = i + ".";
      for (int c = text.length() - 1; c >= 0; c--) OCTETS[i] = OCTETS[i] << 8 | text.charAt(c);
      OCTET_SIZES[i] = text.length();
    }
    for (int i = 0; i < HEXADECIMAL.length; i++) HEXADECIMAL[i] = (short) (Character.forDigit(i & 15, 16) << 8 | Character.forDigit(i >> 4, 16));
  }

  private Digits() {}

  /** In decimal, with so many digits after the point. */
  static void decimal(Output out, long value, int digits) {
    int at = out.room(PLACE);
    out.take(decimal(out.array(), at, value, digits));
  }

  /** The same into an array, where {@link #PLACE} bytes may be overwritten. @return how many it takes */
  static int decimal(byte[] out, int at, long value, int digits) {
    if (digits == 0 && value >= 0 && value < EIGHT_DIGITS) {
      long text = eight(value);
      // The last digit stands whatever it is.
      int zeros = Long.numberOfTrailingZeros(text | 1L << 56) & ~7;
      Bytes.LONG.set(out, at, (text | ZEROS) >>> zeros);
      return 8 - (zeros >>> 3);
    }
    if (value == Long.MIN_VALUE) return smallest(out, at, digits);
    int to = at;
    if (value < 0) out[to++] = '-';
    long rest = Math.abs(value), whole = digits == 0 ? rest : rest / POWERS[digits];
    int size = 1;
    while (size < POWERS.length && whole >= POWERS[size]) size++;
    to += lowest(out, to, whole, size);
    if (digits == 0) return to - at;
    out[to++] = '.';
    return to + lowest(out, to, rest % POWERS[digits], digits) - at;
  }

  /** The eight digits of a number as bytes, the first the lowest: halves, their halves and the digits of those side by side. */
  private static long eight(long value) {
    long fours = value / 10_000 | value % 10_000 << 32;
    long hundreds = fours * 10_486 >>> 20 & 0x7f0000007fL;
    long twos = hundreds | fours - 100 * hundreds << 16;
    long tens = twos * 103 >>> 10 & 0xf000f000f000fL;
    return tens | twos - 10 * tens << 8;
  }

  /** Its last digits, so many: leading zeros among them. @return how many */
  static int fixed(byte[] out, int at, long value, int digits) {
    if (value >= 0) return lowest(out, at, value, digits);
    String text = Long.toUnsignedString(value);
    return latin1(out, at, text.substring(text.length() - digits));
  }

  /** @return how many bytes it takes: 16 may be overwritten */
  static int ipv4(byte[] out, int from, long value) {
    int first = (int) (value >> 24) & 255, second = (int) (value >> 16) & 255, third = (int) (value >> 8) & 255, last = (int) value & 255;
    int at = from;
    // Four bytes each, whatever their sizes.
    Bytes.INT.set(out, at, OCTETS[first]);
    Bytes.INT.set(out, at += OCTET_SIZES[first], OCTETS[second]);
    Bytes.INT.set(out, at += OCTET_SIZES[second], OCTETS[third]);
    Bytes.INT.set(out, at += OCTET_SIZES[third], OCTETS[last]);
    return at + OCTET_SIZES[last] - 1 - from;
  }

  /** The digits of packed bytes, from one up to another, two each, in lower case. */
  static void hexadecimal(Slice packed, long from, long to, byte[] out) {
    byte[] bytes = packed.bytes();
    int begin = packed.from() + (int) from, count = (int) (to - from);
    for (int i = 0; i < count; i++) Bytes.SHORT.set(out, 2 * i, HEXADECIMAL[bytes[begin + i] & 255]);
  }

  static void upperCase(byte[] digits, int from, int count) {
    for (int i = from; i < from + count; i++) if (digits[i] >= 'a') digits[i] -= 'a' - 'A';
  }

  /** The lowest digits of what is not negative. */
  static void lowest(Output out, long value, int digits) {
    int at = out.take(digits);
    lowest(out.array(), at, value, digits);
  }

  private static int lowest(byte[] out, int at, long value, int digits) {
    long rest = value;
    for (int i = at + digits - 1; i >= at; i--, rest /= 10) out[i] = (byte) ('0' + rest % 10);
    return digits;
  }

  private static int smallest(byte[] out, int at, int digits) {
    StringBuilder text = new StringBuilder(BigInteger.valueOf(Long.MIN_VALUE).toString());
    if (digits > 0) text.insert(text.length() - digits, '.');
    return latin1(out, at, text.toString());
  }

  private static int latin1(byte[] out, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(bytes, 0, out, at, bytes.length);
    return bytes.length;
  }
}
