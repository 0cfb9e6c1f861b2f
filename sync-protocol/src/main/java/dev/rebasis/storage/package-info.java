/** How both nodes open their H2 databases: the one place that says it. Strings only. */
package dev.rebasis.storage;
