package penstock.frames;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;

/** Frames that lie under right checksums, and frames as large as they may be. */
class HostileTest {
  private static final Path REFUSED = Path.of("../../test/data/frames-refused");
  private static final Path EDGE = Path.of("../../test/data/frames-edge");
  private static final int LIMIT = 1 << 20;

  @Test
  void refusesEveryLie() throws IOException {
    List<Path> names;
    try (var files = Files.list(REFUSED)) {
      names = files.toList();
    }
    assertTrue(names.size() > 20);
    for (Path name : names) {
      byte[] frame = Files.readAllBytes(name);
      assertThrows(FrameException.class, () -> Frame.records(frame, LIMIT), name.toString());
      String said = assertThrows(SerializationException.class, () -> new FrameDeserializer().deserialize("t", frame), name.toString()).getMessage();
      assertTrue(said.length() > 15, name + ": " + said);
    }
  }

  @Test
  void readsWhatIsLarge() throws IOException {
    byte[] identical = Files.readAllBytes(EDGE.resolve("identical-65536.frame"));
    assertEquals(65_536, Frame.records(identical).size());
    assertThrows(FrameException.class, () -> Frame.records(identical, LIMIT));
    byte[] large = Files.readAllBytes(EDGE.resolve("one-mebibyte.frame"));
    List<byte[]> events = Frame.records(large);
    assertEquals(1, events.size());
    assertTrue(events.get(0).length > LIMIT);
    assertThrows(FrameException.class, () -> Frame.records(large, LIMIT));
  }
}
