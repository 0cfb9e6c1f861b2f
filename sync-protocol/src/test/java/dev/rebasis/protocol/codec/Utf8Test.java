package dev.rebasis.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Goal: exactly the UTF-8 of the JDK's decoder. Method: all texts of up to three bytes, random longer ones. */
class Utf8Test {

  private static boolean jdk(byte[] bytes) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  @Test
  void shortOnes_areAsTheJdkSays() {
    for (int i = 0x80; i < 0x100; i++) {
      for (int j = 0; j < 0x100; j++) {
        assertSame((byte) i, (byte) j);
        for (int k = 0x70; k < 0x100; k += 0x0f) {
          assertSame((byte) i, (byte) j, (byte) k);
          assertSame((byte) i, (byte) j, (byte) k, (byte) 0x80);
        }
      }
    }
  }

  private static void assertSame(byte... bytes) {
    if (Utf8.isValid(bytes, 0, bytes.length) != jdk(bytes)) {
      assertThat(Utf8.isValid(bytes, 0, bytes.length)).as(java.util.HexFormat.of().formatHex(bytes)).isEqualTo(jdk(bytes));
    }
  }

  @Property
  void texts_areValid(@ForAll String text, @ForAll @Size(max = 6) byte[] noise) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8); // lone surrogates become question marks
    assertThat(Utf8.isValid(utf8, 0, utf8.length)).isTrue();
    assertSame(noise);
  }
}
