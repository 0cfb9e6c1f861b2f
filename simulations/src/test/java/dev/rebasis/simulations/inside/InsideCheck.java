package dev.rebasis.simulations.inside;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * After every test: looks into each client that the test opened through {@link Opened} (a parameter of the test or of
 * its {@code @BeforeEach}), compares index and log, the four orders with each other, and the overlay with a naive
 * replay; closes everything; then looks for threads of the client, the server and H2, and for open files of any kind, that were
 * not there before. What it finds fails the test.
 *
 * <p>It looks at the whole process, so a test class that uses it must not run beside others in one process
 * and has to be {@link Alone}.
 */
public final class InsideCheck implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(InsideCheck.class);

  @Override
  public void beforeEach(ExtensionContext context) {
    if (!context.getTags().contains(Alone.TAG)) {
      throw new IllegalStateException(context.getRequiredTestClass() + " looks at its whole process: mark it @Alone");
    }
    context.getStore(NAMESPACE).put(ProcessLeaks.class, ProcessLeaks.now());
  }

  @Override
  public void afterEach(ExtensionContext context) {
    check(context.getStore(NAMESPACE).get(Opened.class, Opened.class),
        context.getStore(NAMESPACE).get(ProcessLeaks.class, ProcessLeaks.class));
  }

  /** What runs after a test; {@code opened} is null if it opened nothing. */
  static void check(Opened opened, ProcessLeaks before) {
    List<String> findings = new ArrayList<>();
    if (opened != null) {
      findings.addAll(opened.auditAndClose());
    }
    findings.addAll(before.since());
    if (!findings.isEmpty()) {
      throw new AssertionError("the inside is not in order after the test:\n  " + String.join("\n  ", findings));
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Opened.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context.getStore(NAMESPACE).computeIfAbsent(Opened.class, type -> new Opened(), Opened.class);
  }
}
