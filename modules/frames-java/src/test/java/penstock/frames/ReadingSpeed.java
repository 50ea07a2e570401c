package penstock.frames;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Prints events per CPU-second, as JSON, of two fields and of LogEvents of the frame in a file, and LogEvents and events with their values over those of the same as records:
 * {@code ReadingSpeed frame records rounds warmUpMs}. Part of {@code npm run bench}.
 */
public final class ReadingSpeed {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  /** The clock of a thread's CPU time is coarse. */
  private static final long ROUND_NS = 40_000_000L;

  private ReadingSpeed() {}

  public static void main(String[] arguments) throws IOException {
    byte[] frame = Files.readAllBytes(Path.of(arguments[0])), batch = Files.readAllBytes(Path.of(arguments[1]));
    int rounds = Integer.parseInt(arguments[2]);
    long warmUpNs = Long.parseLong(arguments[3]) * 1_000_000;
    double fields = median(eventsPerSecond(rounds, warmUpNs, () -> {
      Fields read = Frame.fields(frame, "@timestamp", "host.hostname");
      Field time = read.of("@timestamp"), host = read.of("host.hostname");
      long sum = 0;
      for (int i = 0; i < read.events(); i++) sum += time.number(i) & host.text(i).length();
      return sum < 0 ? 0 : read.events();
    })[0]);
    double[][] decode = eventsPerSecond(rounds, warmUpNs, () -> Frame.records(frame).size(), () -> records(batch).size());
    double[][] events = eventsPerSecond(rounds, warmUpNs, () -> Frame.events(frame).size(), () -> parsed(records(batch)));
    System.out.printf(Locale.ROOT, "{\"two_fields\":%.0f,\"decode\":%.0f,\"decode_ratio\":%.3f,\"events_ratio\":%.3f}%n",
        fields, median(decode[0]), ratio(decode), ratio(events));
  }

  /** The records of a batch: the size of all, then, compressed, each with its size before it. */
  private static List<byte[]> records(byte[] batch) {
    byte[] plain = new byte[ByteBuffer.wrap(batch).order(ByteOrder.LITTLE_ENDIAN).getInt(0)];
    Zstd.decompressByteArray(plain, 0, plain.length, batch, 4, batch.length - 4);
    ByteBuffer sizes = ByteBuffer.wrap(plain).order(ByteOrder.LITTLE_ENDIAN);
    List<byte[]> records = new ArrayList<>();
    for (int at = 0; at < plain.length; ) {
      int size = sizes.getInt(at);
      records.add(Arrays.copyOfRange(plain, at + 4, at + 4 + size));
      at += 4 + size;
    }
    return records;
  }

  /** The number of events, when each has its values. */
  private static long parsed(List<byte[]> records) {
    List<Event> events = new ArrayList<>(records.size());
    for (byte[] record : records) events.add(Event.of(record));
    return events.size();
  }

  /** Of each reader, in turns. */
  private static double[][] eventsPerSecond(int rounds, long warmUpNs, LongSupplier... readers) {
    double[][] figures = new double[readers.length][rounds];
    for (LongSupplier read : readers)
      for (long until = THREADS.getCurrentThreadCpuTime() + warmUpNs; THREADS.getCurrentThreadCpuTime() < until; ) read.getAsLong();
    for (int i = 0; i < rounds; i++) {
      for (int r = 0; r < readers.length; r++) {
        long from = THREADS.getCurrentThreadCpuTime(), events = 0, ns = 0;
        for (; ns < ROUND_NS; ns = THREADS.getCurrentThreadCpuTime() - from) events += readers[r].getAsLong();
        figures[r][i] = events * 1e9 / ns;
      }
    }
    return figures;
  }

  /** The median of the first over the second. */
  private static double ratio(double[][] figures) {
    double[] quotients = new double[figures[0].length];
    for (int i = 0; i < quotients.length; i++) quotients[i] = figures[0][i] / figures[1][i];
    return median(quotients);
  }

  private static double median(double[] figures) {
    double[] sorted = figures.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
