;; What a JVM loads that starts with Datomic: run by the build, which keeps the loaded classes in an archive (decision 0065).
(require '[datomic.api :as d])

(let [uri "datomic:mem://archive"
      _ (d/create-database uri)
      conn (d/connect uri)]
  @(d/transact conn [{:db/ident :item/name, :db/valueType :db.type/string, :db/cardinality :db.cardinality/one}])
  @(d/transact conn [{:item/name "first"}])
  (assert (= 1 (count (d/q '[:find ?e :where [?e :item/name "first"]] (d/db conn))))))

(d/shutdown true)
