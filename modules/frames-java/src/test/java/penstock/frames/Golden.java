package penstock.frames;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Frames made by the engine, and the LogEvents they are of. */
final class Golden {
  private static final Path FOLDER = Path.of("../../test/data/frames");

  private Golden() {}

  static byte[] frame(String name) throws IOException {
    return Files.readAllBytes(FOLDER.resolve(name + ".frame"));
  }

  static List<byte[]> records(String name) throws IOException {
    Bytes in = new Bytes(Slice.of(Files.readAllBytes(FOLDER.resolve(name + ".records"))));
    List<byte[]> records = new ArrayList<>();
    while (in.left() > 0) {
      Slice record = in.text();
      records.add(Arrays.copyOfRange(record.bytes(), record.from(), record.from() + record.size()));
    }
    return records;
  }
}
