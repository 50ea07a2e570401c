package penstock.frames;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/** Takes a LogEvent apart (schema/README.md) for the fields that are wanted. */
final class EventFields {
  private static final int ATTRS = 15;
  private static final long TAG_MAX = 0xffffffffL;

  private EventFields() {}

  /** @return the event with every field written out, at most {@code bytesMax}. A field goes before an attribute of its name. What is of another wire type than its field is passed over, as every reader of protobuf does. */
  static Slice read(Slice event, int bytesMax, int at, Fields fields) {
    byte[] whole = Arrays.copyOfRange(event.bytes(), event.from(), event.from() + event.size());
    Slice expanded = Slice.of(Compact.expand(whole, bytesMax));
    Set<Fields.Wanted> found = new HashSet<>();
    boolean attributes = false;
    Bytes in = new Bytes(expanded);
    while (in.left() > 0) {
      long tag = in.varint(TAG_MAX);
      int wire = (int) (tag & 7), number = (int) (tag >>> 3);
      attributes |= number == ATTRS;
      Fields.Wanted wanted = fields.field(number);
      boolean of = wanted != null && wanted.known().wire() == wire;
      long value = wire == 0 ? in.varint() : wire == 1 ? in.fixed64() : 0;
      Slice text = wire == 2 ? in.text() : null;
      if (wire == 5) in.slice(4);
      else if (wire > 2) throw new FrameException("an event that is no LogEvent");
      if (!of) continue;
      wanted.field().put(at, wanted.known().type(), text, wanted.known().type() == Field.Type.BOOLEAN && value != 0 ? 1 : value);
      found.add(wanted);
    }
    if (!attributes) return expanded;
    in = new Bytes(expanded);
    while (in.left() > 0) {
      long tag = in.varint(TAG_MAX);
      if (tag == (ATTRS << 3 | 2)) attribute(new Bytes(in.text()), at, fields, found);
      else in.skip((int) (tag & 7));
    }
    return expanded;
  }

  /** {1: name, 2: {1 string, 2 int, 3 double, 4 bool, 5 null, 6 JSON}}. */
  private static void attribute(Bytes in, int at, Fields fields, Set<Fields.Wanted> found) {
    Slice name = Slice.of(new byte[0]), value = name;
    while (in.left() > 0) {
      long tag = in.varint(TAG_MAX);
      if (tag == 10) name = in.text();
      else if (tag == 18) value = in.text();
      else in.skip((int) (tag & 7));
    }
    Fields.Wanted wanted = fields.attribute(new String(name.bytes(), name.from(), name.size(), StandardCharsets.UTF_8));
    if (wanted == null || found.contains(wanted)) return;
    AttributeValue read = new AttributeValue(new Bytes(value));
    wanted.field().put(at, read.type(), read.text(), read.number());
  }
}
