package dev.rebasis.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolException;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: input that is made to hurt is refused with a typed error, at little cost. Method: one example for each way to
 * hurt; a reader that does the work asked for would run out of memory, stack or the time limit.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileInputTest {
  private static final WireCodec JSON = WireCodec.json(Limits.server());
  private static final WireCodec CBOR = WireCodec.cbor(Limits.server());

  private static ProtocolException refuse(WireCodec codec, byte[] bytes) {
    ProtocolException e = catchThrowableOfType(ProtocolException.class, () -> codec.decode(bytes));
    assertThat(e).as("not refused").isNotNull();
    assertThat(e.getMessage().length()).isLessThan(2_000);
    return e;
  }

  private static ProtocolException refuseJson(String text) {
    ProtocolException e = refuse(JSON, text.getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> JSON.decode(text)).isInstanceOf(ProtocolException.class);
    return e;
  }

  private static String push(String form) {
    return "{\"type\":\"push\",\"intents\":[{\"id\":\"~u00000000-0000-0000-0000-000000000001\",\"seq\":1,\"basisT\":0,"
        + "\"madeAt\":\"~m0\",\"tempids\":[\"datomic.tx\",1],\"forms\":[" + form + "]}]}";
  }

  /** The bytes of a push whose only form is the given bytes. */
  private static byte[] cborPush(byte[] form) {
    Intent intent = new Intent(new UUID(0, 1), 1, 0, Instant.EPOCH, List.of("MARK"), Map.of());
    byte[] whole = CBOR.encode(new Message.Push(List.of(intent)));
    String text = new String(whole, StandardCharsets.ISO_8859_1);
    int at = text.indexOf("MARK") - 1;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(whole, 0, at);
    out.writeBytes(form);
    out.write(whole, at + 5, whole.length - at - 5);
    return out.toByteArray();
  }

  private static byte[] repeat(int unit, int times) {
    byte[] bytes = new byte[times];
    Arrays.fill(bytes, (byte) unit);
    return bytes;
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  @Test
  void thePushesOfThisTestAreGoodOtherwise() {
    assertThat(JSON.decode(push("1"))).isInstanceOf(Message.Push.class);
    assertThat(CBOR.decode(cborPush(bytes(1)))).isInstanceOf(Message.Push.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{\"a\":", "[\"~#list\",[", "[\"~#cmap\",[", "[\"~#set\",["})
  void deepJsonIsRefused(String unit) {
    for (int times : new int[] {400, 200_000}) {
      assertThat(refuseJson(push(unit.repeat(times))).code()).isEqualTo(ProtocolException.TOO_LARGE);
      assertThat(refuseJson("{\"type\":\"bye\",\"unknown\":" + unit.repeat(times)).code())
          .isEqualTo(ProtocolException.TOO_LARGE);
      assertThat(refuseJson("{\"unknown\":" + unit.repeat(times)).code()).isEqualTo(ProtocolException.TOO_LARGE);
      refuseJson(unit.repeat(times));
    }
  }

  @Test
  void deepCborIsRefused() {
    for (int times : new int[] {400, 2_000_000}) {
      for (int unit : new int[] {0x81, 0x9f, 0xc1, 0xd8, 0xa1, 0xbf}) {
        refuse(CBOR, cborPush(repeat(unit, times)));
        refuse(CBOR, repeat(unit, times));
      }
    }
  }

  @Test
  void hugeNumbersAreRefusedAtOnce() {
    String digits = "9".repeat(4_000_000);
    for (String form : List.of(digits, digits + ".5", "1e" + digits, "\"~n" + digits + "\"", "\"~f" + digits + "\"",
        "\"~i" + digits + "\"", "\"~d" + digits + "\"", "\"~t" + digits + "\"", "\"~f1e999999999\"", "\"~f1e-999999999\"")) {
      assertThat(refuseJson(push(form)).code()).isEqualTo(ProtocolException.TOO_LARGE);
    }
    for (String form : List.of("1e999999999", "-1e400", "99999999999999999999", "\"~f1e99999999999\"", "\"~i99999999999999999999\"",
        "\"~d0x1p3\"", "\"~d1f\"", "\"~e 1\"", "\"~d\"", "\"~zNAN\"", "\"~m99999999999999999999\"", "\"~t1e9\"",
        "\"~t+1000000000-01-01T00:00:00Z\"")) {
      assertThat(refuseJson(push(form)).code()).as(form).isEqualTo(ProtocolException.MALFORMED);
    }
  }

  @Test
  void cborsOwnBigNumbersAreRefused() {
    byte[] length = ByteBuffer.allocate(4).putInt(3_000_000).array();
    for (byte[] form : List.of(
        concat(bytes(0xc2, 0x5a), length, repeat(0xff, 3_000_000)), // a big integer of 3 MB
        concat(bytes(0xc3, 0x5a), length, repeat(0xff, 3_000_000)),
        bytes(0xc2, 0x41, 5),
        bytes(0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), // 2^64 - 1
        bytes(0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
        bytes(0xc4, 0x82, 0x1a, 0x7f, 0xff, 0xff, 0xff, 1), // 1 * 10^2147483647
        bytes(0xc4, 0x82, 0x3a, 0x7f, 0xff, 0xff, 0xff, 1),
        bytes(0xc4, 0x82, 0x1b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1))) {
      refuse(CBOR, cborPush(form));
    }
  }

  @Test
  void lengthsThatAreNotThereAreRefused() {
    for (int type : new int[] {0x5a, 0x7a, 0x9a, 0xba}) {
      refuse(CBOR, cborPush(bytes(type, 0x7f, 0xff, 0xff, 0xff)));
      refuse(CBOR, cborPush(bytes(type + 1, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)));
      refuse(CBOR, cborPush(bytes(type + 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)));
    }
  }

  @Test
  void oddCborIsRefused() {
    refuse(CBOR, cborPush(bytes(0xf7))); // undefined
    refuse(CBOR, cborPush(bytes(0xf8, 0x50))); // a simple value
    refuse(CBOR, cborPush(bytes(0xfc)));
    refuse(CBOR, cborPush(bytes(0xf9, 0x3c, 0x00))); // half a float
    refuse(CBOR, cborPush(bytes(0xc0, 0x00))); // any tag
    refuse(CBOR, cborPush(bytes(0x62, 0xc3, 0x28))); // no UTF-8
    refuse(CBOR, cborPush(bytes(0xd8, 0x19, 0x00))); // a string reference
    refuse(CBOR, cborPush(bytes(0xd9, 0x01, 0x00, 0x82, 0x63, 'a', 'b', 'c', 0xd8, 0x19, 0x00)));
    refuse(CBOR, new byte[0]);
    refuse(JSON, new byte[0]);
    assertThatThrownBy(() -> CBOR.decode("{}")).isInstanceOf(ProtocolException.class);
    refuse(JSON, CBOR.encode(new Message.Basis(5)));
    refuse(CBOR, JSON.encode(new Message.Basis(5)));
    refuse(JSON, "{\"type\":\"basis\",\"t\":5}".getBytes(StandardCharsets.UTF_16LE));
  }

  @Test
  void tooManyOrTooLongIsRefused() {
    assertThat(refuseJson(push("0" + ",0".repeat(1_100_000))).code()).isEqualTo(ProtocolException.TOO_LARGE);
    assertThat(refuse(CBOR, cborPush(concat(bytes(0x9a, 0, 0x11, 0, 0), new byte[0x110000]))).code())
        .isEqualTo(ProtocolException.TOO_LARGE);
    assertThat(refuseJson(" ".repeat(5 << 20)).code()).isEqualTo(ProtocolException.TOO_LARGE);
    assertThat(refuseJson(push("\"~:" + "a".repeat(2_000) + "\"")).code()).isEqualTo(ProtocolException.TOO_LARGE);
    assertThat(refuseJson(push("\"~$" + "a".repeat(2_000) + "\"")).code()).isEqualTo(ProtocolException.TOO_LARGE);
    assertThat(refuseJson(push("{\"" + "a".repeat(100_000) + "\":1}")).code()).isEqualTo(ProtocolException.TOO_LARGE);
    WireCodec narrow = WireCodec.json(new Limits(1 << 20, 1 << 20, 50, 1000, 100, 20, 5, 20, 20));
    byte[] longText = push("\"" + "a".repeat(101) + "\"").getBytes(StandardCharsets.UTF_8);
    assertThat(refuse(narrow, longText).code()).isEqualTo(ProtocolException.TOO_LARGE);
  }

  @Test
  void newKeywordsAreFew() {
    StringBuilder forms = new StringBuilder("0");
    for (int i = 0; i < 20_000; i++) {
      forms.append(",\"~:hostile.input/k").append(i).append('"');
    }
    assertThat(refuseJson(push(forms.toString())).code()).isEqualTo(ProtocolException.TOO_LARGE);
    assertThat(Keyword.known(":hostile.input/k0")).isNotNull();
    // Twice, since the text was read as bytes and as text; the first ones were known by then.
    assertThat(Keyword.known(":hostile.input/k2500")).isNull();
  }

  @Test
  void keysWithEqualHashesAreRefused() {
    // [0 961] and [1 930] and so on: 31 * 31 + 31 * a + b stays the same.
    StringBuilder forms = new StringBuilder("[\"~#set\",[[0,0]");
    for (int i = 1; i < 100_000; i++) {
      forms.append(",[").append(i).append(',').append(-31L * i).append(']');
    }
    assertThat(refuseJson(push(forms + "]]")).code()).isEqualTo(ProtocolException.TOO_LARGE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"~\"", "\"~:\"", "\"~: a\"", "\"~$\"", "\"~q\"", "\"~c\"", "\"~cab\"", "\"~b*\"", "\"~r:\"", "\"~u1-1-1-1-1\"",
      "\"~u00000000-0000-0000-0000-00000000000g\"", "\"~wAA==\"", "\"~wAH4AdwB+\"", "\"~w*\"", "[\"~#foo\",[]]", "[\"~#list\"]",
      "[\"~#list\",1]", "[\"~#list\",[],1]", "[\"~#set\",[1,1]]", "[\"~#cmap\",[1]]", "[\"~#cmap\",[1,1,1,2]]",
      "{\"a\":1,\"a\":2}", "\"~#list\"", "NaN", "01", "'a'", "1,", "/* c */1", "undefined", "\"~t2020-01-01\""})
  void valuesThatAreNoneAreRefused(String form) {
    assertThat(refuseJson(push(form)).code()).isEqualTo(ProtocolException.MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[]", "null", "1", "\"hello\"", "{\"type\":1}", "{\"type\":null}", "{\"t\":5}", "{\"type\":\"basis\"}",
      "{\"type\":\"basis\",\"t\":null}", "{\"type\":\"basis\",\"t\":\"5\"}", "{\"type\":\"basis\",\"t\":5.0}",
      "{\"type\":\"basis\",\"t\":-5}", "{\"type\":\"basis\",\"t\":5}{}", "{\"type\":\"basis\",\"t\":5},", "{\"type\":\"push\"}",
      "{\"type\":\"push\",\"intents\":[]}", "{\"type\":\"push\",\"intents\":[1]}", "{\"type\":\"push\",\"intents\":[[]]}",
      "{\"type\":\"push\",\"intents\":{}}", "{\"type\":\"transactions\",\"follows\":0,\"basisT\":1,\"transactions\":[{\"t\":1}]}",
      "{\"type\":\"transactions\",\"follows\":0,\"basisT\":1,\"transactions\":[{\"t\":1,\"datoms\":[[1,2]]}]}",
      "{\"type\":\"transactions\",\"follows\":0,\"basisT\":1,\"transactions\":[{\"t\":1,\"datoms\":[[1,2,null]]}]}",
      "{\"type\":\"transactions\",\"follows\":0,\"basisT\":1,\"transactions\":[{\"t\":1,\"datoms\":[[1,2,3,true,4]]}]}",
      "{\"type\":\"transactions\",\"follows\":0,\"basisT\":1,\"transactions\":[{\"t\":1,\"datoms\":[[\"1\",2,3]]}]}",
      "{\"type\":\"transactions\",\"follows\":0,\"basisT\":1,\"transactions\":[{\"t\":4398046511104,\"datoms\":[]}]}",
      "{\"type\":\"outcomes\",\"outcomes\":[{\"id\":5}]}", "{\"type\":\"pull-credit\",\"datoms\":0}",
      "{\"type\":\"error\",\"code\":\"a\",\"category\":\"fix-request\",\"message\":\"\",\"retryAfterMillis\":0,\"fatal\":true}",
      "{\"type\":\"error\",\"code\":\"~:a\",\"category\":\"x\",\"message\":\"\",\"retryAfterMillis\":0,\"fatal\":true}"})
  void messagesThatAreNoneAreRefused(String text) {
    assertThat(refuseJson(text).code()).isEqualTo(ProtocolException.MALFORMED);
  }

  @Test
  void otherTypesAreToldApart() {
    assertThat(refuseJson("{\"type\":\"gossip\",\"x\":1}").code()).isEqualTo(ProtocolException.UNKNOWN_TYPE);
  }

  @Test
  void unknownFieldsAreIgnoredAndTheTypeMayComeLate() {
    for (String text : List.of(
        "{\"type\":\"synced\",\"new\":[\"~#what\",{\"a\":\"~Q\"}],\"ref\":1,\"t\":2}",
        "{\"ref\":1,\"t\":2,\"type\":\"synced\"}",
        "{\"new\":{\"type\":\"bye\"},\"ref\":1,\"type\":\"synced\",\"t\":2}")) {
      assertThat(JSON.decode(text)).isEqualTo(new Message.Synced(1, 2));
      assertThat(JSON.decode(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(new Message.Synced(1, 2));
    }
    assertThat(JSON.decode("{\"type\":\"transactions\",\"basisT\":9,\"x\":[],\"transactions\":[{\"datoms\":[[1,2,\"~i3\",true]],"
        + "\"y\":{},\"t\":7}],\"follows\":5}"))
        .isEqualTo(JSON.decode("{\"type\":\"transactions\",\"follows\":5,\"transactions\":[{\"t\":7,\"datoms\":[[1,2,3]]}],"
            + "\"basisT\":9}"));
  }

  @Test
  void valuesThatCannotBeSentAreRefused() {
    List<Object> endless = new ArrayList<>();
    endless.add(endless);
    for (Object value : List.of(new Object(), endless, new BigDecimal("1e999999999"), BigInteger.ONE.shiftLeft(100_000),
        Instant.MAX, Keyword.of(":" + "k".repeat(2_000)), new StringBuilder("x"), new int[0], Collections.singleton(new Thread()))) {
      Intent intent = new Intent(new UUID(0, 1), 1, 0, Instant.EPOCH, List.of(value), Map.of());
      for (WireCodec codec : List.of(JSON, CBOR)) {
        ProtocolException e =
            catchThrowableOfType(ProtocolException.class, () -> codec.encode(new Message.Push(List.of(intent))));
        assertThat(e.code()).isEqualTo(ProtocolException.UNSENDABLE);
      }
    }
  }

  @Test
  void aMessageThatIsTooLongIsNotSent() {
    for (WireCodec codec : List.of(WireCodec.json(Limits.client()), WireCodec.cbor(Limits.client()))) {
      for (int length : new int[] {3 << 20, 5 << 20}) {
        List<Object> forms = List.of("x".repeat(length / 2), "y".repeat(length / 2));
        Message push = new Message.Push(List.of(new Intent(new UUID(0, 1), 1, 0, Instant.EPOCH, forms, Map.of())));
        if (length < 4 << 20) {
          assertThat(codec.decode(codec.encode(push))).isEqualTo(push);
        } else {
          ProtocolException e = catchThrowableOfType(ProtocolException.class, () -> codec.encode(push));
          assertThat(e.code()).isEqualTo(ProtocolException.TOO_LARGE);
        }
      }
    }
  }
}
