package penstock.frames;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Frames made by the engine, and the LogEvents they are of. */
final class Golden {
  private static final Path FOLDER = Path.of("../../test/data/frames");

  private Golden() {}

  /** All there are. */
  static List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.map(file -> file.getFileName().toString()).filter(file -> file.endsWith(".frame")).map(file -> file.substring(0, file.length() - 6)).sorted().toList();
    }
  }

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
