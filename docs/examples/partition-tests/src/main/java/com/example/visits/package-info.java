/**
 * What the program registers with Rebasis: schema, policy and transaction function, the same on clients and server. No
 * connection and no screen lives here, so that simulations run it as it is.
 */
package com.example.visits;
