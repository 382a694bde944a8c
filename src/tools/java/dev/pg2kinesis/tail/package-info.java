/** A consumer to look at a stream with: {@code scripts/tail}. */
@NullMarked
package dev.pg2kinesis.tail;

import org.jspecify.annotations.NullMarked;
