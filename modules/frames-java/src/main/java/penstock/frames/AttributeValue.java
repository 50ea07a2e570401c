package penstock.frames;

/** What an attribute of a LogEvent holds: {1 string, 2 int, 3 double, 4 bool, 5 null, 6 JSON}. The last one counts, as to every reader of protobuf; fields of later schemas are passed over. */
final class AttributeValue {
  private static final long TAG_MAX = 0xffffffffL;

  private Field.Type type = Field.Type.NULL;
  private Slice text;
  private long number;

  /** @throws FrameException when it is no message */
  AttributeValue(Bytes in) {
    while (in.left() > 0) {
      long tag = in.varint(TAG_MAX);
      if (tag == 10) is(Field.Type.TEXT, in.text(), 0);
      else if (tag == 50) is(Field.Type.JSON, in.text(), 0);
      else if (tag == 16) is(Field.Type.INTEGER, null, in.zigzag());
      else if (tag == 25) is(Field.Type.DOUBLE, null, in.fixed64());
      else if (tag == 32) is(Field.Type.BOOLEAN, null, in.varint() == 0 ? 0 : 1);
      else {
        if (tag >>> 3 == 5) is(Field.Type.NULL, null, 0);
        in.skip((int) (tag & 7));
      }
    }
  }

  private void is(Field.Type type, Slice text, long number) {
    this.type = type;
    this.text = text;
    this.number = number;
  }

  Field.Type type() {
    return type;
  }

  /** Of a text or JSON; null of all else. */
  Slice text() {
    return text;
  }

  long number() {
    return number;
  }
}
