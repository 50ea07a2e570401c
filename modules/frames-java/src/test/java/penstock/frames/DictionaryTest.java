package penstock.frames;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;

/** Frames that need a dictionary: without it, and with it. */
class DictionaryTest {
  private static final Path FOLDER = Path.of("../../test/data/frames-with-dictionary");

  @Test
  void needsItsDictionary() throws IOException {
    Path file;
    try (var files = Files.list(FOLDER)) {
      file = files.filter(each -> each.toString().endsWith(".zdict")).findFirst().orElseThrow();
    }
    String name = file.getFileName().toString().replace(".zdict", "");
    byte[] frame = Files.readAllBytes(FOLDER.resolve("auth0.frame"));
    FrameDeserializer deserializer = new FrameDeserializer();
    String refused = assertThrows(SerializationException.class, () -> deserializer.deserialize("t", frame)).getMessage();
    assertTrue(refused.contains("dictionary " + Long.parseLong(name, 16)) && refused.contains("record " + name), refused);
    assertThrows(FrameException.class, () -> Dictionaries.add("no dictionary".getBytes()));

    deserializer.configure(Map.of(FrameDeserializer.DICTIONARIES, FOLDER.toString()), false);
    for (String each : List.of("auth0", "auth1", "auth2")) {
      List<byte[]> events = deserializer.deserialize("t", Files.readAllBytes(FOLDER.resolve(each + ".frame")));
      Bytes in = new Bytes(Slice.of(Files.readAllBytes(FOLDER.resolve(each + ".records"))));
      for (byte[] event : events) {
        Slice record = in.text();
        assertArrayEquals(Arrays.copyOfRange(record.bytes(), record.from(), record.from() + record.size()), event);
      }
      assertEquals(0, in.left());
    }
  }
}
