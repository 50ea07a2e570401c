package penstock.frames;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.ZstdDecompressCtx;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames made by the engine, whole and damaged. */
class GoldenTest {
  private static final String[] FIELDS = {"@timestamp", "host.hostname", "message", "event.original", "event.id", "related.ip", "a.b"};

  @ParameterizedTest
  @MethodSource("penstock.frames.Golden#names")
  void givesTheRecords(String name) throws IOException {
    List<byte[]> expected = Golden.records(name), got = new FrameDeserializer().deserialize("t", Golden.frame(name));
    assertEquals(expected.size(), got.size());
    for (int i = 0; i < got.size(); i++) assertArrayEquals(expected.get(i), got.get(i), "event " + i);
  }

  @Test
  void givesSingleEventsAsTheyAre() throws IOException {
    byte[] event = Golden.records("odd").get(0);
    assertArrayEquals(event, new FrameSerde().deserializer().deserialize("t", event).get(0));
    assertArrayEquals(event, new FrameSerde().serializer().serialize("t", List.of(event)));
    assertThrows(SerializationException.class, () -> new FrameSerde().serializer().serialize("t", List.of(event, event)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"auth", "odd", "json"})
  void refusesDamage(String name) throws IOException {
    byte[] good = Golden.frame(name);
    int events = Golden.records(name).size();
    for (int i = 0; i < good.length; i++) {
      byte[] bad = good.clone();
      bad[i] ^= (byte) (1 << i % 8);
      assertThrows(FrameException.class, () -> Frame.records(bad), "byte " + i);
      assertThrows(FrameException.class, () -> Frame.events(bad), "byte " + i);
      byte[] cut = java.util.Arrays.copyOf(good, i);
      assertThrows(FrameException.class, () -> Frame.records(cut));
      assertThrows(FrameException.class, () -> Frame.fields(cut, "@timestamp"));
      assertBounded(bad, events);
    }
  }

  /** Of some fields only what is read is checked. */
  private static boolean assertBounded(byte[] frame, int events) {
    try {
      assertEquals(events, Frame.fields(frame, 4 << 20, FIELDS).events());
      return true;
    } catch (FrameException error) {
      return false;
    }
  }

  /** Who writes frames can make checksums right: then the reader refuses, or gives events, within bounds. */
  @ParameterizedTest
  @ValueSource(strings = {"auth", "syslog", "json", "odd"})
  void boundsLies(String name) throws IOException {
    byte[] good = plain(Golden.frame(name));
    int events = Golden.records(name).size();
    assertEquals(events, Frame.records(good).size());
    Random random = new Random(20260301);
    int refused = 0, fieldsRefused = 0;
    for (int round = 0; round < 4000; round++) {
      byte[] bad = good.clone();
      for (int flips = 1 + random.nextInt(3); flips > 0; flips--) bad[64 + random.nextInt(bad.length - 64)] = (byte) random.nextInt();
      seal(bad);
      if (!assertBounded(bad, events)) fieldsRefused++;
      try {
        long bytes = 0;
        List<byte[]> records = Frame.records(bad, 4 << 20);
        for (byte[] record : records) bytes += record.length;
        assertTrue(bytes <= 4 << 20);
        assertEquals(records.size(), Frame.events(bad, 4 << 20).size());
      } catch (FrameException error) {
        refused++;
        assertThrows(FrameException.class, () -> Frame.events(bad, 4 << 20));
      }
    }
    assertTrue(refused > 1000, refused + " refused");
    assertTrue(fieldsRefused > 100, fieldsRefused + " refused of some fields");
  }

  @Test
  void refusesMoreThanItMayHold() throws IOException {
    byte[] good = Golden.frame("syslog");
    assertThrows(FrameException.class, () -> Frame.records(good, 1000));
    assertThrows(FrameException.class, () -> Frame.fields(good, 1000, "@timestamp"));
  }

  /** The frame with all sections stored. */
  private static byte[] plain(byte[] frame) {
    try (ZstdDecompressCtx zstd = new ZstdDecompressCtx()) {
      return plain(frame, new Sections(frame, Sections.DECODED_BYTES_MAX, zstd));
    }
  }

  private static byte[] plain(byte[] frame, Sections sections) {
    int count = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN).getShort(6), size = 64 + 16 * count;
    for (int i = 0; i < count; i++) size += sections.size(i);
    ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).put(frame, 0, 64 + 16 * count);
    for (int i = 0; i < count; i++) {
      Slice section = sections.section(i);
      out.put(section.bytes(), section.from(), section.size());
      out.put(64 + 16 * i, (byte) 0).putInt(64 + 16 * i + 4, section.size());
    }
    out.putInt(40, size);
    seal(out.array());
    return out.array();
  }

  /** Makes the checksums right. */
  static void seal(byte[] frame) {
    ByteBuffer out = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
    int count = out.getShort(6) & 0xffff, at = 64 + 16 * count;
    for (int i = 0; i < count; i++) {
      int bytes = out.getInt(64 + 16 * i + 4);
      if (bytes < 0 || bytes > frame.length - at) break;
      out.putInt(64 + 16 * i + 12, crc(frame, at, bytes));
      at += bytes;
    }
    CRC32C crc = new CRC32C();
    crc.update(frame, 0, 60);
    crc.update(frame, 64, 16 * count);
    out.putInt(60, (int) crc.getValue());
  }

  private static int crc(byte[] bytes, int from, int size) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, size);
    return (int) crc.getValue();
  }
}
