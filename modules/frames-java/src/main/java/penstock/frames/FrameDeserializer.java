package penstock.frames;

import java.util.List;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/** The LogEvents of a record's value: those of a frame, or the one that the value is (encodings "protobuf" and "compact"). */
public final class FrameDeserializer implements Deserializer<List<byte[]>> {
  @Override
  public List<byte[]> deserialize(String topic, byte[] value) {
    if (value == null) return null;
    if (!Frame.isFrame(value)) return List.of(value);
    try {
      return Frame.records(value);
    } catch (FrameException error) {
      throw new SerializationException("topic " + topic + ": " + error.getMessage(), error);
    }
  }
}
