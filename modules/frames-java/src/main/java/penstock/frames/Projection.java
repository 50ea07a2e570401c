package penstock.frames;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Reads the fields that are wanted, and of the columns only those that hold them. */
final class Projection {
  /** Where a slot's value goes. */
  private record Target(int slot, Field field, Field.Type type) {}

  private final Sections sections;
  private final List<Frame.Column> columns;
  private final Fields fields;
  private final Plan[] plans;
  private final Output room;
  private final Written written = new Written();
  private long bytes;

  Projection(Sections sections, List<Frame.Column> columns, List<Shape> shapes, Fields fields) {
    this.sections = sections;
    this.columns = columns;
    this.fields = fields;
    room = new Output(sections.eventBytesMax);
    plans = new Plan[shapes.size()];
    // A column that only some shapes need is read for all of them: its values follow each other.
    BitSet needed = new BitSet();
    for (int s = 0; s < plans.length; s++) (plans[s] = new Plan(shapes.get(s))).need(needed);
    for (Plan plan : plans) plan.choose(needed);
  }

  void read(int[] events) {
    for (int event = 0; event < events.length; event++) plans[events[event]].next(event);
    fields.ended();
  }

  /** What a value, or an event that travels whole, takes in a LogEvent at least: so that what is kept is bounded as the events are. */
  private void charge(long more) {
    bytes += more;
    if (bytes > sections.decodedBytes) throw new FrameException("its events are larger than its header says");
  }

  /** How the events of one shape are read. */
  private final class Plan {
    private final Shape.Slot[] slots;
    private final Shape.Piece[] pieces;
    private final Target[] targets;
    private final List<Integer> whole = new ArrayList<>();
    private int[] readSlots, readPieces, composed;
    private final Slice[] texts, pieceTexts;
    private final long[] numbers;

    Plan(Shape shape) {
      slots = shape.slots().toArray(new Shape.Slot[0]);
      pieces = shape.pieces().toArray(new Shape.Piece[0]);
      texts = new Slice[slots.length];
      numbers = new long[slots.length];
      pieceTexts = new Slice[pieces.length];
      List<Target> found = new ArrayList<>();
      for (Fields.Wanted wanted : fields.wanted()) {
        int before = found.size();
        EcsField known = wanted.known();
        for (int i = 0; known != null && i < slots.length; i++)
          if (slots[i].number() == known.number() && slots[i].kind() == known.slotKind()) found.add(new Target(i, wanted.field(), known.type()));
        if (found.size() > before) continue;
        byte[] name = wanted.name().getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < slots.length; i++)
          if (slots[i].isAttribute() && slots[i].name().is(name)) found.add(new Target(i, wanted.field(), attributeType(slots[i].kind())));
      }
      for (int i = 0; i < slots.length; i++) if (slots[i].isEvent()) whole.add(i);
      targets = found.toArray(new Target[0]);
    }

    /** Adds the columns that the wanted fields are made of. */
    void need(BitSet needed) {
      for (int i : whole) needed.set(slots[i].column());
      for (Target target : targets) {
        Shape.Slot slot = slots[target.slot()];
        if (slot.column() >= 0) needed.set(slot.column());
        else
          for (int p = slot.first(); p < slot.first() + slot.count(); p++) {
            if (pieces[p].kind() == 1) needed.set(pieces[p].at());
            else if (pieces[p].kind() != 0) needed.set(slots[pieces[p].at()].column());
          }
      }
    }

    void choose(BitSet needed) {
      List<Integer> read = new ArrayList<>(), parts = new ArrayList<>(), make = new ArrayList<>();
      for (int i = 0; i < slots.length; i++) if (slots[i].column() >= 0 && needed.get(slots[i].column())) read.add(i);
      for (int p = 0; p < pieces.length; p++) if (pieces[p].kind() == 1 && needed.get(pieces[p].at())) parts.add(p);
      for (Target target : targets) if (slots[target.slot()].column() < 0) make.add(target.slot());
      readSlots = ints(read);
      readPieces = ints(parts);
      composed = ints(make);
    }

    void next(int event) {
      for (int i : readSlots) {
        Frame.Column column = columns.get(slots[i].column());
        if (column.numbers() != null) numbers[i] = column.numbers().next();
        else texts[i] = column.text();
      }
      for (int p : readPieces) pieceTexts[p] = columns.get(pieces[p].at()).text();
      for (int i : composed) texts[i] = compose(slots[i]);
      for (int i : whole) {
        int left = (int) Math.min(sections.eventBytesMax, sections.decodedBytes - bytes);
        charge(EventFields.read(texts[i], left, event, fields).size());
      }
      for (Target target : targets) {
        Slice text = texts[target.slot()];
        charge(text == null ? 2 : 2 + text.size());
        long number = numbers[target.slot()];
        target.field().put(event, target.type(), text, target.type() == Field.Type.BOOLEAN && number != 0 ? 1 : number);
      }
    }

    private Slice compose(Shape.Slot slot) {
      if (slot.count() == 1 && pieces[slot.first()].kind() <= 1) {
        Shape.Piece only = pieces[slot.first()];
        return only.kind() == 1 ? pieceTexts[slot.first()] : only.literal();
      }
      room.clear();
      for (int p = slot.first(); p < slot.first() + slot.count(); p++) {
        if (pieces[p].kind() == 1) room.append(pieceTexts[p]);
        else written.append(room, pieces[p], texts, numbers);
      }
      return room.copied();
    }
  }

  private static int[] ints(List<Integer> list) {
    return list.stream().mapToInt(Integer::intValue).toArray();
  }

  static Field.Type attributeType(int kind) {
    return switch (kind) {
      case 4 -> Field.Type.TEXT;
      case 5 -> Field.Type.INTEGER;
      case 6 -> Field.Type.DOUBLE;
      case 7 -> Field.Type.BOOLEAN;
      case 8 -> Field.Type.NULL;
      default -> Field.Type.JSON;
    };
  }
}
