package dev.rebasis.client.internal.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.h2.mvstore.WriteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts have one form, whichever way is taken to write and to read them: files that were written by another version are read. */
class ValueCodecTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "a", "\u007f", "\u0080", "\u00ff?", "\u0100", "a\u07ff", "\u0800b", "\ud83d\ude00", "\ud800", "?\udc00", "\u0000"})
  void aTextHasTheFormOfH2(String text) {
    assertForm(text);
  }

  @Test
  void randomTextsHaveTheFormOfH2() {
    Random random = new Random(1);
    for (int i = 0; i < 2_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(12); length > 0; length--) {
        text.append((char) random.nextInt(1 << 4 + random.nextInt(13)));
      }
      assertForm(text.toString());
    }
  }

  private static void assertForm(String text) {
    WriteBuffer expected = new WriteBuffer();
    expected.put((byte) ValueCodec.tag(text)).putVarInt(text.length()).putStringData(text, text.length());
    byte[] form = bytes(expected);
    WriteBuffer out = new WriteBuffer();
    ValueCodec.write(out, text);
    assertThat(bytes(out)).isEqualTo(form);
    ByteBuffer in = ByteBuffer.wrap(form);
    assertThat(ValueCodec.read(in)).isEqualTo(text);
    assertThat(in.hasRemaining()).isFalse();
    // What follows is not taken for a part of it, and a buffer may be a part of an array, or have none.
    ByteBuffer longer = ByteBuffer.allocateDirect(form.length + 4).put(3, (byte) 1).position(3).put(form).put((byte) -1);
    assertThat(ValueCodec.read(longer.position(3))).isEqualTo(text);
    ByteBuffer part = ByteBuffer.wrap(new byte[form.length + 7], 5, form.length + 2).slice().put(form).put((byte) -1).flip();
    assertThat(ValueCodec.read(part)).isEqualTo(text);
    assertThat(part.remaining()).isEqualTo(1);
  }

  private static byte[] bytes(WriteBuffer out) {
    ByteBuffer buffer = out.getBuffer().flip();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }
}
