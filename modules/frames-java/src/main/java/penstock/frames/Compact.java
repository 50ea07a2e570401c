package penstock.frames;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * LogEvents of the encoding "compact" (docs/reference/compact.md) as the encoding "protobuf" writes them: what stands in event.original is
 * written out, so that a LogEvent class that protoc made sees every field.
 */
public final class Compact {
  private static final int ORIGINAL = 4, LEVEL = 9, PRIORITY = 10, FACILITY = 11, SEVERITY = 12, ATTRS = 15, STRUCTURED_DATA = 18, SPANS = 2616;
  private static final String[] SEVERITIES = {"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};
  private static final long NUMBER_MAX = 0xffffffffL;

  private final Output out;
  private final List<Slice> attributes = new ArrayList<>();
  private boolean structuredData;

  private Compact(int bytesMax) {
    out = new Output(bytesMax);
  }

  /** The event with every field written out; the same array where it has no spans. */
  public static byte[] expand(byte[] event) {
    return expand(event, Frame.DECODED_BYTES_MAX);
  }

  /** The named fields of one event that is no frame, of either encoding: as {@link Frame#fields} gives those of many. @throws FrameException */
  public static Fields fields(byte[] event, String... names) {
    Fields fields = new Fields(1, names);
    EventFields.read(Slice.of(event), Frame.DECODED_BYTES_MAX, 0, fields);
    return fields.ended();
  }

  /** @param bytesMax of what comes out: spans may overlap. @throws FrameException when it is no LogEvent, or its spans do not fit */
  public static byte[] expand(byte[] event, int bytesMax) {
    Slice original = new Slice(event, 0, 0);
    List<Long> spans = new ArrayList<>();
    Bytes in = new Bytes(Slice.of(event));
    while (in.left() > 0) {
      long tag = in.varint(NUMBER_MAX);
      int number = (int) (tag >>> 3);
      Slice value = skip(in, (int) (tag & 7));
      if (number == ORIGINAL && value != null) original = value;
      if (number == SPANS && value == null) throw new FrameException("an event whose spans are no list");
      if (number == SPANS) for (Bytes list = new Bytes(value); list.left() > 0; ) spans.add(list.varint(NUMBER_MAX));
    }
    if (spans.isEmpty()) return event;
    if (spans.size() % 3 != 0) throw new FrameException("spans are not three numbers each");
    Compact compact = new Compact(bytesMax);
    compact.writeSpans(original, spans);
    compact.writeRest(event);
    return compact.out.copy();
  }

  private void writeSpans(Slice original, List<Long> spans) {
    long end = 0;
    for (int i = 0; i < spans.size(); i += 3) {
      long key = spans.get(i), from = end + spans.get(i + 1) & NUMBER_MAX;
      end = from + spans.get(i + 2);
      if (end > original.size()) throw new FrameException("a span ends at byte " + end + " of " + original.size());
      Slice bytes = original.part((int) from, (int) (end - from));
      int number = (int) (key >>> 1);
      if (number == ATTRS) attributes.add(bytes);
      else if ((key & 1) == 0) writePlain(number, bytes);
      else if (number == PRIORITY) writePriority(digits(bytes));
      else if (number == STRUCTURED_DATA) writeStructuredData(bytes);
    }
  }

  private void writePlain(int number, Slice bytes) {
    switch (FieldShapes.of(number)) {
      case 's' -> writeText(number, checked(bytes));
      case 'i' -> writeNumber(number, digits(bytes));
      default -> {} // of a newer writer
    }
  }

  private void writePriority(long priority) {
    if (priority > 191) throw new FrameException("syslog priority " + priority);
    writeNumber(PRIORITY, priority);
    writeNumber(FACILITY, priority >> 3);
    writeNumber(SEVERITY, priority & 7);
    writeText(LEVEL, Slice.of(SEVERITIES[(int) priority & 7].getBytes(StandardCharsets.US_ASCII)));
  }

  private void writeStructuredData(Slice bytes) {
    if (structuredData) throw new FrameException("structured data twice");
    structuredData = true;
    writeText(STRUCTURED_DATA, Slice.of(StructuredData.json(text(bytes)).getBytes(StandardCharsets.UTF_8)));
  }

  /** Everything that is written out already, and attributes with the texts of their spans. */
  private void writeRest(byte[] event) {
    Bytes in = new Bytes(Slice.of(event));
    while (in.left() > 0) {
      int from = in.at;
      long tag = in.varint(NUMBER_MAX);
      Slice value = skip(in, (int) (tag & 7));
      int number = (int) (tag >>> 3);
      if (number == SPANS) continue;
      if (number == ATTRS && value != null) writeAttribute(value, new Slice(event, from, in.at - from));
      else out.append(new Slice(event, from, in.at - from));
    }
  }

  /** {1: name, 2: {7 or 8: a span's index}} as {1: name, 2: {1 or 6: its text}}; `whole` where it names no span. */
  private void writeAttribute(Slice entry, Slice whole) {
    Slice name = new Slice(entry.bytes(), 0, 0), value = name;
    Bytes in = new Bytes(entry);
    while (in.left() > 0) {
      long tag = in.varint(NUMBER_MAX);
      Slice part = skip(in, (int) (tag & 7));
      if (tag == 10) name = part;
      else if (tag == 18) value = part;
    }
    long index = -1;
    int field = 0;
    in = new Bytes(value);
    while (in.left() > 0) {
      long tag = in.varint(NUMBER_MAX);
      if (tag == 56 || tag == 64) {
        index = in.varint(NUMBER_MAX);
        field = tag == 56 ? 1 : 6;
      } else skip(in, (int) (tag & 7));
    }
    if (index < 0) {
      out.append(whole);
      return;
    }
    if (index >= attributes.size()) throw new FrameException("an attribute is span " + index + " of " + attributes.size());
    Slice text = checked(attributes.get((int) index));
    int size = 1 + Output.varintSize(text.size()) + text.size();
    out.varint(ATTRS << 3 | 2);
    out.varint(1L + Output.varintSize(name.size()) + name.size() + 1 + Output.varintSize(size) + size);
    out.unsigned(10);
    out.text(name);
    out.unsigned(18);
    out.varint(size);
    out.unsigned(field << 3 | 2);
    out.text(text);
  }

  private void writeText(int number, Slice text) {
    out.varint((long) number << 3 | 2);
    out.text(text);
  }

  private void writeNumber(int number, long value) {
    out.varint((long) number << 3);
    out.varint(value);
  }

  /** The bytes of a field of wire type 2; null: it is of another. */
  private static Slice skip(Bytes in, int wire) {
    switch (wire) {
      case 0 -> {
        for (int more = 0; in.unsigned(255) >= 128; ) if (++more == 10) throw new FrameException("a number is too long");
      }
      case 1 -> in.slice(8);
      case 2 -> {
        return in.text();
      }
      case 5 -> in.slice(4);
      default -> throw new FrameException("an event that is no LogEvent");
    }
    return null;
  }

  private static long digits(Slice bytes) {
    boolean right = bytes.size() >= 1 && bytes.size() <= 18 && (bytes.size() == 1 || bytes.at(0) != '0');
    long value = 0;
    for (int i = 0; right && i < bytes.size(); i++) {
      right = bytes.at(i) >= '0' && bytes.at(i) <= '9';
      value = value * 10 + bytes.at(i) - '0';
    }
    if (!right) throw new FrameException("a span is not a decimal number");
    return value;
  }

  private static Slice checked(Slice bytes) {
    text(bytes);
    return bytes;
  }

  private static String text(Slice bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.bytes(), bytes.from(), bytes.size())).toString();
    } catch (CharacterCodingException error) {
      throw new FrameException("a span is not UTF-8");
    }
  }
}
