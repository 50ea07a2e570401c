package penstock.frames;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** For Kafka Streams: reads frames and single LogEvents; writes single LogEvents, frames are made by Penstock alone. */
public final class FrameSerde implements Serde<List<byte[]>> {
  private final FrameDeserializer deserializer = new FrameDeserializer();

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    deserializer.configure(configs, isKey);
  }

  @Override
  public Serializer<List<byte[]>> serializer() {
    return (topic, events) -> {
      if (events == null) return null;
      if (events.size() == 1) return events.get(0);
      throw new SerializationException("topic " + topic + ": " + events.size() + " events in one record; write one record an event");
    };
  }

  @Override
  public Deserializer<List<byte[]>> deserializer() {
    return deserializer;
  }
}
