package dev.rebasis.server.internal.master;

/** What is taken up again, on the embedded master. */
class RetryTest extends RetryContract {
  @Override
  MasterFixture fresh() {
    return MasterFixture.inMemory();
  }
}
