package dev.rebasis.simulations.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.rebasis.offender.Offender;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Holds what design and style ask of the code's structure: one direction of dependency between the modules, and no
 * clock, random source, thread or socket below the wiring. Method: the compiled classes of all modules are read by
 * ArchUnit; the rules that ban calls and I/O are also run against a class that breaks them, so that they are known to bite.
 */
class ArchitectureTest {
  private static final JavaClasses MAIN = new ClassFileImporter()
      .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
      .importPackages("dev.rebasis");

  private static final String[] PROTOCOL = {
    "dev.rebasis.data..", "dev.rebasis.digest..", "dev.rebasis.edn..", "dev.rebasis.error..", "dev.rebasis.executor..",
    "dev.rebasis.protocol..", "dev.rebasis.storage.."
  };
  /** The one package of sync-protocol that does I/O: both stores need it, see docs/decisions/0003. */
  private static final String JOURNAL = "dev.rebasis.journal..";
  private static final String CONFLICT = "dev.rebasis.conflict..";
  private static final String CLIENT = "dev.rebasis.client..";
  private static final String SERVER = "dev.rebasis.server..";
  private static final String QUERIES = "dev.rebasis.server.internal.master.DatomicQuery";
  private static final String SIMULATIONS = "dev.rebasis.simulations..";

  /** Where clock, randomness, threads and sockets may be touched. */
  private static final String[] WIRING = {
    "dev.rebasis.client.wiring..", "dev.rebasis.server.wiring..", "dev.rebasis.server.cli..", SIMULATIONS
  };

  /** The logic between the wire and the stores: it sees messages, log entries and datoms, never a file or a connection. */
  private static final String[] LOGIC = {
    "dev.rebasis.client.internal.sync..", "dev.rebasis.client.internal.rebase..", "dev.rebasis.client.internal.query..",
    "dev.rebasis.client.internal.pull..", "dev.rebasis.client.internal.db..", "dev.rebasis.server.internal.session..",
    "dev.rebasis.server.internal.scope.."
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
  void everyPackageIsUnderARule() {
    String[] known = Stream.of(PROTOCOL, new String[] {JOURNAL, CONFLICT, CLIENT, SERVER, SIMULATIONS})
        .flatMap(Stream::of).toArray(String[]::new);
    classes().should().resideInAnyPackage(known)
        .because("a package that no rule names is held by none; add it to PROTOCOL, or give it a rule of its own")
        .check(MAIN);
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
    noIo(PROTOCOL).check(MAIN);
    noIo(CONFLICT).check(MAIN);
  }

  @Test
  void logicDoesNoIo() {
    noIo(LOGIC).check(MAIN);
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
  void onlyWhoIsGivenATimeLimitAsksDatomicQueries() {
    noClasses().that().resideInAPackage(SERVER)
        .and().doNotHaveFullyQualifiedName(QUERIES)
        .should().dependOnClassesThat().haveFullyQualifiedName("datomic.QueryRequest")
        .because("Datomic gives queries with a limit up by the machine's clock; ask through DatomicQuery, with a limit that"
            + " comes from the wiring")
        .check(MAIN);
    noClasses().that().resideInAPackage(SERVER)
        .and().doNotHaveFullyQualifiedName("dev.rebasis.server.internal.master.ServerPremises")
        .and().doNotHaveFullyQualifiedName("dev.rebasis.server.internal.scope.EntityQuery")
        // A page for operators, which decides nothing.
        .and().doNotHaveFullyQualifiedName("dev.rebasis.server.internal.master.ServerQuery")
        .should().dependOnClassesThat().haveFullyQualifiedName(QUERIES)
        .because("these take their limit from a Guard or a QueryTime: endless in simulations, where a pause of the machine"
            + " must not change an outcome; take yours from there and add the class here")
        .check(MAIN.that(describe("are not it", each -> !each.getName().equals(QUERIES))));
  }

  @Test
  void onlyTheWiringTouchesSockets() {
    noClasses().that().resideOutsideOfPackages(WIRING)
        .should().dependOnClassesThat()
        .resideInAnyPackage("okhttp3..", "org.eclipse.jetty..", "java.net.http..", "java.nio.channels.spi..")
        .check(MAIN);
  }

  @Test
  void theBansBiteOnAClassThatBreaksThem() {
    JavaClasses offenders = new ClassFileImporter().importClasses(Offender.class);
    AssertionError effects = catchThrowableOfType(AssertionError.class, () -> noAmbientEffects().check(offenders));
    assertThat(effects).hasMessageContainingAll("currentTimeMillis", "randomUUID", "java.lang.Thread.<init>",
        "java.util.Date.<init>", "LocalDate.now", "Executors.newCachedThreadPool", "ThreadPoolExecutor.<init>",
        "ForkJoinPool.commonPool", "supplyAsync", "orTimeout", "parallelStream", "Stream.parallel()");
    AssertionError io = catchThrowableOfType(AssertionError.class, () -> noIo("dev.rebasis.offender..").check(offenders));
    assertThat(io).hasMessageContainingAll("java.io.FileReader", "java.io.File)", "java.net.Socket", "java.nio.file.Path",
        "java.sql.DriverManager");
    assertThat(io.getMessage()).as("a value, not a connection").doesNotContain("java.net.URI");
  }

  @Test
  void internalPackagesAreUsedOnlyByTheirOwnModuleAndTheSimulations() {
    classes().that().resideInAPackage("dev.rebasis.client.internal..")
        .should().onlyBeAccessed().byAnyPackage(CLIENT, SIMULATIONS).check(MAIN);
    classes().that().resideInAPackage("dev.rebasis.server.internal..")
        .should().onlyBeAccessed().byAnyPackage(SERVER, SIMULATIONS).check(MAIN);
  }

  /** That the classes of these packages read and write no file, no socket and no database. */
  private static ArchRule noIo(String... packages) {
    return noClasses().that().resideInAnyPackage(packages)
        .should().dependOnClassesThat(describe("do I/O or hold locks", ArchitectureTest::isIo))
        .because("what decides takes bytes and gives bytes, so that simulations can put any disk and network under it");
  }

  private static final List<String> IO_PACKAGES = List.of(
      "java.nio.file", "java.nio.channels", "java.net", "java.sql", "javax.sql", "javax.net", "org.h2", "okhttp3", "okio",
      "org.eclipse.jetty", "com.sun.net.httpserver", "java.util.concurrent.locks");
  /** An URI is a value of Datomic's, and only text. */
  private static final Set<String> VALUES = Set.of("java.net.URI", "java.net.URISyntaxException");

  private static boolean isIo(JavaClass used) {
    String name = used.getName();
    return !VALUES.contains(name)
        && (name.startsWith("java.io.File") || name.equals("java.io.RandomAccessFile") || name.equals("java.io.Console")
            || IO_PACKAGES.stream().anyMatch(pack ->
                used.getPackageName().equals(pack) || used.getPackageName().startsWith(pack + ".")));
  }

  private static ArchRule noAmbientEffects() {
    return noClasses().that().resideOutsideOfPackages(WIRING)
        .should().accessTargetWhere(describe("it is a clock, a random source or a thread", ArchitectureTest::isAmbient))
        .because("sync logic takes time, randomness and threads through interfaces, so that simulations can replay it;"
            + " take a Clock, a UUID supplier or an Executor as a parameter and wire it in a wiring package");
  }

  private static final Set<String> BANNED_CALLS = Set.of(
      "java.lang.System.currentTimeMillis", "java.lang.System.nanoTime", "java.util.UUID.randomUUID",
      "java.lang.Math.random", "java.lang.Thread.sleep", "java.lang.Thread.<init>", "java.lang.Thread.start",
      "java.util.Random.<init>", "java.security.SecureRandom.<init>",
      "java.util.concurrent.ThreadLocalRandom.current", "java.time.Clock.systemUTC", "java.time.Clock.systemDefaultZone",
      "java.util.Timer.<init>", "java.util.Calendar.getInstance", "java.util.concurrent.ThreadPoolExecutor.<init>",
      "java.util.concurrent.ScheduledThreadPoolExecutor.<init>", "java.util.concurrent.ForkJoinPool.<init>",
      "java.util.concurrent.ForkJoinPool.commonPool", "java.util.concurrent.CompletableFuture.orTimeout",
      "java.util.concurrent.CompletableFuture.completeOnTimeout",
      "java.util.concurrent.CompletableFuture.delayedExecutor");

  private static boolean isAmbient(JavaAccess<?> access) {
    JavaClass owner = access.getTargetOwner();
    String method = access.getTarget().getName();
    String name = owner.getName();
    boolean dateOfNow = access.getTarget().getFullName().equals("java.util.Date.<init>()");
    boolean seedOfNow = access.getTarget().getFullName().equals("java.util.SplittableRandom.<init>()");
    boolean timeOfNow = owner.getPackageName().equals("java.time") && method.equals("now");
    boolean pool = name.equals("java.util.concurrent.Executors");
    // Without an executor of the caller's they run on the common pool.
    boolean async = name.startsWith("java.util.concurrent.Complet") && method.endsWith("Async");
    boolean parallel = method.equals("parallelStream")
        || name.startsWith("java.util.stream.") && method.equals("parallel");
    return BANNED_CALLS.contains(name + "." + method) || dateOfNow || seedOfNow || timeOfNow || pool || async || parallel;
  }
}
