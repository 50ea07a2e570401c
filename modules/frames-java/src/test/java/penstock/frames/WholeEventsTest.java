package penstock.frames;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames whose events travel whole, as those of many kinds do: they are taken apart for their fields. */
class WholeEventsTest {
  @ParameterizedTest
  @ValueSource(strings = {"json", "odd", "syslog"})
  void givesTheFieldsOfEach(String name) throws IOException {
    List<byte[]> records = Golden.records(name);
    byte[] frame = frame(records);
    List<byte[]> whole = Frame.records(frame);
    for (int i = 0; i < records.size(); i++) assertArrayEquals(records.get(i), whole.get(i));
    FieldsTest.sameAsEvents(records, frame);
    EventTest.sameAsRecords(records, frame);
  }

  @Test
  void aFieldGoesBeforeAnAttributeOfItsName() {
    Output event = new Output(100);
    EcsField message = EcsField.of("message");
    attribute(event, "message", "attribute");
    event.varint((long) message.number() << 3 | 2);
    event.text(Slice.of("field".getBytes()));
    attribute(event, "other", "attribute");
    Fields fields = Frame.fields(frame(List.of(event.copy(), new byte[] {32, 1})), "message", "other");
    assertEquals("field", fields.of("message").text(0));
    assertEquals("attribute", fields.of("other").text(0));
    assertFalse(fields.of("message").has(1));
  }

  @Test
  void refusesWhatIsNoLogEvent() {
    byte[] frame = frame(List.of(new byte[] {8, 1}, new byte[] {15, 1, 1, 1}));
    assertThrows(FrameException.class, () -> Frame.fields(frame, "message"));
    assertThrows(FrameException.class, () -> Compact.fields(new byte[] {10, 100}, "message"));
  }

  private static void attribute(Output event, String name, String text) {
    int size = 2 + text.length();
    event.varint(15 << 3 | 2);
    event.varint(2 + name.length() + 2 + size);
    event.unsigned(10);
    event.text(Slice.of(name.getBytes()));
    event.unsigned(18);
    event.varint(size);
    event.unsigned(10);
    event.text(Slice.of(text.getBytes()));
  }

  /** Two columns: shapes, all 0; events, all but the last as exceptions from it. One shape: an event. */
  private static byte[] frame(List<byte[]> events) {
    Output head = new Output(64 << 20);
    int last = events.size() - 1, bytes = 0, most = 0, originals = 0;
    head.unsigned(1);
    head.varint(events.size());
    for (int zero = 0; zero < 3; zero++) head.unsigned(0);
    head.unsigned(0);
    head.varint(events.size());
    head.unsigned(8);
    head.varint(last);
    CRC32C crc = new CRC32C();
    for (int i = 0; i <= last; i++) {
      Slice event = Slice.of(events.get(i));
      head.unsigned(0);
      head.text(event);
      bytes += event.size();
      most = Math.max(most, event.size());
      try {
        Slice original = LogEventBytes.originalOf(event);
        if (original == null) continue;
        originals += original.size();
        crc.update(original.bytes(), original.from(), original.size());
      } catch (FrameException none) {
        continue;
      }
    }
    for (int value : new int[] {1, 0, 10, 0, 1, 0}) head.unsigned(value);
    byte[] section = head.copy();
    ByteBuffer out = ByteBuffer.allocate(80 + section.length).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(0, 0x4d524689).put(4, (byte) 1).put(5, (byte) 1).putShort(6, (short) 1).putInt(16, events.size());
    out.putInt(20, originals).putInt(24, (int) crc.getValue()).putInt(28, bytes).putInt(32, most);
    out.putInt(36, section.length).putInt(40, 80 + section.length).putInt(44, 2).putInt(48, 1);
    out.putInt(68, section.length).putInt(72, section.length).put(80, section);
    GoldenTest.seal(out.array());
    return out.array();
  }
}
