package penstock.frames;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Some fields of every event: the same values as in the whole events. */
class FieldsTest {
  @ParameterizedTest
  @MethodSource("penstock.frames.Golden#names")
  void givesWhatTheEventsHave(String name) throws IOException {
    sameAsEvents(Golden.records(name), Golden.frame(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"syslog", "json", "odd"})
  void givesThoseOfSingleEvents(String name) throws IOException {
    for (byte[] record : Golden.records(name)) {
      Map<String, List<Object>> expected = PlainEvent.of(record);
      same(List.of(expected), Compact.fields(record, expected.keySet().toArray(new String[0])), expected.keySet());
    }
  }

  @Test
  void givesTypedValues() throws IOException {
    Fields fields = Frame.fields(Golden.frame("syslog"), "@timestamp", "host.hostname", "event.original", "no.such.field");
    Field time = fields.of("@timestamp"), host = fields.of("host.hostname"), none = fields.of("no.such.field");
    assertEquals(Field.Type.DATE, time.type(0));
    assertTrue(time.number(0) > 1_500_000_000_000_000_000L);
    assertEquals(Field.Type.TEXT, host.type(0));
    assertEquals(host.text(0), StandardCharsets.UTF_8.decode(host.buffer(0)).toString());
    assertTrue(host.buffer(0).isReadOnly());
    assertFalse(none.has(0));
    assertNull(none.type(0));
    assertNull(none.text(0));
    assertNull(time.text(0));
    assertThrows(IllegalStateException.class, () -> none.number(0));
    assertThrows(IllegalStateException.class, () -> host.number(0));
    assertThrows(IllegalStateException.class, () -> time.real(0));
    assertThrows(IllegalArgumentException.class, () -> fields.of("message"));
    List<byte[]> records = Golden.records("syslog");
    for (int i = 0; i < records.size(); i++) {
      Slice original = LogEventBytes.originalOf(Slice.of(records.get(i)));
      assertArrayEquals(fields.of("event.original").bytes(i), java.util.Arrays.copyOfRange(original.bytes(), original.from(), original.from() + original.size()));
    }
  }

  @Test
  void holdsRepeatedValuesOfEventsThatHaveThem() {
    Fields fields = new Fields(5, "tags");
    Field tags = fields.of("tags");
    for (String tag : List.of("a", "b", "c", "d", "e", "f")) tags.put(1, Field.Type.TEXT, Slice.of(tag.getBytes()), 0);
    tags.put(3, Field.Type.TEXT, Slice.of("g".getBytes()), 0);
    fields.ended();
    int[] counts = {0, 6, 0, 1, 0};
    for (int i = 0; i < counts.length; i++) assertEquals(counts[i], tags.count(i));
    assertEquals("a", tags.text(1));
    assertEquals("f", tags.text(1, 5));
    assertNull(tags.text(1, 6));
    assertEquals("g", tags.text(3));
    assertNull(tags.text(4));
  }

  /** 200 bytes of original, named as `message` 1,000 times: 2616 is the list of spans. */
  @Test
  void refusesAnEventThatUnfoldsBeyondItsBound() {
    Output spans = new Output(1 << 20), event = new Output(1 << 20);
    int key = EcsField.of("message").number() << 1;
    for (int i = 0; i < 1000; i++) {
      spans.varint(key);
      spans.varint(i == 0 ? 0 : 0xffffffffL - 199);
      spans.varint(200);
    }
    event.varint(4 << 3 | 2);
    event.text(Slice.of(new byte[200]));
    event.varint(2616 << 3 | 2);
    event.text(spans.copied());
    EventFields.read(event.copied(), 300_000, 0, new Fields(1, "message"));
    assertThrows(FrameException.class, () -> EventFields.read(event.copied(), 100_000, 0, new Fields(1, "message")));
  }

  /** All fields at once, each alone, and pairs of them. */
  static void sameAsEvents(List<byte[]> records, byte[] frame) {
    List<Map<String, List<Object>>> expected = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    for (byte[] record : records) {
      expected.add(PlainEvent.of(record));
      names.addAll(expected.get(expected.size() - 1).keySet());
    }
    assertTrue(names.size() >= 7, names.toString());
    same(expected, Frame.fields(frame, names.toArray(new String[0])), names);
    String before = "@timestamp";
    for (String one : names) {
      same(expected, Frame.fields(frame, one), Set.of(one));
      if (!one.equals(before)) same(expected, Frame.fields(frame, before, one), Set.of(before, one));
      before = one;
    }
  }

  private static void same(List<Map<String, List<Object>>> expected, Fields got, Set<String> names) {
    assertEquals(expected.size(), got.events());
    for (int event = 0; event < expected.size(); event++)
      for (String name : names) {
        List<Object> values = expected.get(event).getOrDefault(name, List.of());
        Field field = got.of(name);
        String place = name + " of event " + event;
        assertEquals(values.size(), field.count(event), place);
        for (int i = 0; i < values.size(); i++) assertEquals(values.get(i), value(field, event, i), place);
      }
  }

  private static Object value(Field field, int event, int i) {
    return switch (field.type(event)) {
      case NULL -> null;
      case TEXT, JSON, BYTES -> {
        ByteBuffer buffer = field.buffer(event, i);
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        yield PlainEvent.latin1(bytes);
      }
      case DOUBLE -> Double.doubleToRawLongBits(field.real(event));
      default -> field.number(event);
    };
  }
}
