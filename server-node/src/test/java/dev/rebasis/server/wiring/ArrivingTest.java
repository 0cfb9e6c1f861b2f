package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.protocol.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Goal: half-sent messages of however many connections take no more memory than there is room for. Method: parts of messages. */
class ArrivingTest {
  private static final int LARGE = 100 << 10;

  private final ReceiveRoom room = new ReceiveRoom(2L * LARGE, LARGE);

  private Arriving connection() {
    return new Arriving(4 << 20, room, null);
  }

  private static byte[] bytes(int count) {
    return new byte[count];
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void partsBecomeTheMessage() {
    Arriving one = connection();
    assertThat(one.add(bytes("ab"), false)).isNull();
    assertThat(one.add(bytes("c"), true)).isEqualTo(bytes("abc"));
    assertThat(one.add(bytes("d"), true)).isEqualTo(bytes("d"));
    assertThat(room.taken()).as("small ones are free").isZero();
  }

  @Test
  void oneWithoutRoomIsGivenUpAndTheOthersGoOn() {
    Arriving first = connection();
    Arriving second = connection();
    Arriving third = connection();
    assertThat(first.add(bytes(LARGE), false)).isNull();
    assertThat(second.add(bytes(LARGE), false)).isNull();
    assertThat(third.add(bytes(ReceiveRoom.FREE_BYTES), false)).isNull();
    assertThatThrownBy(() -> third.add(bytes(LARGE), false)).hasMessageContaining("Come back")
        .satisfies(e -> assertThat(((dev.rebasis.error.RebasisException) e).code()).isEqualTo(ReceiveRoom.BUSY));
    assertThat(connection().add(bytes(ReceiveRoom.FREE_BYTES), true)).as("small messages always go through").isNotNull();
    byte[] whole = first.add(bytes(0), true);
    room.give(null, whole.length);
    assertThat(third.add(bytes(LARGE), true)).hasSize(LARGE);
    room.give(null, LARGE);
    second.giveUp();
    second.giveUp();
    assertThat(room.taken()).isZero();
  }

  @Test
  void oneThatIsTooLargeTakesNothing() {
    Arriving small = new Arriving(LARGE, room, null);
    assertThat(small.add(bytes(LARGE), false)).isNull();
    assertThatThrownBy(() -> small.add(bytes(1), false)).isInstanceOf(ProtocolException.class);
    assertThat(room.taken()).isZero();
  }

  @Test
  void oneThatDribblesIsTooSlowAndOneThatWaitsForItsNextMessageIsNot() {
    Arriving one = connection();
    assertThat(one.isTooSlow(Instant.now().plusSeconds(3_600))).isFalse();
    one.add(bytes(40_960), false);
    assertThat(one.isTooSlow(Instant.now().plusSeconds(65))).isFalse();
    assertThat(one.isTooSlow(Instant.now().plusSeconds(75))).isTrue();
    one.add(bytes(1), true);
    assertThat(one.isTooSlow(Instant.now().plusSeconds(3_600))).isFalse();
  }

  @Test
  void oneUserHasAShareOfTheRoom() {
    ReceiveRoom large = new ReceiveRoom(40L * LARGE, LARGE);
    int taken = 0;
    for (RuntimeException refused = null; refused == null && taken < 40; taken++) {
      try {
        new Arriving(4 << 20, large, "mallory").add(bytes(LARGE), false);
      } catch (dev.rebasis.error.RebasisException e) {
        assertThat(e.code()).isEqualTo(ReceiveRoom.BUSY);
        refused = e;
      }
    }
    assertThat(taken).as("messages of one user").isBetween(10, 13);
    Arriving ann = new Arriving(4 << 20, large, "ann");
    assertThat(ann.add(bytes(LARGE), false)).isNull();
    ann.giveUp();
    // However large one message may be, a user can send it.
    ReceiveRoom small = new ReceiveRoom(4L * LARGE, 2L * LARGE);
    assertThat(new Arriving(4 << 20, small, "ann").add(bytes(2 * LARGE), false)).isNull();
  }
}
