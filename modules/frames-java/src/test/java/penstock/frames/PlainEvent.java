package penstock.frames;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A LogEvent's values by name, read in the plainest way there is: what the readers of some fields are compared with. */
final class PlainEvent {
  private static final Map<Integer, String> NAMES = new HashMap<>();

  static {
    EcsField.all().forEach((name, field) -> NAMES.put(field.number(), name));
  }

  private PlainEvent() {}

  /** Texts as Latin-1, numbers as their 64 bits, null. */
  static Map<String, List<Object>> of(byte[] event) {
    Map<String, List<Object>> values = new LinkedHashMap<>();
    Bytes in = new Bytes(Slice.of(event));
    while (in.left() > 0) {
      int tag = in.varintInt(Integer.MAX_VALUE);
      Object value = value(in, tag & 7);
      if (tag >>> 3 == 15) attribute(((String) value).getBytes(StandardCharsets.ISO_8859_1), values);
      else values.computeIfAbsent(NAMES.get(tag >>> 3), name -> new ArrayList<>()).add(value);
    }
    return values;
  }

  static String latin1(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static void attribute(byte[] entry, Map<String, List<Object>> values) {
    Bytes in = new Bytes(Slice.of(entry));
    in.unsigned(10);
    Slice name = in.text();
    in.unsigned(18);
    Bytes one = new Bytes(in.text());
    int tag = one.unsigned(255);
    Object value = tag == 16 ? (Object) one.zigzag() : value(one, tag & 7);
    values.computeIfAbsent(new String(name.bytes(), name.from(), name.size(), StandardCharsets.UTF_8), key -> new ArrayList<>()).add(tag >>> 3 == 5 ? null : value);
  }

  private static Object value(Bytes in, int wire) {
    if (wire == 0) return in.varint();
    if (wire == 1) return in.fixed64();
    Slice text = in.text();
    return new String(text.bytes(), text.from(), text.size(), StandardCharsets.ISO_8859_1);
  }
}
