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
      assertThrows(FrameException.class, () -> Frame.events(frame, LIMIT), name.toString());
      String[] all = EcsField.all().keySet().toArray(new String[0]);
      assertBounded(frame, all);
      String said = assertThrows(SerializationException.class, () -> new FrameDeserializer().deserialize("t", frame), name.toString()).getMessage();
      assertTrue(said.length() > 15, name + ": " + said);
    }
  }

  /** Where the lie is of the whole only (its size, its checksum), some fields are still given. */
  private static void assertBounded(byte[] frame, String[] names) {
    try {
      Fields fields = Frame.fields(frame, LIMIT, names);
      long bytes = 0;
      for (String name : names)
        for (int event = 0; event < fields.events(); event++)
          for (int i = 0; i < fields.of(name).count(event); i++) bytes += fields.of(name).text(event, i) == null ? 2 : fields.of(name).buffer(event, i).remaining() + 2;
      assertTrue(bytes <= LIMIT, bytes + " bytes");
    } catch (FrameException refused) {
      assertTrue(refused.getMessage().length() > 15);
    }
  }

  @Test
  void readsWhatIsLarge() throws IOException {
    byte[] identical = Files.readAllBytes(EDGE.resolve("identical-65536.frame"));
    assertEquals(65_536, Frame.records(identical).size());
    assertEquals(65_536, Frame.events(identical).size());
    assertThrows(FrameException.class, () -> Frame.records(identical, LIMIT));
    Fields fields = Frame.fields(identical, "@timestamp", "event.original");
    assertEquals(65_536, fields.events());
    assertEquals(fields.of("event.original").text(0), fields.of("event.original").text(65_535));
    assertThrows(FrameException.class, () -> Frame.fields(identical, LIMIT, "@timestamp"));
    byte[] large = Files.readAllBytes(EDGE.resolve("one-mebibyte.frame"));
    List<byte[]> events = Frame.records(large);
    assertEquals(1, events.size());
    assertTrue(events.get(0).length > LIMIT);
    assertThrows(FrameException.class, () -> Frame.records(large, LIMIT));
    assertTrue(Frame.fields(large, "event.original").of("event.original").buffer(0).remaining() >= LIMIT);
    assertThrows(FrameException.class, () -> Frame.fields(large, LIMIT, "event.original"));
  }
}
