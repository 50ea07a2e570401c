package penstock.frames;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * One field of every event. Numbers are kept as longs and texts as parts of the frame's columns: a String or an array is made when it is asked
 * for. An event may have no value ({@link #has}); of a repeated field it has {@link #count} values, and what asks for one gives the first.
 */
public final class Field {
  /** What a value is. Attributes, which ECS does not know, may be another thing in every event. */
  public enum Type { TEXT, JSON, BYTES, INTEGER, DATE, DOUBLE, BOOLEAN, NULL }

  private static final Type[] TYPES = Type.values();

  private final String name;
  private final boolean repeated;
  /** By value: 0: none; otherwise one more than its type's ordinal. Of a repeated field the values of all events follow each other. */
  private byte[] types = {};
  private Slice[] texts;
  private long[] numbers;
  /** Of a repeated field: where the values of an event begin. */
  private int[] starts;
  private final int events;
  private int size;
  private int lastEvent = -1;

  Field(String name, boolean repeated, int events) {
    this.name = name;
    this.repeated = repeated;
    this.events = events;
  }

  /** Whether the event has a value, be it null. */
  public boolean has(int event) {
    return count(event) > 0;
  }

  /** How many values the event has: more than one only of repeated fields. */
  public int count(int event) {
    Objects.checkIndex(event, events);
    if (types.length == 0) return 0;
    if (!repeated) return types[event] == 0 ? 0 : 1;
    return starts[event + 1] - starts[event];
  }

  /** null: the event has no value. */
  public Type type(int event) {
    return has(event) ? TYPES[types[place(event, 0)] - 1] : null;
  }

  /** An integer, a date in ns since 1970, 0 or 1 of a boolean. @throws IllegalStateException when the event has no such value */
  public long number(int event) {
    Type type = type(event);
    if (type != Type.INTEGER && type != Type.DATE && type != Type.BOOLEAN) throw no(event, "integer");
    return numbers[place(event, 0)];
  }

  /** @throws IllegalStateException when the event has no such value */
  public double real(int event) {
    if (type(event) != Type.DOUBLE) throw no(event, "double");
    return Double.longBitsToDouble(numbers[place(event, 0)]);
  }

  /** The text, JSON or UTF-8 bytes of the event as a new String; null: it has none. */
  public String text(int event) {
    return text(event, 0);
  }

  /** The {@code i}-th text of the event, from 0 on; null: it has none. */
  public String text(int event, int i) {
    Slice slice = slice(event, i);
    return slice == null ? null : new String(slice.bytes(), slice.from(), slice.size(), StandardCharsets.UTF_8);
  }

  /** The same as its bytes, where they stand: nothing is copied. Read only; null: the event has none. */
  public ByteBuffer buffer(int event) {
    return buffer(event, 0);
  }

  /** The bytes of the {@code i}-th text. */
  public ByteBuffer buffer(int event, int i) {
    Slice slice = slice(event, i);
    return slice == null ? null : ByteBuffer.wrap(slice.bytes(), slice.from(), slice.size()).slice().asReadOnlyBuffer();
  }

  /** The same as a new array; null: the event has none. */
  public byte[] bytes(int event) {
    Slice slice = slice(event, 0);
    return slice == null ? null : Arrays.copyOfRange(slice.bytes(), slice.from(), slice.from() + slice.size());
  }

  void put(int event, Type type, Slice text, long number) {
    int place = event;
    if (types.length == 0) {
      types = new byte[events];
      if (repeated) starts = new int[events + 1];
    }
    if (repeated) {
      begin(event);
      place = size++;
      if (place == types.length) types = Arrays.copyOf(types, 2 * place);
    }
    types[place] = (byte) (type.ordinal() + 1);
    if (text != null) {
      if (texts == null || place >= texts.length) texts = texts == null ? new Slice[types.length] : Arrays.copyOf(texts, types.length);
      texts[place] = text;
    } else {
      if (texts != null && place < texts.length) texts[place] = null;
      if (numbers == null || place >= numbers.length) numbers = numbers == null ? new long[types.length] : Arrays.copyOf(numbers, types.length);
      numbers[place] = number;
    }
  }

  /** No more values come. */
  void end() {
    if (starts != null) begin(events);
  }

  /** Events come in their order; those in between have no values. */
  private void begin(int event) {
    while (lastEvent < event) starts[++lastEvent] = size;
  }

  private Slice slice(int event, int i) {
    return i < 0 || i >= count(event) || texts == null ? null : texts[place(event, i)];
  }

  private int place(int event, int i) {
    return repeated ? starts[event] + i : event;
  }

  private IllegalStateException no(int event, String wanted) {
    return new IllegalStateException(name + " of event " + event + " is no " + wanted + ": it is " + (has(event) ? type(event) : "not there"));
  }
}
