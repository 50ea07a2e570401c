package penstock.frames;

import java.util.ArrayList;
import java.util.List;

/** Which fields an event has, in the order of its LogEvent, and where they stand in its original. */
record Shape(List<Slot> slots, List<Piece> pieces) {
  enum ColumnType { TEXT, NUMBER, ID }

  /** {@code column} −1: the value is {@code count} pieces from {@code first} on. */
  record Slot(int number, int kind, Slice name, int column, int first, int count) {
    boolean isText() {
      return kind == 0 || kind == 4 || kind == 9 || kind == 10;
    }

    boolean isAttribute() {
      return kind >= 4 && kind <= 9;
    }

    boolean isEvent() {
      return kind == 10;
    }

    /** Else it has to be read of its LogEvent: a whole event, an entry of attributes as bytes, spans. */
    boolean isOneValue() {
      return isAttribute() || (!isEvent() && number != LogEventBytes.ATTRS && number != LogEventBytes.SPANS);
    }
  }

  /** kind 0: a literal; 1: a column's next value; 2: a slot's value; 3, 4: its time; 5: its structured data. */
  record Piece(int kind, Slice literal, int at, int digits, char zone, int offsetSeconds) {}

  static final int FIXED64 = 2;

  static Shape read(Sections sections, List<ColumnType> columns) {
    Bytes head = sections.head;
    List<Slot> slots = new ArrayList<>();
    for (int left = head.varintInt(head.left()); left > 0; left--) slots.add(slot(head, columns));
    if (slots.isEmpty()) throw new FrameException("a shape without fields");
    List<Piece> pieces = new ArrayList<>();
    for (int left = head.varintInt(2 * slots.size() + 1); left > 0; left--) pieces.add(piece(head, columns, slots));
    for (Slot slot : slots)
      if (slot.column() < 0 && slot.first() + slot.count() > pieces.size()) throw new FrameException("a field of no pieces");
    if (slots.stream().filter(Shape::hasOriginal).count() > 1) throw new FrameException("an event of two originals");
    return new Shape(slots, pieces);
  }

  private static boolean hasOriginal(Slot slot) {
    return slot.isEvent() || (slot.number() == LogEventBytes.ORIGINAL && slot.isText());
  }

  private static Slot slot(Bytes head, List<ColumnType> columns) {
    int number = head.varintInt((1 << 29) - 1), kind = head.unsigned(10);
    Slot known = new Slot(number, kind, null, 0, 0, 0);
    if ((number == 0) != known.isEvent()) throw new FrameException("a field of no number");
    if (known.isAttribute() && number != 15) throw new FrameException("an attribute that is none");
    Slice name = known.isAttribute() ? head.text() : null;
    if (head.unsigned(1) == 1) {
      if (!known.isText() || known.isEvent()) throw new FrameException("pieces of what is no text");
      return new Slot(number, kind, name, -1, head.varintInt(65_535), head.varintInt(65_535));
    }
    int column = head.varintInt(columns.size() - 1);
    ColumnType type = columns.get(column);
    if (known.isText() ? type == ColumnType.NUMBER || (type == ColumnType.ID && kind != 0) : type != ColumnType.NUMBER)
      throw new FrameException("a field has a column of another type");
    return new Slot(number, kind, name, column, 0, 0);
  }

  private static Piece piece(Bytes head, List<ColumnType> columns, List<Slot> slots) {
    int kind = head.unsigned(5);
    if (kind == 0) return new Piece(kind, head.text(), 0, 0, ' ', 0);
    int at = head.varintInt(Integer.MAX_VALUE);
    if (kind == 1) {
      if (at >= columns.size() || columns.get(at) != ColumnType.TEXT) throw new FrameException("a piece of no text");
      return new Piece(kind, null, at, 0, ' ', 0);
    }
    if (at >= slots.size() || slots.get(at).column() < 0) throw new FrameException("a piece of no field");
    Slot slot = slots.get(at);
    boolean text = slot.isText() && columns.get(slot.column()) == ColumnType.TEXT;
    if (kind == 2 || kind == 5) {
      boolean number = kind == 2 && (slot.kind() == 1 || slot.kind() == 5);
      if (!text && !number) throw new FrameException("a piece of no text");
      return new Piece(kind, null, at, 0, ' ', 0);
    }
    if (slot.kind() != FIXED64) throw new FrameException("a time of no number");
    int digits = kind == 3 ? head.unsigned(9) : 0;
    char zone = kind == 3 ? (char) head.unsigned(255) : ' ';
    if (kind == 3 && zone != 'Z' && zone != '+' && zone != '-') throw new FrameException("a time of no zone");
    long offset = head.zigzag();
    if (offset < -100_000 || offset > 100_000) throw new FrameException("a time of no zone");
    return new Piece(kind, null, at, digits, zone, (int) offset);
  }
}
