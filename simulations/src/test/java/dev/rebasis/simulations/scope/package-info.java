/** Clients with scopes in virtual worlds. */
package dev.rebasis.simulations.scope;
