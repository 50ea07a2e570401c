package penstock.frames;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/** The LogEvents of a record's value: those of a frame, or the one that the value is (encodings "protobuf" and "compact"), all fields written out. */
public final class FrameDeserializer implements Deserializer<List<byte[]>> {
  /** Configuration: a folder of dictionaries, for frames that need one. */
  public static final String DICTIONARIES = "penstock.frames.dictionaries";

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    Object folder = configs.get(DICTIONARIES);
    if (folder != null) Dictionaries.addFolder(Path.of(folder.toString()));
  }

  @Override
  public List<byte[]> deserialize(String topic, byte[] value) {
    if (value == null) return null;
    try {
      return Frame.isFrame(value) ? Frame.records(value) : List.of(Compact.expand(value));
    } catch (FrameException error) {
      throw new SerializationException("topic " + topic + ": " + error.getMessage(), error);
    }
  }
}
