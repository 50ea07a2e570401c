import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import penstock.frames.FrameDeserializer;

/** A consumer in Java as its users write it: prints every event of a topic, one LogEvent a line in hexadecimal digits, up to a number of them. */
final class ReadEvents {
  public static void main(String[] args) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", args[0]);
    properties.put("group.id", "read-events-" + args[1]);
    properties.put("auto.offset.reset", "earliest");
    properties.put("enable.auto.commit", "false");
    int left = Integer.parseInt(args[2]);
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    try (KafkaConsumer<byte[], List<byte[]>> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new FrameDeserializer())) {
      consumer.subscribe(List.of(args[1]));
      StringBuilder out = new StringBuilder();
      while (left > 0 && System.nanoTime() < end) {
        for (ConsumerRecord<byte[], List<byte[]>> record : consumer.poll(Duration.ofMillis(200))) {
          for (byte[] event : record.value()) {
            out.append(HexFormat.of().formatHex(event)).append('\n');
            left--;
          }
        }
      }
      System.out.print(out);
    }
  }
}
