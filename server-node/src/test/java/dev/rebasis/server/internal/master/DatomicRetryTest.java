package dev.rebasis.server.internal.master;

import dev.rebasis.executor.InlineExecutor;
import java.util.concurrent.Executor;

/** What is taken up again, on a Datomic database. */
class DatomicRetryTest extends RetryContract {
  @Override
  MasterFixture fresh(Executor logOrWriter) {
    return MasterFixture.datomic(MasterFixture.newUri(), new InlineExecutor(), logOrWriter);
  }
}
