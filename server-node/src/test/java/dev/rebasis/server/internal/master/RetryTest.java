package dev.rebasis.server.internal.master;

import dev.rebasis.executor.InlineExecutor;
import java.util.concurrent.Executor;

/** What is taken up again, on the embedded master. */
class RetryTest extends RetryContract {
  @Override
  MasterFixture fresh(Executor logOrWriter) {
    return MasterFixture.open(null, new MasterFixture.TestClock(), new InlineExecutor(), logOrWriter);
  }
}
