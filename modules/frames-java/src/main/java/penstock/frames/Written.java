package penstock.frames;

import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/** What the original says in other words than the fields: times and structured data. */
final class Written {
  private static final byte[] MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec".getBytes(StandardCharsets.ISO_8859_1);
  private static final int ISO = 19, BSD = 15;
  private static final long NS_PER_SECOND = 1_000_000_000L;

  /** The second that was written last, in both forms: most events are of the same as the one before. */
  private long second;
  private byte[] iso, bsd;

  /** A piece that is no column's value, given the values of the event's slots. */
  void append(Output out, Shape.Piece piece, Slice[] texts, long[] numbers) {
    switch (piece.kind()) {
      case 0 -> out.append(piece.literal());
      case 2 -> {
        if (texts[piece.at()] != null) out.append(texts[piece.at()]);
        else Digits.decimal(out, numbers[piece.at()], 0);
      }
      case 5 -> structuredData(out, texts[piece.at()]);
      default -> time(out, numbers[piece.at()], piece);
    }
  }

  private void time(Output out, long ns, Shape.Piece form) {
    long utc = Math.floorDiv(ns, NS_PER_SECOND);
    if (iso == null || utc + form.offsetSeconds() != second) write(utc + form.offsetSeconds());
    if (form.kind() == 4) {
      out.append(bsd, 0, BSD);
      return;
    }
    out.append(iso, 0, ISO);
    if (form.digits() > 0) {
      out.unsigned('.');
      long fraction = ns - utc * NS_PER_SECOND;
      Digits.lowest(out, fraction / Digits.POWERS[9 - form.digits()], form.digits());
    }
    out.unsigned(form.zone());
    if (form.zone() == 'Z') return;
    int minutes = Math.abs(form.offsetSeconds()) / 60;
    Digits.lowest(out, minutes / 60 % 100, 2);
    out.unsigned(':');
    Digits.lowest(out, minutes % 60, 2);
  }

  private void write(long local) {
    LocalDateTime time = LocalDateTime.ofEpochSecond(local, 0, ZoneOffset.UTC);
    Output clock = new Output(8), text = new Output(ISO), other = new Output(BSD);
    Digits.lowest(clock, time.getHour(), 2);
    clock.unsigned(':');
    Digits.lowest(clock, time.getMinute(), 2);
    clock.unsigned(':');
    Digits.lowest(clock, time.getSecond(), 2);
    Digits.lowest(text, time.getYear(), 4);
    text.unsigned('-');
    Digits.lowest(text, time.getMonthValue(), 2);
    text.unsigned('-');
    Digits.lowest(text, time.getDayOfMonth(), 2);
    text.unsigned('T');
    text.append(clock.since(0));
    other.append(new Slice(MONTHS, 3 * (time.getMonthValue() - 1), 3));
    other.unsigned(' ');
    if (time.getDayOfMonth() < 10) other.unsigned(' ');
    Digits.lowest(other, time.getDayOfMonth(), time.getDayOfMonth() < 10 ? 1 : 2);
    other.unsigned(' ');
    other.append(clock.since(0));
    second = local;
    iso = text.copy();
    bsd = other.copy();
  }

  /** {"id":{"name":"value",…},…} → [id name="value" …]…, byte by byte. */
  private static void structuredData(Output out, Slice json) {
    int from = out.room(json.size());
    out.take(new Elements(json, out.array(), from).read() - from);
  }

  private static final class Elements {
    private static final long ONES = 0x0101010101010101L, HIGHS = ONES << 7, QUOTES = ONES * '"';

    private final byte[] json;
    private final int end;
    private final byte[] out;
    private int at, written;

    /** @param out with room for as many bytes as JSON has, written so it is never longer, and for {@link Output#SHORT} more */
    Elements(Slice json, byte[] out, int from) {
      this.json = json.bytes();
      this.out = out;
      at = json.from();
      end = at + json.size();
      written = from;
    }

    /** @return where it ends */
    int read() {
      expect('{');
      do {
        out[written++] = '[';
        quoted();
        expect(':');
        expect('{');
        if (!take('}')) parameters();
        out[written++] = ']';
      } while (take(','));
      expect('}');
      if (at != end) throw none();
      return written;
    }

    private void parameters() {
      do {
        out[written++] = ' ';
        quoted();
        expect(':');
        out[written++] = '=';
        out[written++] = '"';
        quoted();
        out[written++] = '"';
      } while (take(','));
      expect('}');
    }

    private boolean take(char wanted) {
      if (at >= end || json[at] != wanted) return false;
      at++;
      return true;
    }

    private void expect(char wanted) {
      if (!take(wanted)) throw none();
    }

    /** Eight bytes at a time, as long as there are so many. */
    private void quoted() {
      expect('"');
      for (; at + 8 <= end; at += 8, written += 8) {
        long word = (long) Bytes.LONG.get(json, at), other = word ^ QUOTES, quotes = other - ONES & ~other & HIGHS;
        Bytes.LONG.set(out, written, word);
        if (quotes == 0) continue;
        int size = Long.numberOfTrailingZeros(quotes) >>> 3;
        at += size + 1;
        written += size;
        return;
      }
      while (at < end && json[at] != '"') out[written++] = json[at++];
      expect('"');
    }

    private static FrameException none() {
      return new FrameException("structured data that is none");
    }
  }
}
