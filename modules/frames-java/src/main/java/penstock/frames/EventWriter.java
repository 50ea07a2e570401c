package penstock.frames;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes the events of one shape. What is the same in all of them stands ready, as bytes before each part that is not. */
final class EventWriter {
  /** Longer texts are copied from where they stand, so that what stands ready is bounded by the frame. */
  private static final int CONSTANT_MAX = 32;

  /** Where events are put together, one after the other. */
  static final class Rooms {
    final Output event, original, values;
    final Written written = new Written();

    Rooms(int eventBytesMax) {
      event = new Output(eventBytesMax);
      original = new Output(eventBytesMax);
      // Each value is in the event or in its original, once or (structured data) twice.
      values = new Output(4L * eventBytesMax + 64);
    }
  }

  /** A piece of the original, null for none, and the bytes before it. */
  private record Part(Slice before, Shape.Piece piece) {}

  /** A slot, null for none, and the bytes before it; of one that is a part of the original: from the begin of which part to that of which. */
  record Made(Slice before, Shape.Slot slot, int place, int first, int last) {}

  private final List<Frame.Column> columns;
  private final Rooms rooms;
  private final Shape shape;
  private final int[] reads;
  private final Frame.Column[] readColumns;
  /** Whether an event has no other value of the same column, so that it stays until the next event is read. */
  private final boolean[] readOnce;
  private final Part[] parts;
  private final Made[] fields;
  private final int[] begins;
  private final Slice[] texts;
  private final long[] numbers;

  EventWriter(Shape shape, List<Frame.Column> columns, Rooms rooms) {
    this.shape = shape;
    this.columns = columns;
    this.rooms = rooms;
    int slots = shape.slots().size();
    texts = new Slice[slots];
    numbers = new long[slots];
    boolean[] wanted = new boolean[slots];
    List<Part> foundParts = new ArrayList<>();
    int[] partOf = parts(foundParts, wanted);
    parts = foundParts.toArray(new Part[0]);
    begins = new int[parts.length + 1];
    fields = fields(partOf, wanted).toArray(new Made[0]);
    int[] read = new int[slots];
    int count = 0;
    for (int i = 0; i < slots; i++) if (wanted[i]) read[count++] = i;
    reads = Arrays.copyOf(read, count);
    readColumns = new Frame.Column[count];
    readOnce = new boolean[count];
    int[] uses = new int[columns.size()];
    for (Shape.Slot slot : shape.slots()) if (slot.column() >= 0) uses[slot.column()]++;
    for (Shape.Piece piece : shape.pieces()) if (piece.kind() == 1) uses[piece.at()]++;
    for (int r = 0; r < count; r++) {
      int column = shape.slots().get(reads[r]).column();
      readColumns[r] = columns.get(column);
      readOnce[r] = uses[column] == 1;
    }
  }

  /** The next event, in {@code rooms.event}; its original, null when it has none. */
  Slice next() {
    read();
    Output out = rooms.event;
    out.clear();
    Slice kept = null;
    for (Made field : fields) {
      out.append(field.before());
      Shape.Slot slot = field.slot();
      if (slot == null) break;
      Slice text = text(field);
      if (slot.isAttribute() || slot.isEvent()) LogEventBytes.write(out, slot, text, numbers[field.place()]);
      else LogEventBytes.writeValue(out, slot, text, numbers[field.place()]);
      if (slot.isEvent()) kept = LogEventBytes.originalOf(text);
      else if (slot.number() == LogEventBytes.ORIGINAL) kept = text;
    }
    return kept;
  }

  /** Reads the values of the next event, for {@link #text} and {@link #number}. */
  void read() {
    rooms.values.clear();
    for (int r = 0; r < reads.length; r++) {
      Frame.Column column = readColumns[r];
      if (column.numbers() != null) numbers[reads[r]] = column.numbers().next();
      else texts[reads[r]] = readOnce[r] ? column.found() : column.text(rooms.values);
    }
    compose();
  }

  /** What of an event stands ready, and what is between; of the last one there may be nothing but what stands ready. */
  Made[] fields() {
    return fields;
  }

  /** null: it is no text. Valid until the next event is read. */
  Slice text(Made field) {
    return field.slot().column() >= 0 ? texts[field.place()] : part(begins[field.first()], begins[field.last()]);
  }

  long number(Made field) {
    return numbers[field.place()];
  }

  private void compose() {
    Output original = rooms.original;
    original.clear();
    for (int p = 0; p < parts.length; p++) {
      begins[p] = original.size();
      original.append(parts[p].before());
      Shape.Piece piece = parts[p].piece();
      if (piece == null) continue;
      if (piece.kind() == 1) columns.get(piece.at()).append(original);
      else rooms.written.append(original, piece, texts, numbers);
    }
    begins[parts.length] = original.size();
  }

  private Slice part(int from, int to) {
    return new Slice(rooms.original.array(), from, to - from);
  }

  /** The parts of the original; marks the slots whose values it needs. @return which part begins where a piece does that a slot begins or ends with */
  private int[] parts(List<Part> found, boolean[] wanted) {
    List<Shape.Piece> pieces = shape.pieces();
    boolean[] bound = new boolean[pieces.size() + 1];
    for (Shape.Slot slot : shape.slots()) if (slot.column() < 0) bound[slot.first()] = bound[slot.first() + slot.count()] = true;
    int[] partOf = new int[bound.length];
    Output before = new Output(Integer.MAX_VALUE);
    for (int p = 0; p < pieces.size(); p++) {
      if (bound[p] && before.size() > 0) found.add(new Part(before.taken(), null));
      partOf[p] = found.size();
      Shape.Piece piece = pieces.get(p);
      if (constant(piece, before)) continue;
      if (piece.kind() != 1) wanted[piece.at()] = true;
      found.add(new Part(before.taken(), piece));
    }
    if (before.size() > 0) found.add(new Part(before.taken(), null));
    partOf[pieces.size()] = found.size();
    return partOf;
  }

  /** Appends a piece that is the same in all events' originals. */
  private boolean constant(Shape.Piece piece, Output to) {
    if (piece.kind() == 0) {
      to.append(piece.literal());
      return true;
    }
    if (piece.kind() > 2) return false;
    int column = piece.kind() == 1 ? piece.at() : shape.slots().get(piece.at()).column();
    Slice text = constantText(columns.get(column));
    Long number = constantNumber(columns.get(column));
    if (text != null) to.append(text);
    else if (number != null) Digits.decimal(to, number, 0);
    return text != null || number != null;
  }

  private List<Made> fields(int[] partOf, boolean[] wanted) {
    List<Made> found = new ArrayList<>();
    Output before = new Output(Integer.MAX_VALUE);
    for (int i = 0; i < shape.slots().size(); i++) {
      Shape.Slot slot = shape.slots().get(i);
      boolean ofColumn = slot.column() >= 0;
      if (ofColumn && !slot.isEvent() && slot.number() != LogEventBytes.ORIGINAL) {
        Slice text = constantText(columns.get(slot.column()));
        Long number = constantNumber(columns.get(slot.column()));
        if (text != null || number != null) {
          LogEventBytes.write(before, slot, text, number == null ? 0 : number);
          continue;
        }
      }
      if (!slot.isEvent() && !slot.isAttribute()) LogEventBytes.writeTag(before, slot);
      wanted[i] |= ofColumn;
      found.add(new Made(before.taken(), slot, i, ofColumn ? 0 : partOf[slot.first()], ofColumn ? 0 : partOf[slot.first() + slot.count()]));
    }
    if (before.size() > 0) found.add(new Made(before.taken(), null, 0, 0, 0));
    return found;
  }

  static Slice constantText(Frame.Column column) {
    Slice text = column.texts() == null ? null : column.texts().always;
    return text != null && text.size() <= CONSTANT_MAX ? text : null;
  }

  static Long constantNumber(Frame.Column column) {
    return column.numbers() == null ? null : column.numbers().always;
  }
}
