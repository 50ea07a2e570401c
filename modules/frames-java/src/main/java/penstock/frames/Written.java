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
      out.append(bsd);
      return;
    }
    out.append(iso);
    if (form.digits() > 0) {
      out.unsigned('.');
      long fraction = ns - utc * NS_PER_SECOND;
      for (int i = form.digits(); i < 9; i++) fraction /= 10;
      Digits.lowest(out, fraction, form.digits());
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
    new Elements(json, out).read();
  }

  private static final class Elements {
    private final byte[] json;
    private final int end;
    private final Output out;
    private int at;

    Elements(Slice json, Output out) {
      this.json = json.bytes();
      this.out = out;
      at = json.from();
      end = at + json.size();
    }

    void read() {
      expect('{');
      do {
        out.unsigned('[');
        quoted();
        expect(':');
        expect('{');
        if (!take('}')) parameters();
        out.unsigned(']');
      } while (take(','));
      expect('}');
      if (at != end) throw none();
    }

    private void parameters() {
      do {
        out.unsigned(' ');
        quoted();
        expect(':');
        out.unsigned('=');
        out.unsigned('"');
        quoted();
        out.unsigned('"');
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

    private void quoted() {
      expect('"');
      int from = at;
      while (at < end && json[at] != '"') at++;
      int place = out.take(at - from);
      System.arraycopy(json, from, out.array(), place, at - from);
      expect('"');
    }

    private static FrameException none() {
      return new FrameException("structured data that is none");
    }
  }
}
