package dev.rebasis.server.internal.master;

/** What becomes of transactions pushed to a master over a Datomic URI. */
class DatomicPushTest extends PushContract {
  @Override
  MasterFixture fresh() {
    return MasterFixture.datomic(MasterFixture.newUri());
  }
}
