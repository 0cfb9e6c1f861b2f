package dev.rebasis.server.internal.master;

/** What is taken up again, on a Datomic database. */
class DatomicRetryTest extends RetryContract {
  @Override
  MasterFixture fresh() {
    return MasterFixture.datomic(MasterFixture.newUri());
  }
}
