package penstock.frames;

import java.util.ArrayList;
import java.util.List;

/** Gives the events of one shape with their values, without their LogEvents being written. */
final class EventReader {
  /** A value that is not the same in all events: of which slot, and at which place; {@code strings} null: it is made anew each time. */
  private record Value(EventWriter.Made field, int place, Event.Name name, Strings strings) {}

  private final EventWriter writer;
  private final int eventBytesMax;
  private final Event.Name[] names;
  /** With what is the same in all. */
  private final Object[] texts;
  private final long[] numbers;
  private final Value[] values;
  /** Of what is the same in all, and of the tags. */
  private final long constantBytes;
  /** Of the event given last: what its LogEvent takes; its original, null when it has none. */
  int bytes;
  Slice original;

  /** @param shape has slots that are one value each */
  EventReader(Shape shape, List<Frame.Column> columns, EventWriter writer, int eventBytesMax) {
    this.writer = writer;
    this.eventBytesMax = eventBytesMax;
    EventWriter.Made[] varying = new EventWriter.Made[shape.slots().size()];
    long bytesBetween = 0;
    for (EventWriter.Made field : writer.fields()) {
      bytesBetween += field.before().size();
      if (field.slot() != null) varying[field.place()] = field;
    }
    constantBytes = bytesBetween;
    List<Event.Name> found = new ArrayList<>();
    List<Object> constantTexts = new ArrayList<>();
    List<Long> constantNumbers = new ArrayList<>();
    List<Value> others = new ArrayList<>();
    for (int i = 0; i < varying.length; i++) {
      Shape.Slot slot = shape.slots().get(i);
      Event.Name name = name(slot);
      if (varying[i] != null) others.add(new Value(varying[i], name == null ? -1 : found.size(), name, strings(slot, columns)));
      if (name == null) continue;
      Slice text = varying[i] == null && slot.isText() ? EventWriter.constantText(columns.get(slot.column())) : null;
      Long number = varying[i] == null && !slot.isText() ? EventWriter.constantNumber(columns.get(slot.column())) : null;
      found.add(name);
      constantTexts.add(text == null ? null : EventParser.text(name.type(), text));
      constantNumbers.add(number == null ? 0 : number(name, slot, number));
    }
    names = found.toArray(new Event.Name[0]);
    texts = constantTexts.toArray();
    numbers = constantNumbers.stream().mapToLong(Long::longValue).toArray();
    values = others.toArray(new Value[0]);
  }

  Event next() {
    writer.read();
    original = null;
    Object[] ownTexts = texts.clone();
    long[] ownNumbers = numbers.clone();
    long size = constantBytes;
    for (Value value : values) {
      EventWriter.Made field = value.field;
      Shape.Slot slot = field.slot();
      Slice text = writer.text(field);
      size += LogEventBytes.size(slot, text, writer.number(field));
      if (size > eventBytesMax) throw new FrameException("an event is larger than its header says");
      if (slot.number() == LogEventBytes.ORIGINAL && slot.kind() == 0) original = text;
      if (value.name == null) continue;
      if (!slot.isText()) ownNumbers[value.place] = number(value.name, slot, writer.number(field));
      else ownTexts[value.place] = value.strings == null ? EventParser.text(value.name.type(), text) : value.strings.of(text);
    }
    if (size > eventBytesMax) throw new FrameException("an event is larger than its header says");
    bytes = (int) size;
    return new Event(names, ownTexts, ownNumbers);
  }

  /** null: passed over. */
  private static Event.Name name(Shape.Slot slot) {
    if (!slot.isAttribute()) return EventParser.known(slot.number(), slot.isText() ? 2 : slot.kind() == Shape.FIXED64 ? 1 : 0);
    return new Event.Name((String) EventParser.text(Field.Type.TEXT, slot.name()), true, Projection.attributeType(slot.kind()));
  }

  private static long number(Event.Name name, Shape.Slot slot, long number) {
    if (slot.kind() == 8) return 0;
    return (slot.kind() == 3 || name.type() == Field.Type.BOOLEAN) && number != 0 ? 1 : number;
  }

  private static Strings strings(Shape.Slot slot, List<Frame.Column> columns) {
    if (slot.column() < 0 || slot.number() == LogEventBytes.ORIGINAL) return null;
    Texts texts = columns.get(slot.column()).texts();
    return texts != null && texts.repeat() ? new Strings() : null;
  }
}
