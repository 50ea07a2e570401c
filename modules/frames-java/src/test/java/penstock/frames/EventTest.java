package penstock.frames;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole events with their values: the same of a frame, of LogEvents and as the plainest reader gives them. */
class EventTest {
  @ParameterizedTest
  @MethodSource("penstock.frames.Golden#names")
  void givesWhatTheRecordsHave(String name) throws IOException {
    sameAsRecords(Golden.records(name), Golden.frame(name));
  }

  @Test
  void givesTypedValues() throws IOException {
    List<Event> events = Frame.events(Golden.frame("syslog"));
    Event event = events.get(0);
    int time = event.find("@timestamp"), host = event.find("host.hostname"), original = event.find("event.original");
    assertEquals(Field.Type.DATE, event.type(time));
    assertTrue(event.number(time) > 1_500_000_000_000_000_000L);
    assertEquals(event.text("host.hostname"), event.text(host));
    assertArrayEquals(event.text(original).getBytes(), event.bytes(original));
    assertEquals(-1, event.find("no.such.field"));
    assertNull(event.text("no.such.field"));
    assertNull(event.text(time));
    assertThrows(IllegalStateException.class, () -> event.number(host));
    assertThrows(IllegalStateException.class, () -> event.real(time));
    Event like = events.stream().skip(1).filter(other -> other.text("host.hostname").equals(event.text("host.hostname"))).findFirst().orElseThrow();
    assertSame(event.text("host.hostname"), like.text("host.hostname"));
  }

  @Test
  void refusesWhatIsNoLogEvent() {
    assertThrows(FrameException.class, () -> Event.of(new byte[] {10, 100}));
    assertThrows(FrameException.class, () -> Event.of(new byte[] {15, 1, 1, 1}));
    assertEquals(0, Event.of(new byte[0]).size());
  }

  static void sameAsRecords(List<byte[]> records, byte[] frame) {
    List<Event> events = Frame.events(frame);
    assertEquals(records.size(), events.size());
    for (int i = 0; i < records.size(); i++) {
      Map<String, List<Object>> expected = PlainEvent.of(records.get(i));
      assertEquals(expected, values(events.get(i)), "event " + i);
      assertEquals(expected, values(Event.of(records.get(i))), "LogEvent " + i);
    }
  }

  private static Map<String, List<Object>> values(Event event) {
    Map<String, List<Object>> values = new LinkedHashMap<>();
    for (int place = 0; place < event.size(); place++) values.computeIfAbsent(event.name(place), name -> new ArrayList<>()).add(value(event, place));
    return values;
  }

  private static Object value(Event event, int place) {
    return switch (event.type(place)) {
      case NULL -> null;
      case TEXT, JSON, BYTES -> PlainEvent.latin1(event.bytes(place));
      case DOUBLE -> Double.doubleToRawLongBits(event.real(place));
      default -> event.number(place);
    };
  }
}
