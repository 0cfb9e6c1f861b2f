package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Datom;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Goal: a footprint names all that a decision depends on, and no more than it should. Method: of every operation the
 * patterns stand in small-space-footprints.txt, which a reviewer reads; and for every pair of operations, if what the others did
 * falls under no pattern, the decision must be the same as without it. Rewrite the file with
 * {@code -Drebasis.golden.write=true}.
 */
class SmallSpaceFootprintTest {
  private static final String FILE = "small-space-footprints.txt";

  @Test
  void whatMissesTheFootprintChangesNoDecision() {
    TestDatabase start = SmallSpace.database();
    List<String> operations = SmallSpace.allOperations();
    List<Intent> intents = new ArrayList<>();
    List<Decision> decisions = new ArrayList<>();
    for (String operation : operations) {
      intents.add(start.intent(SmallSpace.named(operation, start), start.basisT()));
      decisions.add(start.decide(intents.get(intents.size() - 1)));
    }
    int missed = 0;
    for (String remote : operations) {
      TestDatabase db = new TestDatabase(start);
      db.tryRemote(SmallSpace.named(remote, start));
      Set<FootprintKey> changed = changed(db, start.history().size());
      for (int i = 0; i < intents.size(); i++) {
        if (decisions.get(i).footprint().reads().stream().noneMatch(changed::contains)) {
          assertThat(db.decide(intents.get(i))).as("%s here, %s there", operations.get(i), remote)
              .isEqualTo(decisions.get(i));
          missed++;
        }
      }
    }
    assertThat(missed).isBetween(5_000, operations.size() * operations.size() - 2_000);
  }

  private static Set<FootprintKey> changed(TestDatabase db, int from) {
    List<FootprintKey> changed = new ArrayList<>();
    for (Datom datom : db.history().subList(from, db.history().size())) {
      Footprint.patternsOf(datom, db.now().schema().attribute(datom.a()).isRef(), changed::add);
    }
    return Set.copyOf(changed);
  }

  @Test
  void everyOperationHasTheseFootprints() throws IOException {
    List<String> actual = new ArrayList<>();
    TestDatabase db = SmallSpace.database();
    for (String operation : SmallSpace.allOperations()) {
      Decision decision = db.decide(SmallSpace.named(operation, db));
      actual.add(operation);
      actual.add("  reads  " + shown(decision.footprint().reads(), db));
      actual.add("  writes " + shown(decision.footprint().writes(), db));
      actual.add("  needs  " + shown(decision.needs(), db));
      assertThat(decision.footprint().reads()).containsAll(decision.footprint().writes());
    }
    if (Boolean.getBoolean("rebasis.golden.write")) {
      Path file = Path.of("src/test/resources/dev/rebasis/conflict").resolve(FILE);
      Files.writeString(file, String.join("\n", actual) + "\n", StandardCharsets.UTF_8);
      return;
    }
    try (InputStream in = SmallSpaceFootprintTest.class.getResourceAsStream(FILE)) {
      assertThat(actual).isEqualTo(new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
    }
  }

  private static String shown(Set<FootprintKey> keys, TestDatabase db) {
    Set<String> shown = new TreeSet<>();
    for (FootprintKey key : keys) {
      if (key instanceof FootprintKey.EntityAttribute place) {
        shown.add("(" + entity(place.e(), db) + " " + db.now().schema().ident(place.a()) + ")");
      } else if (key instanceof FootprintKey.Entity entity) {
        shown.add("(" + entity(entity.e(), db) + " *)");
      } else if (key instanceof FootprintKey.AttributeOnly attribute) {
        shown.add("(* " + db.now().schema().ident(attribute.a()) + ")");
      } else if (key instanceof FootprintKey.AttributeValue value) {
        shown.add("(" + db.now().schema().ident(value.a()) + " = " + Edn.write(value.v()) + ")");
      } else {
        shown.add("(-> " + entity(((FootprintKey.Reference) key).v(), db) + ")");
      }
    }
    return String.join(" ", shown);
  }

  private static String entity(long e, TestDatabase db) {
    if (e < 0) {
      return "new";
    }
    return List.of("A", "B", "C", "P", "M").stream().filter(key -> db.entity(":s/key", key) == e).findFirst()
        .orElseGet(() -> String.valueOf(db.now().schema().ident(e)));
  }
}
