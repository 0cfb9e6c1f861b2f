package dev.rebasis.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: the test vectors of docs/protocol say what this codec does, byte by byte, so that other languages can be written
 * against them. Method: each file is compared with the message of {@link SampleMessages} that bears its name. Run with
 * {@code -Drebasis.vectors.write=true} to write the files anew and read the difference.
 */
class VectorsTest {
  private static final Path VECTORS = docs().resolve("protocol/vectors");
  private static final WireCodec JSON = WireCodec.json(Limits.server());
  private static final WireCodec CBOR = WireCodec.cbor(Limits.server());

  private static Path docs() {
    for (Path dir = Path.of("").toAbsolutePath(); dir != null; dir = dir.getParent()) {
      if (Files.isDirectory(dir.resolve("docs/protocol"))) {
        return dir.resolve("docs");
      }
    }
    throw new IllegalStateException("The folder docs/protocol is in no folder above this one.");
  }

  static Stream<String> names() {
    return SampleMessages.all().keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("names")
  void vector_isWhatTheCodecWritesAndReads(String name) throws IOException {
    Message message = SampleMessages.all().get(name);
    Path json = VECTORS.resolve(name + ".json");
    Path cbor = VECTORS.resolve(name + ".cbor.hex");
    String jsonText = new String(JSON.encode(message), StandardCharsets.UTF_8) + "\n";
    String cborHex = HexFormat.of().formatHex(CBOR.encode(message)) + "\n";
    if (Boolean.getBoolean("rebasis.vectors.write")) {
      Files.writeString(json, jsonText);
      Files.writeString(cbor, cborHex);
    }
    assertThat(Files.readString(json)).isEqualTo(jsonText);
    assertThat(Files.readString(cbor)).isEqualTo(cborHex);
    Message fromJson = JSON.decode(Files.readString(json).strip());
    Message fromCbor = CBOR.decode(HexFormat.of().parseHex(Files.readString(cbor).strip()));
    assertThat(AnyMessage.same(fromJson, message)).as("%s", fromJson).isTrue();
    assertThat(AnyMessage.same(fromCbor, message)).as("%s", fromCbor).isTrue();
  }

  @Test
  void everyMessageHasAVectorAndEveryFileASample() throws IOException {
    assertThat(SampleMessages.all().values().stream().map(Object::getClass).toList())
        .containsAll(messageTypes(Message.class));
    TreeSet<String> wanted = new TreeSet<>(List.of("accepted.txt", "refused.txt"));
    SampleMessages.all().keySet().forEach(name -> wanted.addAll(List.of(name + ".json", name + ".cbor.hex")));
    try (Stream<Path> files = Files.list(VECTORS)) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrderElementsOf(wanted);
    }
  }

  private static List<Class<?>> messageTypes(Class<?> type) {
    if (type.isRecord()) {
      return List.of(type);
    }
    List<Class<?>> types = new ArrayList<>();
    for (Class<?> permitted : type.getPermittedSubclasses()) {
      types.addAll(messageTypes(permitted));
    }
    return types;
  }

  /** The lines of a file of two columns, comments left out. */
  private static List<Map.Entry<String, String>> lines(String file) throws IOException {
    List<Map.Entry<String, String>> lines = new ArrayList<>();
    for (String line : Files.readAllLines(VECTORS.resolve(file))) {
      if (!line.isBlank() && !line.startsWith("#")) {
        String[] columns = line.split("\t", 2);
        lines.add(Map.entry(columns[0], columns[1]));
      }
    }
    return lines;
  }

  @Test
  void refusedMessages_areRefusedWithTheirCode() throws IOException {
    List<Map.Entry<String, String>> lines = lines("refused.txt");
    assertThat(lines).hasSizeGreaterThan(10);
    for (Map.Entry<String, String> line : lines) {
      ProtocolException e = catchThrowableOfType(ProtocolException.class, () -> decode(line.getValue()));
      assertThat(e).as(line.getValue()).isNotNull();
      assertThat(e.code().toString()).as(line.getValue()).isEqualTo(line.getKey());
    }
  }

  @Test
  void otherSpellings_areAcceptedAsTheSame() throws IOException {
    List<Map.Entry<String, String>> lines = lines("accepted.txt");
    assertThat(lines).hasSizeGreaterThan(5);
    for (Map.Entry<String, String> line : lines) {
      Message message = decode(line.getValue());
      assertThat(new String(JSON.encode(message), StandardCharsets.UTF_8)).isEqualTo(line.getKey());
    }
  }

  private static Message decode(String text) {
    return text.startsWith("cbor:") ? CBOR.decode(HexFormat.of().parseHex(text.substring(5))) : JSON.decode(text);
  }
}
