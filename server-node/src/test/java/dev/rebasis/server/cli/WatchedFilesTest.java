package dev.rebasis.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: a change is used once it is whole and can be used, and never else. Method: files that change between looks. */
class WatchedFilesTest {
  @TempDir private Path folder;
  private final List<List<String>> used = new ArrayList<>();
  private final WatchedFiles files = new WatchedFiles();
  private RuntimeException busy;
  private Path certificate;
  private Path key;

  @BeforeEach
  void watch() throws IOException {
    certificate = Files.writeString(folder.resolve("certificate"), "c1");
    key = Files.writeString(folder.resolve("key"), "k1");
    files.add(List.of(certificate, key), now -> {
      if (now.contains("bad")) {
        throw new RebasisException(Keyword.of(":test/bad"), ErrorCategory.FIX_REQUEST, "It is bad.");
      }
      if (busy != null) {
        throw busy;
      }
      used.add(now);
    });
  }

  @Test
  void whatCannotBeTakenUpNowIsTriedAgainUntilItIs() throws IOException {
    Files.writeString(certificate, "c2");
    files.look();
    busy = new RebasisException(Keyword.of(":test/busy"), ErrorCategory.RETRY_LATER, "It is away.");
    files.look();
    busy = new IllegalStateException("a fault");
    files.look();
    busy = null;
    assertThat(used).isEmpty();
    files.look();
    files.look();
    assertThat(used).containsExactly(List.of("c2", "k1"));
  }

  @Test
  void whatIsPutBackAfterItWasTakenUpInPartIsUsedAnew() throws IOException {
    for (RuntimeException failure : List.of(
        new RebasisException(Keyword.of(":test/busy"), ErrorCategory.RETRY_LATER, "One of the databases is away."),
        new IllegalStateException("a fault"))) {
      used.clear();
      Files.writeString(certificate, "c2");
      files.look();
      busy = failure;
      files.look();
      busy = null;
      Files.writeString(certificate, "c1");
      files.look();
      assertThat(used).as("one look is not enough").isEmpty();
      files.look();
      files.look();
      assertThat(used).as("after " + failure).containsExactly(List.of("c1", "k1"));
    }
  }

  @Test
  void aChangeIsUsedOnceWhenTwoLooksFoundTheSame() throws IOException {
    files.look();
    files.look();
    assertThat(used).as("nothing has changed").isEmpty();
    Files.writeString(certificate, "c2");
    files.look();
    Files.writeString(key, "k2");
    files.look();
    assertThat(used).as("the second file came later").isEmpty();
    files.look();
    files.look();
    assertThat(used).containsExactly(List.of("c2", "k2"));
  }

  @Test
  void whatCannotBeUsedOrReadIsPassedOver() throws IOException {
    Files.writeString(key, "bad");
    files.look();
    files.look();
    Files.delete(key);
    files.look();
    files.look();
    assertThat(used).isEmpty();
    Files.writeString(key, "k1");
    files.look();
    files.look();
    assertThat(used).as("it is as it was, and that was never given up; to use it again does no harm").hasSizeLessThan(2);
    Files.writeString(key, "k3");
    files.look();
    files.look();
    assertThat(used).last().isEqualTo(List.of("c1", "k3"));
  }
}
