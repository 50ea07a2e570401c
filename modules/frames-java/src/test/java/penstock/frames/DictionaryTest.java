package penstock.frames;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
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
    assertThrows(FrameException.class, () -> Dictionaries.add(null));
    byte[] cut = Arrays.copyOf(Files.readAllBytes(file), 200);
    Dictionaries.add(cut); // zstd takes it
    assertThrows(SerializationException.class, () -> deserializer.deserialize("t", frame));
    Dictionaries.add(Files.readAllBytes(file));
    assertTrue(deserializer.deserialize("t", frame).size() > 1, "the right one after a wrong one");

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

  @Test
  void aFileThatIsNoneIsTheRecordsTrouble() throws IOException {
    byte[] frame = Files.readAllBytes(FOLDER.resolve("auth0.frame")).clone();
    int other = 0x11223344; // the same frame, as if it needed a dictionary that only this test has
    ByteBuffer numbers = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN).putInt(12, other);
    CRC32C crc = new CRC32C();
    crc.update(frame, 0, 60);
    crc.update(frame, 64, 16 * numbers.getShort(6));
    numbers.putInt(60, (int) crc.getValue());
    byte[] damaged = Files.readAllBytes(FOLDER.resolve("37effefd.zdict"));
    ByteBuffer.wrap(damaged).order(ByteOrder.LITTLE_ENDIAN).putInt(4, other);
    Arrays.fill(damaged, 8, 60, (byte) 0xff);
    Path folder = Files.createTempDirectory("dictionaries");
    Path file = folder.resolve("11223344.zdict");
    FrameDeserializer deserializer = new FrameDeserializer();
    deserializer.configure(Map.of(FrameDeserializer.DICTIONARIES, folder.toString()), false);
    Files.write(file, damaged);
    String said = assertThrows(SerializationException.class, () -> deserializer.deserialize("t", frame)).getMessage();
    assertTrue(said.contains("11223344 is damaged"), said);
    Files.delete(file);
    Files.createDirectory(file);
    said = assertThrows(SerializationException.class, () -> deserializer.deserialize("t", frame)).getMessage();
    assertTrue(said.contains("11223344.zdict, which cannot be read"), said);
  }
}
