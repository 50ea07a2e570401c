package penstock.frames;

import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/** What the original says in other words than the fields: times and structured data. */
final class Written {
  private static final String[] MONTHS = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  private static final long NS_PER_SECOND = 1_000_000_000L;

  private Written() {}

  static Slice time(long ns, Shape.Piece form) {
    int fraction = (int) Math.floorMod(ns, NS_PER_SECOND);
    LocalDateTime local = LocalDateTime.ofEpochSecond(Math.floorDiv(ns, NS_PER_SECOND) + form.offsetSeconds(), 0, ZoneOffset.UTC);
    StringBuilder text = new StringBuilder(40);
    if (form.kind() == 4) {
      text.append(MONTHS[local.getMonthValue() - 1]).append(local.getDayOfMonth() < 10 ? "  " : " ").append(local.getDayOfMonth()).append(' ');
      clock(text, local);
      return latin1(text);
    }
    digits(text, local.getYear(), 4).append('-');
    digits(text, local.getMonthValue(), 2).append('-');
    digits(text, local.getDayOfMonth(), 2).append('T');
    clock(text, local);
    if (form.digits() > 0) {
      text.append('.');
      int from = text.length();
      digits(text, fraction, 9).setLength(from + form.digits());
    }
    text.append(form.zone());
    if (form.zone() != 'Z') {
      int minutes = Math.abs(form.offsetSeconds()) / 60;
      digits(text, minutes / 60, 2).append(':');
      digits(text, minutes % 60, 2);
    }
    return latin1(text);
  }

  private static void clock(StringBuilder text, LocalDateTime local) {
    digits(text, local.getHour(), 2).append(':');
    digits(text, local.getMinute(), 2).append(':');
    digits(text, local.getSecond(), 2);
  }

  private static StringBuilder digits(StringBuilder text, int value, int digits) {
    int divisor = 1;
    for (int i = 1; i < digits; i++) divisor *= 10;
    for (; divisor > 0; divisor /= 10) text.append((char) ('0' + value / divisor % 10));
    return text;
  }

  private static Slice latin1(CharSequence text) {
    return Slice.of(text.toString().getBytes(StandardCharsets.ISO_8859_1));
  }

  /** {"id":{"name":"value",…},…} → [id name="value" …]…, byte by byte. */
  static Slice structuredData(Slice json) {
    return new StructuredData(new String(json.bytes(), json.from(), json.size(), StandardCharsets.ISO_8859_1)).read();
  }

  private static final class StructuredData {
    private final String json;
    private final StringBuilder out = new StringBuilder();
    private int at;

    StructuredData(String json) {
      this.json = json;
    }

    Slice read() {
      expect("{");
      do {
        out.append('[');
        quoted();
        expect(":{");
        while (!take("}")) {
          out.append(' ');
          quoted();
          expect(":");
          out.append("=\"");
          quoted();
          out.append('"');
          if (!take(",")) {
            expect("}");
            break;
          }
          if (!json.startsWith("\"", at)) throw none();
        }
        out.append(']');
      } while (take(","));
      expect("}");
      if (at != json.length()) throw none();
      return latin1(out);
    }

    private boolean take(String text) {
      if (!json.startsWith(text, at)) return false;
      at += text.length();
      return true;
    }

    private void expect(String text) {
      if (!take(text)) throw none();
    }

    private void quoted() {
      expect("\"");
      int end = json.indexOf('"', at);
      if (end < 0) throw none();
      out.append(json, at, end);
      at = end + 1;
    }

    private static FrameException none() {
      return new FrameException("structured data that is none");
    }
  }
}
