package penstock.frames;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * An event with its values: fields of ECS and attributes, in the order of its LogEvent, by their places from 0 on. A repeated field has a place for each
 * value. What many events of a frame have in common is one String for all of them.
 */
public final class Event {
  /** What stands at a place. */
  record Name(String name, boolean attribute, Field.Type type) {}

  private final Name[] names;
  /** Of texts and JSON a String, of bytes an array. */
  private final Object[] texts;
  private final long[] numbers;

  /** The arrays are kept; {@code names} may be those of other events too. */
  Event(Name[] names, Object[] texts, long[] numbers) {
    this.names = names;
    this.texts = texts;
    this.numbers = numbers;
  }

  /** The event of a LogEvent, of the encoding "protobuf" or "compact". @throws FrameException when it is none */
  public static Event of(byte[] event) {
    return EventParser.parse(event, Frame.DECODED_BYTES_MAX);
  }

  /** How many values there are. */
  public int size() {
    return names.length;
  }

  /** Where a value of that name stands first, of a field before an attribute; −1: there is none. */
  public int find(String name) {
    int attribute = -1;
    for (int place = 0; place < names.length; place++) {
      if (!names[place].name.equals(name)) continue;
      if (!names[place].attribute) return place;
      if (attribute < 0) attribute = place;
    }
    return attribute;
  }

  /** Of ECS, or of the attribute. */
  public String name(int place) {
    return names[place].name;
  }

  /** Whether ECS does not know it. */
  public boolean isAttribute(int place) {
    return names[place].attribute;
  }

  public Field.Type type(int place) {
    return names[place].type;
  }

  /** The text, the JSON, or the bytes as UTF-8; null: it is something else. */
  public String text(int place) {
    Object text = texts[place];
    return text instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : (String) text;
  }

  /** The same of that name; null: there is none. */
  public String text(String name) {
    int place = find(Objects.requireNonNull(name));
    return place < 0 ? null : text(place);
  }

  /** The bytes themselves, read only, or those of the text; null: it is something else. */
  public byte[] bytes(int place) {
    Object text = texts[place];
    return text == null || text instanceof byte[] ? (byte[]) text : ((String) text).getBytes(StandardCharsets.UTF_8);
  }

  /** An integer, a date in ns since 1970, 0 or 1 of a boolean. @throws IllegalStateException when it is no such value */
  public long number(int place) {
    Field.Type type = names[place].type;
    if (type != Field.Type.INTEGER && type != Field.Type.DATE && type != Field.Type.BOOLEAN) throw no(place, "integer");
    return numbers[place];
  }

  /** @throws IllegalStateException when it is no such value */
  public double real(int place) {
    if (names[place].type != Field.Type.DOUBLE) throw no(place, "double");
    return Double.longBitsToDouble(numbers[place]);
  }

  private IllegalStateException no(int place, String wanted) {
    return new IllegalStateException(names[place].name + " is no " + wanted + ": it is " + names[place].type);
  }
}
