package penstock.frames;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** RFC 5424 structured data in which nothing needs escaping, as JSON. */
final class StructuredData {
  // Names: 33 to 126 without " = \ ]
  private static final String NAME = "[!#-<>-\\[^-~]++";
  private static final Pattern ELEMENT = Pattern.compile("\\[(" + NAME + ")");
  private static final Pattern PARAMETER = Pattern.compile(" (" + NAME + ")=(\"[^\"\\\\\\x00-\\x1f]*+\")");

  private StructuredData() {}

  /** [id name="value"][id2] is {"id":{"name":"value"},"id2":{}}. */
  static String json(String text) {
    StringBuilder out = new StringBuilder("{");
    Matcher element = ELEMENT.matcher(text), parameter = PARAMETER.matcher(text);
    for (int at = 0; at < text.length() || at == 0; ) {
      if (!element.region(at, text.length()).lookingAt()) throw new FrameException("malformed structured data");
      if (at > 0) out.append(',');
      out.append('"').append(element.group(1)).append("\":{");
      int begin = at = element.end();
      for (; parameter.region(at, text.length()).lookingAt(); at = parameter.end()) {
        if (at > begin) out.append(',');
        out.append('"').append(parameter.group(1)).append("\":").append(parameter.group(2));
      }
      if (at >= text.length() || text.charAt(at++) != ']') throw new FrameException("malformed structured data");
      out.append('}');
    }
    return out.append('}').toString();
  }
}
