package dev.rebasis.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.data.Datom;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.protocol.codec.WireForm;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Goal: nobody changes what travels without a new version of the protocol. Method: a hash over the fields of all
 * messages, their types and order, and the tags of values.
 */
class SchemaPinTest {
  private static final int PINNED_VERSION = 7;
  private static final String PINNED_HASH = "a306e3af672a2c3867e2a9f08a6699f9a1b773c911a554ec8455ea2a5b9fae1e";

  @Test
  void messages_areThoseOfTheVersion() throws Exception {
    String schema = schema();
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(schema.getBytes(StandardCharsets.UTF_8));
    String advice = "The messages are no longer those of version " + PINNED_VERSION + ".\nRaise the version in "
        + "ProtocolVersion, add a line to its history, write down in docs/protocol.md what changed, write the test "
        + "vectors anew, then pin the new version and hash here.\nThe messages are now:\n" + schema;
    assertThat(HexFormat.of().formatHex(hash)).as(advice).isEqualTo(PINNED_HASH);
    assertThat(ProtocolVersion.CURRENT).as(advice).isEqualTo(PINNED_VERSION);
  }

  @Test
  void versions_areAgreedOnOrRefused() {
    assertThat(ProtocolVersion.agree(ProtocolVersion.CURRENT)).isEqualTo(ProtocolVersion.CURRENT);
    assertThat(ProtocolVersion.agree(ProtocolVersion.CURRENT + 5)).isEqualTo(ProtocolVersion.CURRENT);
    ProtocolVersion.check(ProtocolVersion.OLDEST);
    assertThatThrownBy(() -> ProtocolVersion.agree(ProtocolVersion.OLDEST - 1)).isInstanceOf(ProtocolException.class)
        .hasMessageContaining("update the client");
    assertThatThrownBy(() -> ProtocolVersion.check(ProtocolVersion.CURRENT + 1)).isInstanceOf(ProtocolException.class);
  }

  private static String schema() {
    Set<String> lines = new TreeSet<>();
    addMessages(Message.class, lines);
    for (Class<?> part : Set.of(Intent.class, Terms.class, Terms.PolicyRef.class, Terms.Seen.class, Terms.Premise.class,
        Terms.Group.class, Standing.class, Fork.class, PushOutcome.class, AttributeDigest.class, ScopeSpec.class,
        Transaction.class, Datom.class)) {
      lines.add(part.getSimpleName() + " " + fields(part));
    }
    lines.add("OutcomeKind " + Arrays.toString(OutcomeKind.values()));
    lines.add("ErrorCategory " + Arrays.toString(ErrorCategory.values()));
    lines.add("tags " + WireForm.tags());
    return String.join("\n", lines) + "\n";
  }

  private static void addMessages(Class<?> type, Set<String> lines) {
    if (type.isRecord()) {
      lines.add(type.getSimpleName() + " " + fields(type));
      return;
    }
    for (Class<?> permitted : type.getPermittedSubclasses()) {
      addMessages(permitted, lines);
    }
  }

  private static String fields(Class<?> record) {
    return Arrays.stream(record.getRecordComponents()).map(SchemaPinTest::field).collect(Collectors.joining(", "));
  }

  private static String field(RecordComponent component) {
    return component.getName() + ": " + component.getGenericType().getTypeName();
  }
}
