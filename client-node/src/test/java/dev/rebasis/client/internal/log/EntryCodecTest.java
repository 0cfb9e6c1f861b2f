package dev.rebasis.client.internal.log;

import static dev.rebasis.client.internal.Samples.USER;
import static dev.rebasis.client.internal.Samples.add;
import static dev.rebasis.client.internal.Samples.intent;
import static dev.rebasis.client.internal.Samples.tx;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.conflict.Conflict;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.OutcomeKind;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What the write-ahead log takes comes back as it went; what it does not take, it says so. */
class EntryCodecTest {
  private static final UUID ID = new UUID(1, 2);

  @Test
  void entriesComeBackInOrder() {
    List<LogEntry> entries = List.of(
        new LogEntry.IntentMade(intent(7, 1000, "a \"text\"")),
        new LogEntry.Confirmed(List.of(tx(1001, add(USER, 72, "x")), tx(1003, add(USER + 1, 72, 5L)))),
        new LogEntry.Decided(ID, OutcomeKind.REJECTED, true, 1005, Map.of(3L, USER), Keyword.of(":db.error/cas-failed"),
            "why", List.of()),
        new LogEntry.Decided(ID, OutcomeKind.ACCEPTED, false, 1005, Map.of(), null, null, List.of()),
        new LogEntry.Made(Map.of(1L, USER, 2L, USER + 1)));
    assertThat(EntryCodec.decode(ByteBuffer.wrap(EntryCodec.encode(entries)))).isEqualTo(entries);
  }

  @Test
  void whatIsRareOrLargeGoesToTheTablesDirectly() {
    assertThat(EntryCodec.encode(List.of(new LogEntry.ClientNumber(1)))).isNull();
    assertThat(EntryCodec.encode(List.of(new LogEntry.DropConfirmed()))).isNull();
    List<Transaction> many = new ArrayList<>();
    for (int t = 0; t <= EntryCodec.DATOMS_MAX; t++) {
      many.add(tx(1000 + t, add(USER + t, 72, "x")));
    }
    assertThat(EntryCodec.encode(List.of(new LogEntry.Confirmed(many)))).isNull();
    Conflict conflict = new Conflict(Keyword.of(":k"), USER, null, List.of(), List.of(), List.of(), List.of(),
        Keyword.of(":p"), 0);
    assertThat(EntryCodec.encode(List.of(new LogEntry.Decided(ID, OutcomeKind.MERGED, false, 1, Map.of(), null, null,
        List.of(conflict))))).isNull();
  }

  @Test
  void bytesOfAnotherMakeAreSaidToBeDamaged() {
    byte[] record = EntryCodec.encode(List.of(new LogEntry.Made(Map.of(1L, 2L))));
    record[0] = 99;
    assertThatThrownBy(() -> EntryCodec.decode(ByteBuffer.wrap(record))).isInstanceOf(DamagedRowException.class);
    assertThatThrownBy(() -> EntryCodec.decode(ByteBuffer.wrap(new byte[] {1, 0, 0}))).isInstanceOf(DamagedRowException.class);
  }
}
