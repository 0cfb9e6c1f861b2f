package dev.rebasis.simulations.sim;

import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.master.PushLine;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** A sabotage that sits between the server's sessions and its master, and alters what is pushed and answered. */
abstract class BadMaster implements Sabotage {
  /** What is decided in the place of an intent: as a rule itself, none, or several. */
  List<Intent> decide(Intent intent, Master master) {
    return List.of(intent);
  }

  /** The number that a client is told. */
  long number(long number) {
    return number;
  }

  /** What is answered for an intent that was not decided; null leaves it without an answer. */
  PushOutcome answer(Intent intent, Master master) {
    return null;
  }

  /** What a program beside the server has committed in the place of its forms. */
  List<?> forms(List<?> forms) {
    return forms;
  }

  /** The server has opened its log. */
  void opened(Master master) { }

  @Override
  public final Master master(Master real) {
    opened(real);
    return (Master) Proxy.newProxyInstance(Master.class.getClassLoader(), new Class<?>[] {Master.class},
        (proxy, method, arguments) -> {
          if (method.getName().equals("push")) {
            push((Master.Push) arguments[0], real);
            return null;
          } else if (method.getName().equals("clientNumber")) {
            real.clientNumber((UUID) arguments[0], numbered(arguments[1]));
            return null;
          } else if (method.getName().equals("transact")) {
            arguments[0] = forms((List<?>) arguments[0]);
          }
          try {
            return method.invoke(real, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }

  @SuppressWarnings("unchecked")
  private Master.Answer<Long> numbered(Object answer) {
    Master.Answer<Long> to = (Master.Answer<Long>) answer;
    return new Master.Answer<>() {
      @Override
      public void done(Long given) {
        to.done(number(given));
      }

      @Override
      public void refused(RebasisException reason) {
        to.refused(reason);
      }
    };
  }

  private void push(Master.Push push, Master real) {
    List<Intent> decided = new ArrayList<>();
    List<PushOutcome> made = new ArrayList<>();
    Set<UUID> asked = new HashSet<>();
    for (Intent intent : push.intents()) {
      asked.add(intent.id());
      List<Intent> instead = decide(intent, real);
      decided.addAll(instead);
      PushOutcome answer = instead.isEmpty() ? answer(intent, real) : null;
      if (answer != null) {
        made.add(answer);
      }
    }
    if (!made.isEmpty()) {
      push.decided(made);
    }
    if (!decided.isEmpty()) {
      real.push(new Altered(push, decided, asked));
    }
  }

  /** Answers for what was asked, and for nothing else. */
  private record Altered(Master.Push real, List<Intent> intents, Set<UUID> asked) implements Master.Push {
    @Override
    public long client() {
      return real.client();
    }

    @Override
    public String user() {
      return real.user();
    }

    @Override
    public Map<Long, Long> known() {
      return real.known();
    }

    @Override
    public PushLine line() {
      return real.line();
    }

    @Override
    public UUID token() {
      return real.token();
    }

    @Override
    public UUID formerToken() {
      return real.formerToken();
    }

    @Override
    public void decided(List<PushOutcome> outcomes) {
      List<PushOutcome> wanted = outcomes.stream().filter(outcome -> asked.contains(outcome.id())).toList();
      if (!wanted.isEmpty()) {
        real.decided(wanted);
      }
    }

    @Override
    public void refused(RebasisException reason) {
      real.refused(reason);
    }
  }
}
