package penstock.frames;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class AttributeValueTest {
  private static AttributeValue of(int... bytes) {
    byte[] message = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) message[i] = (byte) bytes[i];
    return new AttributeValue(new Bytes(Slice.of(message)));
  }

  @Test
  void fieldsOfLaterSchemasChangeNothing() {
    AttributeValue text = of(10, 1, 'x', 58, 1, 'y', 64, 1);
    assertEquals(Field.Type.TEXT, text.type());
    assertEquals('x', text.text().bytes()[text.text().from()]);
    AttributeValue number = of(64, 1, 16, 4);
    assertEquals(Field.Type.INTEGER, number.type());
    assertEquals(2, number.number());
  }

  @Test
  void theLastCounts() {
    AttributeValue yes = of(10, 1, 'x', 32, 1);
    assertEquals(Field.Type.BOOLEAN, yes.type());
    assertNull(yes.text());
    assertEquals(1, yes.number());
    AttributeValue none = of(16, 4, 40, 0);
    assertEquals(Field.Type.NULL, none.type());
    assertEquals(0, none.number());
    assertEquals(Field.Type.NULL, of().type());
  }
}
