/** The loop that peeks, publishes and advances. It owns invariant I1. */
@NullMarked
package dev.pg2kinesis.relay;

import org.jspecify.annotations.NullMarked;
