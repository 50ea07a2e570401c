package penstock.frames;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;

/** Events of the encoding "compact" that the engine wrote, the same that the other readers are tested with. */
class CompactTest {
  private static final Path GOLDEN = Path.of("../../test/data/compact");

  private static byte[] golden(String name) throws IOException {
    return Files.readAllBytes(GOLDEN.resolve(name + ".bin"));
  }

  /** The event's fields by number, as text; of a repeated one all its elements. Entries of attrs by their name, as {value's field}text. */
  private static Map<String, String> fields(byte[] event) {
    Map<String, String> fields = new TreeMap<>();
    Bytes in = new Bytes(Slice.of(event));
    while (in.left() > 0) {
      long tag = in.varint(0xffffffffL);
      String value;
      switch ((int) (tag & 7)) {
        case 0 -> value = Long.toString(in.varint(Long.MAX_VALUE));
        case 1 -> value = in.slice(8).size() + " bytes";
        default -> {
          Slice text = in.text();
          if (tag >> 3 == 15) {
            Bytes entry = new Bytes(text);
            entry.unsigned(255);
            String name = string(entry.text());
            entry.unsigned(255);
            Bytes attribute = new Bytes(entry.text());
            fields.put("attrs " + name, "{" + (attribute.unsigned(255) >> 3) + "}" + string(attribute.text()));
            continue;
          }
          value = string(text);
        }
      }
      fields.merge(Long.toString(tag >> 3), value, (a, b) -> a + "|" + b);
    }
    return fields;
  }

  private static String string(Slice text) {
    return new String(text.bytes(), text.from(), text.size(), StandardCharsets.UTF_8);
  }

  private static void assertFields(Map<String, String> expected, byte[] compact) {
    Map<String, String> got = fields(Compact.expand(compact));
    for (var field : expected.entrySet()) assertEquals(field.getValue(), got.get(field.getKey()), "field " + field.getKey() + " of " + got);
    assertTrue(!got.containsKey("2616"), "no spans are left");
    assertEquals(string(LogEventBytes.originalOf(Slice.of(compact))), got.get("4"));
  }

  @Test
  void writesOutWhatStandsInTheOriginal() throws IOException {
    assertFields(
        Map.of(
            "5", "It is time", "6", "h.example", "7", "a", "8", "8710", "9", "notice", "10", "165", "11", "20", "12", "5",
            "18", "{\"x@1\":{\"iut\":\"3\",\"e\":\"App\"},\"y@2\":{\"ip\":\"10.0.0.1\"}}"),
        golden("rfc5424"));
    assertFields(
        Map.of("5", "'su root' failed for lonvick", "6", "mymachine", "7", "su", "8", "230", "9", "crit", "10", "34", "11", "4", "12", "2"),
        golden("rfc3164"));
    assertFields(Map.of("5", "m text", "attrs custom.why", "{1}because", "attrs custom.tags", "{6}[\"edge\",\"v4\"]"), golden("json"));
    assertTrue(new TreeSet<>(fields(Compact.expand(golden("json"))).values()).contains("a|b\n|c"), "elements in their order");
  }

  @Test
  void comesThroughTheDeserializer() throws IOException {
    byte[] compact = golden("rfc5424");
    List<byte[]> events = new FrameDeserializer().deserialize("t", compact);
    assertEquals(fields(Compact.expand(compact)), fields(events.get(0)));
    assertSame(events.get(0), Compact.expand(events.get(0)), "nothing to write out: the same array");
    String said = assertThrows(SerializationException.class, () -> new FrameDeserializer().deserialize("t", new byte[] {0x22, 1, 0x61, (byte) 0xc2, (byte) 0xa3, 1, 3, 12, 0, 2})).getMessage();
    assertTrue(said.contains("a span ends at byte 2 of 1"), said);
  }

  @Test
  void refusesWhatDoesNotFit() {
    byte[] original = {0x22, 3, '0', '1', (byte) 0xc3};
    for (int[] spans : new int[][] {{12}, {12, 0}, {16, 0, 2}, {20, 0, 3}, {12, 2, 1}, {37, 0, 1}, {21, 1, 9}, {12, 0, 4}, {10, 2, 1}})
      assertThrows(FrameException.class, () -> Compact.expand(withSpans(original, spans)), java.util.Arrays.toString(spans));
    byte[] huge = withSpans(new byte[] {0x22, 2, 'a', 'b'}, new int[] {12, 0, 2, 12, -2, 2, 12, -2, 2});
    assertThrows(FrameException.class, () -> Compact.expand(huge, 10));
  }

  @Test
  void boundsDamage() throws IOException {
    Random random = new Random(20260302);
    for (String name : List.of("rfc5424", "rfc3164", "json")) {
      byte[] good = golden(name);
      int refused = 0;
      for (int round = 0; round < 3000; round++) {
        byte[] bad = good.clone();
        for (int flips = 1 + random.nextInt(3); flips > 0; flips--) bad[random.nextInt(bad.length)] = (byte) random.nextInt();
        try {
          assertTrue(Compact.expand(bad, 1 << 16).length <= 1 << 16);
        } catch (FrameException error) {
          refused++;
        }
      }
      assertTrue(refused > 100, refused + " of " + name);
    }
  }

  private static byte[] withSpans(byte[] event, int... spans) {
    Output list = new Output(1000), out = new Output(1000);
    for (int number : spans) list.varint(number & 0xffffffffL);
    out.append(Slice.of(event));
    out.varint(2616 << 3 | 2);
    out.text(list.copied());
    return out.copy();
  }
}
