package dev.rebasis.simulations.inside;

import dev.rebasis.client.SyncClient;
import dev.rebasis.client.internal.core.ClientCore;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one test has opened, to be looked into and closed after it. Confined to the test's thread.
 */
public final class Opened implements AutoCloseable {
  private final Map<String, SyncClient> clients = new LinkedHashMap<>();
  private final List<AutoCloseable> others = new ArrayList<>();
  private final List<String> findings = new ArrayList<>();
  private int watched;

  /**
   * Remembers a client.
   *
   * @param name what findings call it
   * @return the client
   */
  public SyncClient client(String name, SyncClient client) {
    clients.put(name, client);
    return client;
  }

  /**
   * Remembers a client that the test itself may close: it is looked into then, and else after the test.
   *
   * @param name what findings call it
   * @return the client to use; its {@code close} looks into it first
   */
  public SyncClient watched(String name, SyncClient client) {
    String key = name + " (" + ++watched + ")";
    clients.put(key, client);
    InvocationHandler handler = (proxy, method, arguments) -> {
      if (method.getName().equals("close")) {
        if (clients.remove(key) != null) {
          auditAndClose(key, client, findings);
        }
        return null;
      }
      try {
        return method.invoke(client, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    };
    return (SyncClient) Proxy.newProxyInstance(
        SyncClient.class.getClassLoader(), new Class<?>[] {SyncClient.class}, handler);
  }

  /** Remembers what has to be closed after the clients, such as a server. */
  public <T extends AutoCloseable> T closing(T resource) {
    others.add(resource);
    return resource;
  }

  /** Forgets a client, which the test closes itself. */
  public void forget(String name) {
    clients.remove(name);
  }

  /**
   * Looks into what is open and closes it. To close twice does nothing.
   *
   * @throws AssertionError if something is not in order
   */
  @Override
  public void close() {
    List<String> findings = auditAndClose();
    if (!findings.isEmpty()) {
      throw new AssertionError(String.join("\n", findings));
    }
  }

  List<String> auditAndClose() {
    List<String> findings = new ArrayList<>(this.findings);
    this.findings.clear();
    clients.forEach((name, client) -> auditAndClose(name, client, findings));
    clients.clear();
    for (int i = others.size() - 1; i >= 0; i--) {
      try {
        others.get(i).close();
      } catch (Exception e) {
        findings.add("closing " + others.get(i) + " failed: " + e);
      }
    }
    others.clear();
    return findings;
  }

  private static void auditAndClose(String name, SyncClient client, List<String> findings) {
    try {
      ((ClientCore) client).audit().forEach(finding -> findings.add(name + ": " + finding));
    } catch (RuntimeException e) {
      findings.add(name + ": cannot be looked into: " + e);
    } finally {
      client.close();
    }
  }
}
