package penstock.frames;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Supplier;
import java.util.zip.CRC32C;

/** The header of a frame and its sections, each decompressed when it is asked for. */
final class Sections {
  static final int DECODED_BYTES_MAX = 256 << 20;
  static final int COLUMNS_MAX = 8192;
  private static final int HEADER_BYTES = 64;
  private static final int ENTRY_BYTES = 16;
  private static final int MAGIC = 0x4d524689;

  final int events;
  final int originalBytes;
  final int originalCrc;
  final int decodedBytes;
  final int eventBytesMax;
  final int columns;
  final int shapes;
  /** Section 0, as far as it is read. */
  final Bytes head;
  private final ZstdDecompressCtx zstd;
  private final byte[] frame;
  private final ByteBuffer numbers;
  private final int[] from;
  private final Slice[] plain;

  /** @param zstd serves all sections: making one takes as long as a small section */
  Sections(byte[] frame, int decodedBytesMax, ZstdDecompressCtx zstd) {
    this.frame = frame;
    this.zstd = zstd;
    numbers = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
    if (!isFrame(frame)) throw new FrameException("it does not begin with 89 46 52 4D");
    if (frame[4] != 1 || frame[5] != 1) throw new FrameException("its version or layout is not known to this reader");
    int count = numbers.getShort(6) & 0xffff;
    events = bounded(16, 1, 65_536);
    decodedBytes = bounded(28, 0, DECODED_BYTES_MAX);
    if (decodedBytes > decodedBytesMax) throw new FrameException("it holds more than this reader's limit of " + decodedBytesMax + " bytes");
    originalBytes = bounded(20, 0, decodedBytes);
    originalCrc = numbers.getInt(24);
    eventBytesMax = bounded(32, 0, decodedBytes);
    columns = bounded(44, 1, COLUMNS_MAX);
    shapes = bounded(48, 1, 4096);
    int end = HEADER_BYTES + ENTRY_BYTES * count;
    if (count == 0 || count > 4096 || numbers.getInt(40) != frame.length || frame.length < end)
      throw new FrameException("it is not as long as its header says");
    CRC32C crc = new CRC32C();
    crc.update(frame, 0, 60);
    crc.update(frame, HEADER_BYTES, end - HEADER_BYTES);
    if ((int) crc.getValue() != numbers.getInt(60)) throw new FrameException("it is damaged: the checksum of its header does not match");
    if (numbers.getInt(12) != 0) zstd.loadDict(Dictionaries.find(numbers.getInt(12)));
    from = new int[count];
    plain = new Slice[count];
    readEntries(end, decodedBytesMax);
    head = new Bytes(section(0));
  }

  static boolean isFrame(byte[] value) {
    return value.length >= HEADER_BYTES && ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getInt(0) == MAGIC;
  }

  private int bounded(int at, int least, int most) {
    int value = numbers.getInt(at);
    if (value < least || value > most) throw new FrameException("its header is out of bounds");
    return value;
  }

  private void readEntries(int begin, int decodedBytesMax) {
    long at = begin, sum = 0;
    for (int i = 0; i < from.length; i++) {
      int entry = HEADER_BYTES + ENTRY_BYTES * i;
      int method = frame[entry] & 255, bytes = numbers.getInt(entry + 4), size = numbers.getInt(entry + 8);
      if (method > 1 || (frame[entry + 1] & 255) > 2 || numbers.getShort(entry + 2) != 0 || bytes < 0 || size < 0)
        throw new FrameException("a section is of no known kind");
      if (method == 0 && bytes != size) throw new FrameException("a stored section has two sizes");
      from[i] = (int) at;
      at += bytes;
      sum += size;
      if (at > frame.length || sum > 2L * decodedBytesMax) throw new FrameException("its sections are larger than it may hold");
    }
    if (at != frame.length || sum != (numbers.getInt(36) & 0xffffffffL)) throw new FrameException("its sections do not fill it");
  }

  int size(int section) {
    return numbers.getInt(HEADER_BYTES + ENTRY_BYTES * section + 8);
  }

  Slice section(int number) {
    if (plain[number] != null) return plain[number];
    int entry = HEADER_BYTES + ENTRY_BYTES * number;
    Slice stored = new Slice(frame, from[number], numbers.getInt(entry + 4));
    CRC32C crc = new CRC32C();
    crc.update(frame, stored.from(), stored.size());
    if ((int) crc.getValue() != numbers.getInt(entry + 12)) throw new FrameException("it is damaged: a checksum does not match");
    return plain[number] = frame[entry] == 0 ? stored : decompressed(stored, size(number));
  }

  private Slice decompressed(Slice stored, int size) {
    byte[] out = new byte[size];
    try {
      int written = zstd.decompressByteArray(out, 0, size, stored.bytes(), stored.from(), stored.size());
      if (written != size) throw new FrameException("a section is not as large as it says");
    } catch (ZstdException error) {
      throw new FrameException("a section cannot be decompressed: " + error.getMessage());
    }
    return Slice.of(out);
  }

  /** {@code size} bytes: of the section named next, read when they are asked for, or the next ones of section 0. */
  Supplier<Slice> blob(long size) {
    int number = head.varintInt(from.length - 1);
    if (number == 0) {
      Slice bytes = head.slice((int) Math.min(size, Integer.MAX_VALUE));
      return () -> bytes;
    }
    if (size(number) != size) throw new FrameException("a section has another size than its column");
    return () -> section(number);
  }
}
