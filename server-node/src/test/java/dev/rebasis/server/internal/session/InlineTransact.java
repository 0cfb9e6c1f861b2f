package dev.rebasis.server.internal.session;

import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.server.internal.master.Master;
import java.util.List;

/** Transacts as a program beside the server does, and throws if it is refused. Stateless. */
final class InlineTransact {
  private InlineTransact() {}

  static void transact(InlineExecutor inline, Master master, String forms) {
    inline.execute(() -> master.transact((List<?>) Edn.read(forms), new Master.Answer<>() {
      @Override
      public void done(Master.Transacted transacted) {}

      @Override
      public void refused(RebasisException reason) {
        throw reason;
      }
    }));
  }
}
