/**
 * The function: {@link dev.pg2kinesis.Handler} is what Lambda calls, {@link
 * dev.pg2kinesis.relay.Relay} is the loop that peeks, publishes and advances.
 */
@NullMarked
package dev.pg2kinesis;

import org.jspecify.annotations.NullMarked;
