package dev.rebasis.simulations.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.rebasis.offender.Offender;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Holds what design and style ask of the code's structure: one direction of dependency between the modules, and no
 * clock, random source, thread or socket below the wiring. Method: the compiled classes of all modules are read by
 * ArchUnit; the rules that ban calls are also run against a class that breaks them, so that they are known to bite.
 */
class ArchitectureTest {
  private static final JavaClasses MAIN = new ClassFileImporter()
      .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
      .importPackages("dev.rebasis");

  private static final String[] PROTOCOL = {
    "dev.rebasis.data..", "dev.rebasis.edn..", "dev.rebasis.error..", "dev.rebasis.executor..", "dev.rebasis.protocol..",
    "dev.rebasis.storage.."
  };
  /** The one package of sync-protocol that does I/O: both stores need it, see docs/decisions/0003. */
  private static final String JOURNAL = "dev.rebasis.journal..";
  private static final String CONFLICT = "dev.rebasis.conflict..";
  private static final String CLIENT = "dev.rebasis.client..";
  private static final String SERVER = "dev.rebasis.server..";
  private static final String SIMULATIONS = "dev.rebasis.simulations..";

  /** Where clock, randomness, threads and sockets may be touched. */
  private static final String[] WIRING = {
    "dev.rebasis.client.wiring..", "dev.rebasis.server.wiring..", "dev.rebasis.server.cli..", SIMULATIONS
  };

  @Test
  void everyModuleIsSeen() {
    assertThat(MAIN).anyMatch(c -> c.getPackageName().startsWith("dev.rebasis.data"));
    assertThat(MAIN).anyMatch(c -> c.getPackageName().startsWith("dev.rebasis.conflict"));
    assertThat(MAIN).anyMatch(c -> c.getPackageName().startsWith("dev.rebasis.journal"));
    assertThat(MAIN).anyMatch(c -> c.getPackageName().startsWith("dev.rebasis.client"));
    assertThat(MAIN).anyMatch(c -> c.getPackageName().startsWith("dev.rebasis.server"));
    assertThat(MAIN).anyMatch(c -> c.getPackageName().startsWith("dev.rebasis.simulations"));
  }

  @Test
  void protocolDependsOnNoOtherModule() {
    noClasses().that().resideInAnyPackage(PROTOCOL)
        .should().dependOnClassesThat().resideInAnyPackage(CONFLICT, CLIENT, SERVER, SIMULATIONS).check(MAIN);
  }

  @Test
  void conflictDependsOnlyOnProtocol() {
    noClasses().that().resideInAPackage(CONFLICT)
        .should().dependOnClassesThat().resideInAnyPackage(CLIENT, SERVER, SIMULATIONS).check(MAIN);
  }

  @Test
  void clientAndServerDoNotKnowEachOther() {
    noClasses().that().resideInAPackage(CLIENT)
        .should().dependOnClassesThat().resideInAnyPackage(SERVER, SIMULATIONS).check(MAIN);
    noClasses().that().resideInAPackage(SERVER)
        .should().dependOnClassesThat().resideInAnyPackage(CLIENT, SIMULATIONS).check(MAIN);
  }

  @Test
  void theClientHoldsNoDatomicAndNoClojure() {
    noClasses().that().resideOutsideOfPackages(SERVER, SIMULATIONS)
        .should().dependOnClassesThat().resideInAnyPackage("datomic..", "clojure..").check(MAIN);
  }

  @Test
  void pureModulesDoNoIo() {
    noClasses().that().resideInAnyPackage(PROTOCOL).or().resideInAPackage(CONFLICT)
        .should().dependOnClassesThat()
        .resideInAnyPackage("java.nio.file..", "java.nio.channels..", "java.net.http..", "java.sql..", "org.h2..",
            "okhttp3..", "org.eclipse.jetty..", "java.util.concurrent.locks..")
        .check(MAIN);
  }

  @Test
  void onlyTheStoresUseTheJournal() {
    classes().that().resideInAPackage(JOURNAL)
        .should().onlyBeAccessed().byAnyPackage(JOURNAL, CLIENT, SERVER, SIMULATIONS).check(MAIN);
    noClasses().that().resideInAPackage(JOURNAL)
        .should().dependOnClassesThat().resideInAnyPackage(CONFLICT, CLIENT, SERVER, SIMULATIONS).check(MAIN);
  }

  @Test
  void onlyTheWiringTouchesClockRandomnessAndThreads() {
    noAmbientEffects().check(MAIN);
  }

  @Test
  void onlyTheWiringTouchesSockets() {
    noClasses().that().resideOutsideOfPackages(WIRING)
        .should().dependOnClassesThat()
        .resideInAnyPackage("okhttp3..", "org.eclipse.jetty..", "java.net.http..", "java.nio.channels.spi..")
        .check(MAIN);
  }

  @Test
  void theBanBitesOnAClassThatBreaksIt() {
    JavaClasses offenders = new ClassFileImporter().importClasses(Offender.class);
    assertThatThrownBy(() -> noAmbientEffects().check(offenders))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("currentTimeMillis")
        .hasMessageContaining("randomUUID")
        .hasMessageContaining("Thread");
  }

  @Test
  void internalPackagesAreUsedOnlyByTheirOwnModuleAndTheSimulations() {
    classes().that().resideInAPackage("dev.rebasis.client.internal..")
        .should().onlyBeAccessed().byAnyPackage(CLIENT, SIMULATIONS).check(MAIN);
    classes().that().resideInAPackage("dev.rebasis.server.internal..")
        .should().onlyBeAccessed().byAnyPackage(SERVER, SIMULATIONS).check(MAIN);
  }

  private static ArchRule noAmbientEffects() {
    return noClasses().that().resideOutsideOfPackages(WIRING)
        .should().accessTargetWhere(describe("it is a clock, a random source or a thread", ArchitectureTest::isAmbient))
        .because("sync logic takes time, randomness and threads through interfaces, so that simulations can replay it;"
            + " take a Clock, a UUID supplier or an Executor as a parameter and wire it in a wiring package");
  }

  private static final Set<String> BANNED_CALLS = Set.of(
      "java.lang.System.currentTimeMillis", "java.lang.System.nanoTime", "java.time.Instant.now",
      "java.util.UUID.randomUUID", "java.lang.Math.random", "java.lang.Thread.sleep", "java.lang.Thread.<init>",
      "java.lang.Thread.start", "java.util.Random.<init>", "java.security.SecureRandom.<init>",
      "java.util.concurrent.ThreadLocalRandom.current", "java.time.LocalDateTime.now", "java.time.ZonedDateTime.now",
      "java.time.Clock.systemUTC", "java.time.Clock.systemDefaultZone", "java.util.Timer.<init>");

  private static boolean isAmbient(JavaAccess<?> access) {
    JavaClass owner = access.getTargetOwner();
    String target = owner.getName() + "." + access.getTarget().getName();
    boolean dateOfNow = access.getTarget().getFullName().equals("java.util.Date.<init>()");
    boolean pool = owner.getName().equals("java.util.concurrent.Executors");
    return BANNED_CALLS.contains(target) || dateOfNow || pool;
  }
}
