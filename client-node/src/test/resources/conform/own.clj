;; The functions of OwnFunctions.java, for Datomic: queries and pulls of generated cases call them on both sides.
(ns conform.own)

(def twice (dev.rebasis.client.conform.OwnFunctions/ofClojure "twice"))
(def small? (dev.rebasis.client.conform.OwnFunctions/ofClojure "small?"))
(def shout (dev.rebasis.client.conform.OwnFunctions/ofClojure "shout"))
(def parts (dev.rebasis.client.conform.OwnFunctions/ofClojure "parts"))
(def steps (dev.rebasis.client.conform.OwnFunctions/ofClojure "steps"))
(def even-only (dev.rebasis.client.conform.OwnFunctions/ofClojure "even-only"))
(def spread (dev.rebasis.client.conform.OwnFunctions/ofClojure "spread"))
(def weighed (dev.rebasis.client.conform.OwnFunctions/ofClojure "weighed"))
(def size (dev.rebasis.client.conform.OwnFunctions/ofClojure "size"))
