package penstock.frames;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Takes a LogEvent apart (schema/README.md), all of it. What ECS does not know by its number, or as something else, is passed over, as every reader of protobuf does. */
final class EventParser {
  private static final int ATTRS = 15;
  private static final Slice NO_VALUE = Slice.of(new byte[0]);
  private static final long TAG_MAX = 0xffffffffL;
  /** By number; null: not of ECS. */
  private static final Known[] KNOWN;

  /** A field of ECS, and the wire type that it has. */
  record Known(Event.Name name, int wire) {}

  static {
    int most = EcsField.all().values().stream().mapToInt(EcsField::number).max().orElseThrow();
    KNOWN = new Known[most + 1];
    EcsField.all().forEach((name, field) -> KNOWN[field.number()] = new Known(new Event.Name(name, false, field.type()), field.wire()));
  }

  private Event.Name[] names = new Event.Name[32];
  private Object[] texts = new Object[32];
  private long[] numbers = new long[32];
  private int size;

  private EventParser() {}

  /** @param bytesMax of the event with every field written out. @throws FrameException */
  static Event parse(byte[] event, int bytesMax) {
    EventParser parser = new EventParser();
    try {
      parser.read(Compact.expand(event, bytesMax));
    } catch (IndexOutOfBoundsException error) {
      throw new FrameException("an event that is no LogEvent");
    }
    return new Event(Arrays.copyOf(parser.names, parser.size), Arrays.copyOf(parser.texts, parser.size), Arrays.copyOf(parser.numbers, parser.size));
  }

  /** null: not of ECS, or of another wire type. */
  static Event.Name known(int number, int wire) {
    Known known = number < KNOWN.length ? KNOWN[number] : null;
    return known == null || known.wire != wire ? null : known.name;
  }

  /** A value as an event has it. */
  static Object text(Field.Type type, Slice text) {
    if (type == Field.Type.BYTES) return text.copied().bytes();
    return new String(text.bytes(), text.from(), text.size(), StandardCharsets.UTF_8);
  }

  private void read(byte[] event) {
    Bytes in = new Bytes(Slice.of(event));
    while (in.left() > 0) {
      long tag = in.varint(TAG_MAX);
      int wire = (int) (tag & 7), number = (int) (tag >>> 3);
      long value = wire == 0 ? in.varint() : wire == 1 ? in.fixed64() : 0;
      Slice text = wire == 2 ? in.text() : null;
      if (wire == 5) in.slice(4);
      else if (wire > 2) throw new FrameException("an event that is no LogEvent");
      if (number == ATTRS && text != null) {
        attribute(new Bytes(text));
        continue;
      }
      Event.Name name = known(number, wire);
      if (name != null) add(name, text, name.type() == Field.Type.BOOLEAN && value != 0 ? 1 : value);
    }
  }

  /** {1: name, 2: {1 string, 2 int, 3 double, 4 bool, 5 null, 6 JSON}}. */
  private void attribute(Bytes in) {
    Slice name = null, value = null;
    while (in.left() > 0) {
      long tag = in.varint(TAG_MAX);
      if (tag == 10) name = in.text();
      else if (tag == 18) value = in.text();
      else in.skip((int) (tag & 7));
    }
    String text = name == null ? "" : (String) text(Field.Type.TEXT, name);
    AttributeValue read = new AttributeValue(new Bytes(value == null ? NO_VALUE : value));
    add(new Event.Name(text, true, read.type()), read.text(), read.number());
  }

  private void add(Event.Name name, Slice text, long number) {
    if (size == names.length) {
      names = Arrays.copyOf(names, 2 * size);
      texts = Arrays.copyOf(texts, 2 * size);
      numbers = Arrays.copyOf(numbers, 2 * size);
    }
    names[size] = name;
    if (text != null) texts[size] = text(name.type(), text);
    numbers[size++] = number;
  }
}
