package penstock.frames;

/** A record's value is no frame, is damaged, or holds more than allowed. */
public final class FrameException extends RuntimeException {
  private static final long serialVersionUID = 1;

  FrameException(String why) {
    super("the record is refused: " + why);
  }
}
