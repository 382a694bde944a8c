/**
 * The function: {@link dev.pg2kinesis.Handler} is what Lambda calls, {@link
 * dev.pg2kinesis.relay.Relay} is the loop that peeks, publishes and advances. {@code Rehearsal}
 * runs once in memory while Lambda starts the process.
 */
@NullMarked
package dev.pg2kinesis;

import org.jspecify.annotations.NullMarked;
