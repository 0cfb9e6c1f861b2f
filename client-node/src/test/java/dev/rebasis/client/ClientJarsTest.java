package dev.rebasis.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** What a program that embeds the client must carry: few and light jars, none of Datomic's. Read from Maven's own list. */
class ClientJarsTest {
  private static final long BYTES_MAX = 12_000_000;

  @Test
  void theClientsJarsAreLight() throws IOException {
    long bytes = sizeOf(Path.of("target", "classes"));
    for (Path entry : entries()) {
      bytes += sizeOf(entry);
    }
    assertThat(bytes).as("bytes of the client's own classes and of all that they need").isLessThan(BYTES_MAX);
  }

  @Test
  void noneIsDatomicsOrClojures() throws IOException {
    List<Path> entries = entries();
    assertThat(entries).as("the list is not empty").anyMatch(e -> e.getFileName().toString().startsWith("h2-"));
    assertThat(entries).noneMatch(e -> e.toString().contains("datomic") || e.toString().contains("clojure"));
  }

  private static List<Path> entries() throws IOException {
    String list = Files.readString(Path.of("target", "runtime-classpath.txt")).strip();
    return Stream.of(list.split(File.pathSeparator)).map(Path::of).toList();
  }

  /** The size of a jar; of a folder of classes, what its jar will have. */
  private static long sizeOf(Path entry) throws IOException {
    if (Files.isRegularFile(entry)) {
      return Files.size(entry);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Stream<Path> files = Files.walk(entry); JarOutputStream jar = new JarOutputStream(bytes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        jar.putNextEntry(new ZipEntry(entry.relativize(file).toString()));
        Files.copy(file, jar);
        jar.closeEntry();
      }
    }
    return bytes.size();
  }
}
