package penstock.frames;

/** Fields as bytes of a LogEvent (schema/README.md). */
final class LogEventBytes {
  static final int ORIGINAL = 4, ATTRS = 15, SPANS = 2616;
  private static final int ORIGINAL_TAG = ORIGINAL << 3 | 2;

  private LogEventBytes() {}

  static void write(Output out, Shape.Slot slot, Slice text, long number) {
    if (slot.isEvent()) {
      out.append(text);
    } else if (slot.isAttribute()) {
      writeAttribute(out, slot, text, number);
    } else {
      writeTag(out, slot);
      writeValue(out, slot, text, number);
    }
  }

  /** Of a field that is no attribute. */
  static void writeTag(Output out, Shape.Slot slot) {
    out.varint((long) slot.number() << 3 | (slot.isText() ? 2 : slot.kind() == Shape.FIXED64 ? 1 : 0));
  }

  static void writeValue(Output out, Shape.Slot slot, Slice text, long number) {
    if (slot.isText()) out.text(text);
    else if (slot.kind() == Shape.FIXED64) out.fixed64(number);
    else out.varint(slot.kind() == 3 ? (number == 0 ? 0 : 1) : number);
  }

  /** An entry of attrs: {1: name, 2: {1 string, 2 int, 3 double, 4 bool, 5 null, 6 JSON}}. */
  private static void writeAttribute(Output out, Shape.Slot slot, Slice text, long number) {
    int size = attributeValueSize(slot, text, number);
    int name = slot.name().size();
    out.varint((long) slot.number() << 3 | 2);
    out.varint(attributeSize(name, size));
    out.unsigned(1 << 3 | 2);
    out.text(slot.name());
    out.unsigned(2 << 3 | 2);
    out.varint(size);
    int field = slot.kind() - 3;
    out.unsigned(field << 3 | (slot.isText() ? 2 : field == 3 ? 1 : 0));
    if (slot.isText()) out.text(text);
    else if (field == 2) out.varint(zigzag(number));
    else if (field == 3) out.fixed64(number);
    else out.unsigned(field == 4 && number == 0 ? 0 : 1);
  }

  private static int attributeSize(int name, int value) {
    return 1 + Output.varintSize(name) + name + 1 + Output.varintSize(value) + value;
  }

  private static int attributeValueSize(Shape.Slot slot, Slice text, long number) {
    if (slot.isText()) return 1 + Output.varintSize(text.size()) + text.size();
    return slot.kind() == 5 ? 1 + Output.varintSize(zigzag(number)) : slot.kind() == 6 ? 9 : 2;
  }

  private static long zigzag(long number) {
    return number << 1 ^ number >> 63;
  }

  /** What {@link #writeValue}, of an attribute {@link #write} takes. */
  static long size(Shape.Slot slot, Slice text, long number) {
    if (slot.isAttribute()) {
      int bytes = attributeSize(slot.name().size(), attributeValueSize(slot, text, number));
      return Output.varintSize((long) slot.number() << 3) + Output.varintSize(bytes) + (long) bytes;
    }
    if (slot.isText()) return Output.varintSize(text.size()) + (long) text.size();
    return slot.kind() == Shape.FIXED64 ? 8 : slot.kind() == 3 ? 1 : Output.varintSize(number);
  }

  /** event.original of a LogEvent; null: it has none. */
  static Slice originalOf(Slice event) {
    Bytes in = new Bytes(event);
    Slice original = null;
    while (in.left() > 0) {
      long tag = in.varint(0xffffffffL);
      if (tag >> 3 == 0) throw new FrameException("an event that is no LogEvent");
      if (tag == ORIGINAL_TAG) original = in.text();
      else in.skip((int) (tag & 7));
    }
    return original;
  }
}
