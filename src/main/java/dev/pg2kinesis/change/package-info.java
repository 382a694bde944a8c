/** The vocabulary of change data capture: immutable values that depend on {@code java.*} alone. */
@NullMarked
package dev.pg2kinesis.change;

import org.jspecify.annotations.NullMarked;
