package dev.rebasis.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Goal: every message comes back as it went, and whatever else comes in does no harm. Method: random messages with all
 * types of values; random, mutated and truncated bytes.
 */
class WireCodecPropertyTest {
  private static final WireCodec JSON = WireCodec.json(Limits.client());
  private static final WireCodec CBOR = WireCodec.cbor(Limits.client());

  @Provide
  Arbitrary<Message> messages() {
    return AnyMessage.any();
  }

  /** One property, since to make a message takes ten times as long as all that is done with it. */
  @Property(tries = 2000, edgeCases = EdgeCasesMode.NONE)
  void messagesComeBackAsTheyWent_andDamagedOnesAreReadOrRefused(
      @ForAll("messages") Message message, @ForAll List<Integer> places, @ForAll byte[] noise, @ForAll int end) {
    for (WireCodec codec : List.of(JSON, CBOR)) {
      byte[] bytes = codec.encode(message);
      comesBack(codec, message, bytes);
      truncated(codec, bytes, end);
      mutated(codec, bytes.clone(), places, noise);
      // Another one that differs in one place alone.
      mutated(codec, bytes.clone(), List.of(end), noise);
    }
    String text = new String(JSON.encode(message), StandardCharsets.UTF_8);
    assertThat(JSON.decode(text)).isEqualTo(message);
  }

  private static void comesBack(WireCodec codec, Message message, byte[] bytes) {
    Message back = codec.decode(bytes);
    assertThat(AnyMessage.same(back, message)).as("%s, came back as %s", message, back).isTrue();
    assertThat(codec.encode(back)).isEqualTo(bytes);
  }

  private static void truncated(WireCodec codec, byte[] bytes, int end) {
    assertThat(decodeOrRefuse(codec, Arrays.copyOf(bytes, Math.floorMod(end, bytes.length)))).isFalse();
    assertThat(decodeOrRefuse(codec, Arrays.copyOf(bytes, bytes.length + 1))).isEqualTo(false);
  }

  private static void mutated(WireCodec codec, byte[] bytes, List<Integer> places, byte[] noise) {
    for (int i = 0; i < Math.min(places.size(), 4); i++) {
      byte other = noise.length == 0 ? (byte) places.get(i).intValue() : noise[i % noise.length];
      bytes[Math.floorMod(places.get(i), bytes.length)] = other;
    }
    decodeOrRefuse(codec, bytes);
  }

  @Property(tries = 3000, edgeCases = EdgeCasesMode.NONE)
  void randomBytesAreRefused(@ForAll byte[] bytes) {
    decodeOrRefuse(JSON, bytes);
    decodeOrRefuse(CBOR, bytes);
  }

  @Property(tries = 3000, edgeCases = EdgeCasesMode.NONE)
  void randomTextIsRefused(@ForAll("texts") String text) {
    decodeOrRefuse(JSON, text.getBytes(StandardCharsets.UTF_8));
    try {
      JSON.decode(text);
    } catch (ProtocolException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  @Provide
  Arbitrary<String> texts() {
    Arbitrary<String> part = Arbitraries.of("{", "}", "[", "]", ",", ":", "\"type\":", "\"push\"", "\"transactions\"",
        "\"hello\"", "\"bye\"", "\"intents\":", "\"~#set\"", "\"~#cmap\"", "\"~i5\"", "\"~t\"", "\"~wAAA=\"", "\"~w\"", "5",
        "-1", "1.5", "null", "true", "\"reason\":", "\"\\ud800\"");
    return part.list().ofMaxSize(20).map(parts -> String.join("", parts));
  }

  /** Whether it was read; any other exception than the protocol's fails the test. */
  private static boolean decodeOrRefuse(WireCodec codec, byte[] bytes) {
    Message message;
    try {
      message = codec.decode(bytes);
    } catch (ProtocolException e) {
      assertThat(e.getMessage()).isNotBlank();
      return false;
    }
    assertThat(codec.decode(codec.encode(message))).isEqualTo(message);
    return true;
  }
}
