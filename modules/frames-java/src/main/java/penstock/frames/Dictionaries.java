package penstock.frames;

import com.github.luben.zstd.ZstdDictDecompress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The zstd dictionaries that this process knows, for frames that need one. They come from records of the topic that Penstock announces them in
 * ({@link #add}) or from a folder ({@link #addFolder}) that is looked into when a frame asks.
 */
public final class Dictionaries {
  private static final int MAGIC = 0xec30a437;
  private static final int BYTES_MAX = 256 << 10;
  private static final Map<Integer, ZstdDictDecompress> KNOWN = new ConcurrentHashMap<>();
  private static final Set<Path> FOLDERS = ConcurrentHashMap.newKeySet();

  private Dictionaries() {}

  /** Takes the place of one that was known by its id: the topic's youngest record is right. @throws FrameException when the bytes are no dictionary */
  public static void add(byte[] dictionary) {
    int id = idOf(dictionary);
    try {
      KNOWN.put(id, new ZstdDictDecompress(dictionary));
    } catch (IllegalStateException error) {
      throw new FrameException("the dictionary " + name(id) + " is damaged: " + error.getMessage());
    }
  }

  /** Files named by id, eight hexadecimal digits and {@code .zdict}. */
  public static void addFolder(Path folder) {
    FOLDERS.add(folder);
  }

  static String name(int id) {
    return String.format("%08x", id);
  }

  /** @throws FrameException when it is not known here, or is another one */
  static ZstdDictDecompress find(int id) {
    ZstdDictDecompress known = KNOWN.get(id);
    if (known != null) return known;
    for (Path folder : FOLDERS) {
      Path file = folder.resolve(name(id) + ".zdict");
      if (!Files.exists(file)) continue;
      try {
        byte[] bytes = Files.readAllBytes(file);
        if (idOf(bytes) != id) throw new FrameException(file + " holds another dictionary than the " + Integer.toUnsignedString(id) + " it needs");
        add(bytes);
        return KNOWN.get(id);
      } catch (IOException error) {
        throw new FrameException("it needs the dictionary " + file + ", which cannot be read: " + error);
      }
    }
    throw new FrameException("it needs the zstd dictionary " + Integer.toUnsignedString(id) + ", which is not known here: it is the record " + name(id)
        + " of the topic that dictionaries are announced in, and " + name(id) + ".zdict beside the journal of the node that wrote it");
  }

  private static int idOf(byte[] dictionary) {
    if (dictionary != null && dictionary.length >= 8 && dictionary.length <= BYTES_MAX) {
      ByteBuffer numbers = ByteBuffer.wrap(dictionary).order(ByteOrder.LITTLE_ENDIAN);
      if (numbers.getInt(0) == MAGIC && numbers.getInt(4) != 0) return numbers.getInt(4);
    }
    throw new FrameException("the bytes are no zstd dictionary");
  }
}
