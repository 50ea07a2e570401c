package penstock.frames;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Prints events per CPU-second, as JSON, of two fields and of whole events of the frame in a file: {@code ReadingSpeed file rounds warmUpMs}. Part of
 * {@code npm run bench}.
 */
public final class ReadingSpeed {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  /** The clock of a thread's CPU time is coarse. */
  private static final long ROUND_NS = 40_000_000L;

  private ReadingSpeed() {}

  public static void main(String[] arguments) throws IOException {
    byte[] frame = Files.readAllBytes(Path.of(arguments[0]));
    int rounds = Integer.parseInt(arguments[1]);
    long warmUpNs = Long.parseLong(arguments[2]) * 1_000_000;
    double fields = eventsPerSecond(rounds, warmUpNs, () -> {
      Fields read = Frame.fields(frame, "@timestamp", "host.hostname");
      Field time = read.of("@timestamp"), host = read.of("host.hostname");
      long sum = 0;
      for (int i = 0; i < read.events(); i++) sum += time.number(i) & host.text(i).length();
      return sum < 0 ? 0 : read.events();
    });
    double events = eventsPerSecond(rounds, warmUpNs, () -> Frame.records(frame).size());
    System.out.printf(Locale.ROOT, "{\"two_fields\":%.0f,\"decode\":%.0f}%n", fields, events);
  }

  private static double eventsPerSecond(int rounds, long warmUpNs, LongSupplier read) {
    for (long until = THREADS.getCurrentThreadCpuTime() + warmUpNs; THREADS.getCurrentThreadCpuTime() < until; ) read.getAsLong();
    double[] figures = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      long from = THREADS.getCurrentThreadCpuTime(), events = 0, ns = 0;
      for (; ns < ROUND_NS; ns = THREADS.getCurrentThreadCpuTime() - from) events += read.getAsLong();
      figures[i] = events * 1e9 / ns;
    }
    Arrays.sort(figures);
    return figures[rounds / 2];
  }
}
