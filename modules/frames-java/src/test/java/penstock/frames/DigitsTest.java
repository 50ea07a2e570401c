package penstock.frames;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DigitsTest {
  @Test
  void writesNumbersOfEverySize() {
    for (long power = 1; power > 0 && power <= Long.MAX_VALUE / 10; power *= 10)
      for (long value : new long[] {power - 1, power, power + 1, 7 * power, -power, 1 - power})
        for (int digits : new int[] {0, 1, 3, 9}) assertEquals(expected(value, digits), decimal(value, digits));
    for (long value : new long[] {Long.MIN_VALUE, Long.MIN_VALUE + 1, Long.MAX_VALUE})
      for (int digits : new int[] {0, 1, 9}) assertEquals(expected(value, digits), decimal(value, digits));
  }

  @Test
  void writesSmallNumbersAsTheyAre() {
    for (long value = 0; value < 100_000_000; value += value < 200_000 ? 1 : 997) assertEquals(Long.toString(value), decimal(value, 0));
  }

  @Test
  void writesBytesInHexadecimal() {
    byte[] all = new byte[256], out = new byte[512];
    for (int i = 0; i < all.length; i++) all[i] = (byte) i;
    Digits.hexadecimal(Slice.of(all), 0, all.length, out);
    for (int i = 0; i < all.length; i++) assertEquals(String.format("%02x", i), text(out, 2 * i, 2));
    Digits.upperCase(out, 256, 256);
    assertEquals("7f8081", text(out, 254, 6));
    for (int i = 128; i < all.length; i++) assertEquals(String.format("%02X", i), text(out, 2 * i, 2));
  }

  private static String expected(long value, int digits) {
    return new BigDecimal(BigInteger.valueOf(value), digits).toPlainString();
  }

  private static String decimal(long value, int digits) {
    byte[] out = new byte[3 + Digits.PLACE];
    return text(out, 3, Digits.decimal(out, 3, value, digits));
  }

  private static String text(byte[] bytes, int from, int size) {
    return new String(bytes, from, size, StandardCharsets.ISO_8859_1);
  }
}
